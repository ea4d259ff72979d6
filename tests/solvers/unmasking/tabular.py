"""Models of text whose conditionals are known: tables in float64."""

from __future__ import annotations

import torch
from torch import Tensor

CPU = torch.device("cpu")


class Pairs:
    """Independent copies of one joint (V, V) over two tokens, side by side in one window: tokens 2b and 2b + 1, or with
    `apart` b and b + L / 2, are a pair. Each position's logits are the exact conditional given the other of its pair,
    the marginal where that is masked. One film is so many independent draws."""

    kind, device = "masked", CPU

    def __init__(self, joint: Tensor, apart: bool = False) -> None:
        self.joint, self.apart = joint, apart
        self.mask = len(joint)

    def pairs(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        half = len(ids) // 2
        return (ids[:half], ids[half:]) if self.apart else (ids[0::2], ids[1::2])

    def time_of(self, share: float) -> float:
        return 1 - share

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        one, other = self.pairs(ids[0])
        of_first = torch.cat((self.joint.T, self.joint.sum(1)[None]))[other]
        of_second = torch.cat((self.joint, self.joint.sum(0)[None]))[one]
        both = (of_first, of_second)
        out = torch.cat(both) if self.apart else torch.stack(both, 1).flatten(0, 1)
        return out.log()[None]


class Chained:
    """A Markov chain over L tokens, p(x_1) = start and p(x_{i+1} | x_i) = step, `kind` as wished. Masked: exact
    conditionals given all tokens in sight, by forward and backward sums. Autoregressive: given those before."""

    device = CPU

    def __init__(self, start: Tensor, step: Tensor, kind: str = "masked") -> None:
        self.start, self.step, self.kind = start, step, kind
        self.mask = len(start) if kind == "masked" else None
        self.calls = 0

    def time_of(self, share: float) -> float:
        return 1 - share

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        self.calls += 1
        row, tokens = ids[0], len(self.start)
        seen = torch.ones((len(row), tokens), dtype=torch.float64)
        known = (row < tokens) & (row >= 0)
        seen[known] = torch.nn.functional.one_hot(row[known], tokens).double()
        forward, backward = torch.empty_like(seen), torch.ones_like(seen)
        message = self.start
        for i in range(len(row)):
            forward[i] = message
            message = (message * seen[i]) @ self.step
        if self.kind == "masked":
            for i in range(len(row) - 2, -1, -1):
                backward[i] = self.step @ (seen[i + 1] * backward[i + 1])
        return (forward * backward).log()[None]


class Noisy:
    """p(x_0 | x_t) of the uniform chain for independent tokens of law `p` (V,), by Bayes' rule: exact at any time."""

    kind, device, mask = "uniform", CPU, None

    def __init__(self, p: Tensor) -> None:
        self.p = p

    def time_of(self, share: float) -> float:
        return 1 - share

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        assert t is not None
        keep, tokens = t[0].double(), len(self.p)
        here = torch.nn.functional.one_hot(ids[0], tokens).double()
        return (self.p * (keep * here + (1 - keep) / tokens)).log()[None]


def chain(kind: str = "masked", tokens: int = 5, seed: int = 0) -> Chained:
    """A chain of random tables."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.rand(tokens, generator=generator, dtype=torch.float64)
    step = torch.rand((tokens, tokens), generator=generator, dtype=torch.float64) ** 3
    return Chained(start / start.sum(), step / step.sum(1, keepdim=True), kind)
