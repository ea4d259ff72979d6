"""The path drawn by hand: a(t) and s(t) through a few values each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.drawn_path import DrawnPath
from dgm_studio.core.errors import Refused
from dgm_studio.paths.path import Path
from dgm_studio.paths.pchip import Pchip


@dataclass(frozen=True)
class Custom(Path):
    """a(t) and s(t) through values at equal spacing of [0, 1], joined by monotone cubics (paths.pchip).

    Refused unless the values make a path from noise to data (core.drawn_path has the rules).
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
        refusal = DrawnPath(self.a_points, self.s_points).refusal
        if refusal:
            raise Refused(refusal)

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
