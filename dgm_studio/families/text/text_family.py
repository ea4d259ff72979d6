"""What every family of text is: a network that gives a distribution over tokens at each position of a window."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, pad

from dgm_studio.core.unmasking import AUTOREGRESSIVE, MASKED, UNIFORM, Unmasking
from dgm_studio.data.text.vocabulary import LETTERS, Vocabulary
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.token_costs import idle_of
from dgm_studio.nets.token_net import TokenNet
from dgm_studio.paths.categorical.schedules import noised_rate
from dgm_studio.solvers.solver import State
from dgm_studio.solvers.unmasking import TokenFilm, advance_together


class TextFamily(Family):
    """A family over windows (n, L) of token ids 0 .. V - 1, L = `length` = `dim`, V = design.vocabulary.

    Fit.points are int32 windows (n, L); -1 is a word outside the vocabulary, read as pure noise and never a target. The
    vocabulary travels in the state dict as bytes, so that a checkpoint alone can write and read its tokens; rows that
    no token uses are empty, and their logits are minus infinity. `mask` is V where the family knows masks. Losses are
    in nats per token.
    """

    takes: ClassVar[str] = "text"
    kind: ClassVar[str]
    Sampling = Unmasking
    spelling: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.register_buffer("spelling", torch.empty((design.vocabulary, LETTERS), dtype=torch.uint8))
        self.net = TokenNet(
            design.vocabulary, dim, design.width, design.layers, design.network,
            causal=self.kind == AUTOREGRESSIVE, timed=self.kind == UNIFORM,
        )  # fmt: skip

    def fill(self, generator: torch.Generator) -> None:
        """No token until `begin`; nothing random, `generator` is not used."""
        self.spelling.zero_()

    @property
    def data_dtype(self) -> torch.dtype:
        """Token ids."""
        return torch.int32

    @property
    def length(self) -> int:
        """L, the positions of a window."""
        return self.dim

    @property
    def noise(self) -> int:
        """V, the id after the real tokens: the mask, or what stands before the first token."""
        return int(self.design.vocabulary)

    @property
    def mask(self) -> int | None:
        """The id that says "masked", where the family knows it."""
        return self.noise if self.kind == MASKED else None

    @property
    def count(self) -> int:
        """How many tokens there are, at most V; they are the first ids."""
        return int(self.spelling[:, 0].count_nonzero())

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens, read from the state dict."""
        return Vocabulary.from_bytes(self.design.tokens, self.spelling.cpu().numpy())

    @torch.no_grad()
    def begin(self, vocabulary: Vocabulary, points: Tensor) -> None:
        """Take these tokens, and for the first guess log((count + 1/2) / total) of each in windows points (n, L)."""
        self.spelling.copy_(torch.from_numpy(vocabulary.to_bytes(self.noise)))
        counts = torch.bincount(points[points >= 0].long(), minlength=self.noise) + 0.5
        self.net.bias.copy_((counts / counts.sum()).log())

    @abstractmethod
    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of the clean token at each position (n, L, V) from ids (n, L); t in [0, 1] (n,), 1 is clean, for a chain
        whose network must be told the time (uniform). An autoregressive family's row i sees only ids before i."""

    def read_out(self, features: Tensor) -> Tensor:
        """Logits (..., V) of features (..., d), minus infinity where there is no token."""
        count = self.count
        return pad(self.net.read_out(features, count), (0, self.noise - count), value=-torch.inf)

    def nats(self, features: Tensor, targets: Tensor) -> Tensor:
        """-log p (m,) of the targets (m,), all tokens, from features (m, d)."""
        return cross_entropy(self.net.read_out(features, self.count), targets, reduction="none")

    @abstractmethod
    def judged(self, windows: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Sum and count (2,) of the cross-entropies of noised tokens in held-out windows (n, L), in nats: by the share
        that is noised ("15% masked"), where the family reads noised text, else of the next token."""

    @abstractmethod
    def bound(self, windows: Tensor, generator: torch.Generator) -> Tensor:
        """-log p (n,), or one draw of its upper bound -ELBO, summed over the known tokens of windows (n, L), nats."""

    def rate(self, fit: Fit) -> float:
        """The learning rate of the step under way."""
        return float(fit.training.rate(fit.step))

    def time_of(self, share: float) -> float:
        """t at which `share` of the tokens is noised on average, found by bisection where there is a schedule: the
        noised share rises with u = 1 - t."""
        schedule = getattr(self.design, "schedule", None)
        if schedule is None or share in (0.0, 1.0):
            return 1 - share
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = 0.5 * (low + high)
            noised = float(noised_rate(schedule, torch.tensor(middle, dtype=torch.float64)))
            low, high = (middle, high) if noised < share else (low, middle)
        return 1 - low

    def idle(self, training: Any) -> Mapping[str, str]:
        """Which knobs of Unmasking a chain without masks has no use for."""
        return idle_of(self.kind)

    # Sampling: one token film for each window.

    def frames(self, sampling: Any) -> int:
        """How many states a walk has at most; an order may end earlier."""
        start = torch.zeros(self.length, dtype=torch.int64)
        return TokenFilm(self, sampling, start, torch.zeros_like(start, dtype=torch.bool), 0).most + 1

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Ids (n, L) of positions that are all to be written; what noise a chain begins with its film draws."""
        return torch.full((n, self.length), self.noise, device=generator.device)

    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Ids (n, L) step by step, every window a film of its own (solvers.unmasking) with all positions to be written.

        A film that has ended waits for the others.
        """
        seeds = torch.randint(2**31, (len(start),), generator=generator, device=generator.device).tolist()
        free = torch.zeros(self.length, dtype=torch.bool)
        films = [
            TokenFilm(self, sampling, row.cpu().long(), free, seed) for row, seed in zip(start, seeds, strict=True)
        ]
        total, calls, going = max(film.most for film in films), 0, True
        while going:
            ids = torch.stack([film.now.ids for film in films]).to(start.device)
            yield State(min(1.0, len(films[0].moments) / (total + 1)), ids, evaluations=calls)
            going = advance_together(films, lambda ids, t, which: self.logits(ids, t)) > 0
            calls = sum(film.now.told.calls for film in films)
