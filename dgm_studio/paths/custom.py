"""The path drawn by hand: a(t) and s(t) through a few values each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.paths.path import Path
from dgm_studio.paths.pchip import Pchip
from dgm_studio.paths.targets import inner_time

COUNT = (3, 9)
"""Fewest and most values of each curve."""


@dataclass(frozen=True)
class Custom(Path):
    """a(t) and s(t) through values at equal spacing of [0, 1], joined by monotone cubics (paths.pchip).

    Refused unless the values make a path from noise to data: 3 to 9 of each, a ends at 1, s above 0 before its end and
    at most 0.05 there, a(0) at most a tenth of s(0), and the signal-to-noise ratio a / s rising all the time.
    """

    card: ClassVar[Card] = Card(
        id="custom",
        title="Drawn by hand",
        summary="Any a(t) and s(t): give values of each, joined by smooth monotone curves.",
        lecture="12",
        paper="Fritsch and Butland, 1984; Albergo and Vanden-Eijnden, 2023",
        formula="x_t = a(t) x_1 + s(t) x_0, a and s monotone cubics through your values",
    )
    a_points: tuple[float, ...] = (0.0, 0.3, 0.75, 1.0)
    s_points: tuple[float, ...] = (1.0, 0.95, 0.7, 0.0)

    def __post_init__(self) -> None:
        for name, values in (("a", self.a_points), ("s", self.s_points)):
            if not COUNT[0] <= len(values) <= COUNT[1]:
                raise Refused(f"The drawn {name}(t) has {len(values)} values; give {COUNT[0]} to {COUNT[1]} of them.")
        a, s = self.a_points, self.s_points
        if min(a) < 0 or a[-1] != 1:
            raise Refused(f"The drawn a(t) ends at {a[-1]:g}; keep it at 0 or above and end at 1, the datum itself.")
        if min(s[:-1]) <= 0 or not 0 <= s[-1] <= 0.05:
            raise Refused(f"The drawn s(t) ends at {s[-1]:g}; keep it above 0 and end at 0, or at most at 0.05.")
        if a[0] > 0.1 * s[0]:
            raise Refused(
                f"The drawn path starts with a = {a[0]:g} and s = {s[0]:g}, which is not noise: "
                "start a at a tenth of s or below."
            )
        t = inner_time(torch.linspace(0, 1, 721, dtype=torch.float64, device="cpu"), self)
        if not bool((self._gain(t) > 0).all()):
            raise Refused(
                "The drawn path must gain signal over noise all the time: let a(t) rise or s(t) fall between any two "
                "values, and more so at the start and at the end."
            )

    @cached_property
    def _curves(self) -> tuple[Pchip, Pchip]:
        return Pchip(self.a_points), Pchip(self.s_points)

    def _gain(self, t: Tensor) -> Tensor:
        """s a' - a s', which has the sign of (a / s)'."""
        return self.s(t) * self.da(t) - self.a(t) * self.ds(t)

    @property
    def prior_std(self) -> float:
        """s(0)."""
        return self.s_points[0]

    def a(self, t: Tensor) -> Tensor:
        """The curve through the values of a."""
        return self._curves[0](t)

    def s(self, t: Tensor) -> Tensor:
        """The curve through the values of s."""
        return self._curves[1](t)

    def da(self, t: Tensor) -> Tensor:
        """Its exact derivative."""
        return self._curves[0].slope(t)

    def ds(self, t: Tensor) -> Tensor:
        """Its exact derivative."""
        return self._curves[1].slope(t)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """2 s (s a' - a s'): the natural choice 2 s^2 (a'/a - s'/s) times a(t), bounded where a = 0."""
        return (2 * self.s(t) * self._gain(t)).clamp(min=0.0)

    def lecture_clock(self, t: float) -> str:
        """The time that runs from data to noise."""
        return f"1 - t = {1 - t:.3f}"


PATH = Custom()
