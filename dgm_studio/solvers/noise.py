"""The noise of a walk: fresh at every step, or read off one Brownian path that every solver and step size sees."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor

FINEST = 22
"""Times are told apart to 2^-22, finer than steps are; at multiples of that the path is exactly Brownian."""


class BrownianPath(torch.Generator):
    """A generator that also has a Brownian path W(t), 0 <= t <= 1, of its seed: asked by two solvers with different
    steps, it tells both the same W (virtual Brownian tree: Li et al., 2020, section 4).

    The middle of every dyadic interval is drawn, given its ends, by Levy's bridge from a seed of its own, so that W
    does not depend on what was asked before. Added up in float64, so that walks in float32 and float64 share it. All
    other draws (labels, correctors) come from it as from any generator; take a fresh one for each walk.
    """

    def __new__(cls, seed: int, device: torch.device | str = "cpu") -> BrownianPath:
        """On the device that its other draws are made on."""
        return super().__new__(cls, device=device)  # type: ignore[call-arg]  # torch types no __new__

    def __init__(self, seed: int, device: torch.device | str = "cpu") -> None:
        self.manual_seed(seed)
        self.seed_of_path = seed
        self._way: list[tuple[int, int, Tensor, Tensor]] = []
        """From the whole interval down to where was last asked: both ends in units of 2^-FINEST, and W there."""
        self._last: tuple[int, Tensor] | None = None
        """Where it was last asked, in the same units, and W there: a step begins where the one before ended."""

    def increment(self, t: float, r: float, shape: torch.Size) -> Tensor:
        """W(r) - W(t) in float64, of any shape, the same at every call; always ask one path for one shape."""
        early = self._at(t, shape)
        return self._at(r, shape) - early

    def _at(self, t: float, shape: torch.Size) -> Tensor:
        at = round(t * 2**FINEST)
        if self._last is None or self._last[0] != at or self._last[1].shape != shape:
            self._last = at, self._reached(at, shape)
        return self._last[1]

    def _reached(self, at: int, shape: torch.Size) -> Tensor:
        whole = 2**FINEST
        if not self._way or self._way[0][2].shape != shape:
            zero = torch.zeros(shape, dtype=torch.float64)
            self._way = [(0, whole, zero, self._normal(0, shape))]
        while not self._way[-1][0] <= at <= self._way[-1][1]:
            self._way.pop()
        while True:
            low, high, early, late = self._way[-1]
            if at == low:
                return early
            if at == high:
                return late
            middle = (low + high) // 2
            spread = sqrt((high - low) / whole) / 2
            between = 0.5 * (early + late) + spread * self._normal(middle, shape)
            self._way.append((low, middle, early, between) if at <= middle else (middle, high, between, late))

    def _normal(self, node: int, shape: torch.Size) -> Tensor:
        own = torch.Generator().manual_seed(_mixed(_mixed(self.seed_of_path) + node))
        # Half as many digits are drawn in a fifth of the time; whoever walks in float64 sees the same ones.
        return torch.randn(shape, generator=own).double()


Noise = torch.Generator | BrownianPath
"""What a solver's fresh noise comes from."""


def normal_like(x: Tensor, noise: Noise, t: Tensor | float | None = None, r: Tensor | float | None = None) -> Tensor:
    """Standard normal z of x's shape, dtype and device, drawn on the generator's device.

    For the step from time t to r a BrownianPath gives (W(r) - W(t)) / sqrt(r - t); without times, as for noise that no
    step of the clock owns, it draws afresh.
    """
    if isinstance(noise, BrownianPath) and t is not None and r is not None:
        early, late = float(t), float(r)
        return (noise.increment(early, late, x.shape) / sqrt(late - early)).to(x)
    return torch.randn(x.shape, generator=noise, dtype=x.dtype, device=noise.device).to(x.device)


def _mixed(number: int) -> int:
    """A 64-bit number into another whose bits tell nothing of it (SplitMix64: Steele et al., 2014)."""
    number = (number + 0x9E3779B97F4A7C15) % 2**64
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ (number >> 27)) * 0x94D049BB133111EB % 2**64
    return (number ^ (number >> 31)) % 2**63
