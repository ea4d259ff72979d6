"""A known joint over two tokens, restored from two masks: by K equal steps, or one token after the other."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.paths.categorical import chain
from dgm_studio.paths.categorical.schedules import LINEAR
from dgm_studio.paths.categorical.transition import pick

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
        self._clean = self._predictions()

    def mixture(self, steps: int | None) -> Array:
        """(1 - 1/K) joint + (1/K) product, the exact law of K equal steps: each token is restored in a step of its own
        choice, in the same one with probability 1/K (CONVENTIONS.md). None is one at a time: the joint."""
        together = 1 / steps if steps else 0.0
        return frozen((1 - together) * self.joint + together * self.product)

    @property
    def apart(self) -> float:
        """TV between the joint and the product."""
        return tv(self.joint, self.product)

    def _predictions(self) -> Tensor:
        """[first, second, which, token]: the clean law of each place for every pair of tokens or masks."""
        out = torch.zeros((self.size + 1, self.size + 1, 2, self.size), dtype=torch.float64)
        joint = torch.from_numpy(self.joint.copy())
        given = pad(joint.T / joint.sum(0)[:, None], (0, 0, 0, 1))  # [second, first], and what a mask says
        given[self.mask] = joint.sum(1)
        out[:, :, 0] = given[None]
        given = pad(joint / joint.sum(1)[:, None], (0, 0, 0, 1))
        given[self.mask] = joint.sum(0)
        out[:, :, 1] = given[:, None]
        return out

    def clean(self, tokens: Tensor) -> Tensor:
        """The network's distributions (n, 2, V) for tokens (n, 2); a token that is known is what it is (Sahoo et al.,
        2024, section 3.2), also beside one that the joint never puts there."""
        known = torch.nn.functional.one_hot(tokens, self.size + 1)[..., : self.size].to(self._clean)
        return torch.where(tokens[..., None] == self.mask, self._clean[tokens[:, 0], tokens[:, 1]], known)

    def restored(self, n: int, steps: int | None, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """n pairs (n, 2) from two masks, and the step (n, 2) in which each token was restored, the last one first.

        K steps walk the absorbing chain of linear mask rates back by its posterior, exact ancestral sampling (Sahoo et
        al., 2024); with None one place, drawn at random, is restored first and the other after it.
        """
        tokens = torch.full((n, 2), self.mask)
        when = torch.zeros((n, 2), dtype=torch.long)
        if steps is None:
            first = torch.randint(2, (n,), generator=generator)
            for turn, place in enumerate((first, 1 - first)):
                rows = torch.arange(n)
                tokens[rows, place] = pick(self.clean(tokens)[rows, place], generator)
                when[rows, place] = 2 - turn
            return tokens, when
        walk = chain("absorbing", self.size, LINEAR, steps, torch.device("cpu"), torch.float64)
        for step in range(steps, 0, -1):
            law = walk.posterior(tokens, pad(self.clean(tokens), (0, 1)), torch.tensor(step))
            before, tokens = tokens, pick(law, generator)
            when = torch.where((before == self.mask) & (tokens != self.mask), step, when)
        return tokens, when

    def table(self, tokens: Tensor) -> Array:
        """How often each pair of (n, 2) is there (V, V)."""
        return torch.bincount(tokens[:, 0] * self.size + tokens[:, 1], minlength=self.size**2).view(
            self.size, self.size
        ).numpy()  # fmt: skip


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
