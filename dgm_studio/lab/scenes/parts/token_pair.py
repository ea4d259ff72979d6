"""A known joint over two tokens, restored from two masks: by K equal steps, or one token after the other."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.unmasking import ANCESTRAL, LEFT_TO_RIGHT, MASKED, Unmasking
from dgm_studio.solvers.unmasking import TokenFilm

COUPLED = {
    "cities": ((0.6, 0.0), (0.0, 0.4)),
    "xor": ((0.0, 0.5), (0.5, 0.0)),
    "animals": ((0.5, 0.0, 0.0), (0.0, 0.3, 0.0), (0.0, 0.0, 0.2)),
    "independent": ((0.42, 0.18), (0.28, 0.12)),
}
"""Joints by name at full strength, [first token, second token]."""
WORDS = {
    "cities": (("New", "Los"), ("York", "Angeles")),
    "xor": (("0", "1"), ("0", "1")),
    "animals": (("white", "black", "green"), ("swan", "cat", "frog")),
    "independent": (("red", "blue"), ("car", "boat")),
}
"""How their tokens are called."""


class TokenPair:
    """J = (1 - s) P + s C, C the coupled table and P = the product of its marginals, which J shares, at strength s.

    The network is the truth: p(x^i | the other token), or the marginal where the other is masked.
    """

    def __init__(self, name: str, strength: float) -> None:
        coupled = np.array(COUPLED[name])
        self.product: Array = frozen(np.outer(coupled.sum(1), coupled.sum(0)))
        self.joint: Array = frozen((1 - strength) * self.product + strength * coupled)
        self.size = len(coupled)
        self.mask = self.size
        self._given = self._conditionals()

    def mixture(self, steps: int | None) -> Array:
        """(1 - 1/K) joint + (1/K) product, the exact law of K equal steps: each token is restored in a step of its own
        choice, in the same one with probability 1/K (CONVENTIONS.md). None is one at a time: the joint."""
        together = 1 / steps if steps else 0.0
        return frozen((1 - together) * self.joint + together * self.product)

    @property
    def apart(self) -> float:
        """TV between the joint and the product."""
        return tv(self.joint, self.product)

    # What solvers.unmasking asks of a model: windows of n first tokens, then their n second ones.

    @property
    def kind(self) -> str:
        """Masked diffusion."""
        return MASKED

    @property
    def device(self) -> torch.device:
        """The CPU."""
        return torch.device("cpu")

    def time_of(self, share: float) -> float:
        """It is not told the time."""
        return 0.0

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """log p(x^i | the other token) (1, 2n, V) of windows (1, 2n): n pairs that know nothing of each other."""
        first, second = ids.view(2, -1)
        return torch.cat((self._given[0][second], self._given[1][first])).log()[None]

    def _conditionals(self) -> tuple[Tensor, Tensor]:
        """p(first | second), p(second | first) (V + 1, V) by the other token; by a mask the marginal."""
        joint = torch.from_numpy(self.joint.copy())
        first, second = (
            torch.cat((one / one.sum(1, keepdim=True), one.sum(0, keepdim=True))) for one in (joint.T, joint)
        )  # fmt: skip
        return first, second

    def restored(self, n: int, steps: int | None, seed: int) -> Generator[None, None, TokenFilm]:
        """The film that restores n pairs from masks: by K ancestral steps; with None all first tokens, then all second
        ones. Each mask is lifted for itself, so one film is n films of two tokens. A yield after each step."""
        own = Unmasking(order=ANCESTRAL if steps else LEFT_TO_RIGHT, steps=steps or 2, temperature=1.0)
        start = torch.full((2 * n,), self.mask)
        film = TokenFilm(self, own, start, torch.zeros(2 * n, dtype=torch.bool), seed)
        while film.advance() is not None:
            yield
        return film

    @staticmethod
    def pairs(film: TokenFilm) -> tuple[Array, Array]:
        """What a film ended with: pairs (n, 2), and the step (n, 2) in which each token was restored."""
        tokens = film.steps[-1].ids
        when = np.zeros(len(tokens), dtype=np.int64)
        for told in film.steps:
            when[told.revealed] = told.step
        return tokens.reshape(2, -1).T, when.reshape(2, -1).T

    def table(self, tokens: Array) -> Array:
        """How often each pair of (n, 2) is there (V, V)."""
        flat = np.bincount(tokens[:, 0] * self.size + tokens[:, 1], minlength=self.size**2)
        return flat.reshape(self.size, self.size)


def tv(p: Array, q: Array) -> float:
    """Half the L1 distance of two tables."""
    return 0.5 * float(np.abs(p - q).sum())


def by_chance(law: Array, n: int) -> float:
    """E TV between `law` and the shares of n draws from it, exactly: the mean absolute deviation of a binomial is
    2 (1 - p)^(n - m) p^(m + 1) (m + 1) C(n, m + 1), m = floor(n p) (De Moivre, 1730)."""
    from scipy.special import gammaln, xlog1py, xlogy

    p = law[(law > 0) & (law < 1)]
    m = np.floor(n * p)
    choose = gammaln(n + 1) - gammaln(m + 2) - gammaln(n - m)
    each = 2 * (m + 1) * np.exp(choose + xlogy(m + 1, p) + xlog1py(n - m, -p))
    return 0.5 * float(each.sum()) / n


def p_value(counts: Array, law: Array) -> float:
    """Pearson's chi-squared of a table of counts against an exact law; 0 where something impossible was drawn."""
    from scipy.special import chdtrc  # scipy.stats takes half a second to load

    possible = law > 0
    if counts[~possible].any():
        return 0.0
    expected = law[possible] * counts.sum()
    statistic = float(((counts[possible] - expected) ** 2 / expected).sum())
    return float(chdtrc(len(expected) - 1, statistic)) if len(expected) > 1 else 1.0
