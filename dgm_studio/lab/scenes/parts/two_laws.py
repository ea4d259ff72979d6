"""p and q as a person sets them: kinds of laws, their knobs, and the grips by which they are dragged."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from dgm_studio.core.knobs import Choice, Value, knob
from dgm_studio.core.sketch import Bars, Grip
from dgm_studio.data import data_sets
from dgm_studio.data.beta_1d import Beta1D
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.gaussian_1d import Gaussian1D
from dgm_studio.data.histogram_1d import Histogram1D
from dgm_studio.data.laplace_1d import Laplace1D
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MovedLaw, SetLaw
from dgm_studio.data.two_gaussians_1d import TwoGaussians1D
from dgm_studio.data.uniform_1d import Uniform1D

LINE, PLANE = "line", "plane"
GAUSSIAN, MIXTURE, UNIFORM, LAPLACE, BETA, DRAWN = "gaussian", "mixture", "uniform", "laplace", "beta", "drawn"
KINDS = (
    Choice(GAUSSIAN, "Gaussian", "One bell; its width is the standard deviation."),
    Choice(MIXTURE, "Mixture of two Gaussians", "Two bells; the width is the standard deviation of either."),
    Choice(UNIFORM, "Uniform", "A box; its width is half of it."),
    Choice(LAPLACE, "Laplace", "A sharp peak; its width is the mean distance from the peak."),
    Choice(BETA, "Beta", "Mass on an interval alone; the width is half of the interval."),
    Choice(DRAWN, "Drawn histogram", "Bars drawn with the mouse on the plot; the width is half of their span."),
)
TONES = {"p": "data", "q": "sample"}
LOW = 0.07
"""Of the plot's height: a grip between two bells, above the axis and its figures."""
SIZE_ARM = 2.0
"""How far from the middle the grip of a size stands, for size 1."""


@cache
def plane_sets() -> dict[str, DataSet]:
    """Every data set of the plane."""
    return {name: one for name, one in data_sets().items() if SetLaw(one).dim == 2}


def space_knob() -> Any:
    """Whether p and q live on the line or in the plane."""
    return knob(
        LINE, "Space", "Laws of the line, or the data sets of the plane.",
        choices=(Choice(LINE, "Line", "One dimension."), Choice(PLANE, "Plane", "Two dimensions.")),
    )  # fmt: skip


Field = tuple[str, type, Any]
"""Name, type and default of a dataclass's field."""


def law_knobs(side: str, **defaults: float | str) -> list[Field]:
    """The fields of one law's knobs, each named `side`_..., in the order of the form."""
    fields: list[Field] = []

    def add(name: str, what: str, help: str, when: tuple[str, tuple[Value, ...]], **facts: Any) -> None:
        default = defaults[name]
        label = what.format(side=side)
        fields.append((f"{side}_{name}", type(default), knob(default, label, help, when=when, **facts)))

    def of(*kinds: str) -> tuple[str, tuple[Value, ...]]:
        return f"{side}_kind", kinds

    every = of(*(one.id for one in KINDS))
    add("kind", "{side}", f"What {side} is.", ("space", (LINE,)), choices=KINDS)
    add("mean", "Middle of {side}", "Where its middle lies.", every, low=-4.0, high=4.0)
    add("width", "Width of {side}", "Standard deviation, scale or half of the interval.", every, low=0.1, high=3.0,
        log=True)  # fmt: skip
    add("gap", "Gap of {side}", "Distance between the two bells' middles.", of(MIXTURE), low=0.0, high=6.0)
    add("weight", "Left weight of {side}", "Share of the left bell.", of(MIXTURE), low=0.02, high=0.98)
    add("a", "Left power of {side}", "a of Beta(a, b).", of(BETA), low=0.5, high=8.0)
    add("b", "Right power of {side}", "b of Beta(a, b).", of(BETA), low=0.5, high=8.0)
    add("bars", "Bars of {side}", "Heights of the bars, drawn on the plot.", of(DRAWN), numbers=(1, 64))
    plane = ("space", (PLANE,))
    sets = tuple(Choice(name, one.card.title, one.card.summary) for name, one in plane_sets().items())
    add("set", "{side}", f"The data set that {side} is.", plane, choices=sets)
    add("x", "{side} to the right", "Moves it sideways.", plane, low=-4.0, high=4.0)
    add("y", "{side} upwards", "Moves it up or down.", plane, low=-4.0, high=4.0)
    add("size", "Size of {side}", "Factor on all its lengths.", plane, low=0.25, high=2.0, log=True)
    return fields


@dataclass(frozen=True)
class Side:
    """One of the two laws, made from knobs whose names begin with `name`_."""

    name: str
    knobs: Any

    def __getitem__(self, knob_name: str) -> Any:
        return getattr(self.knobs, f"{self.name}_{knob_name}")

    @property
    def tone(self) -> str:
        """Its colour: p is data, q a model's."""
        return TONES[self.name]

    def law(self) -> Law:
        """The law; Refused for bars that are no histogram."""
        if self.knobs.space == PLANE:
            law = SetLaw(plane_sets()[self["set"]], self.name)
            return MovedLaw(law, (self["x"], self["y"]), self["size"])
        return SetLaw(self._on_the_line(), self.name)

    def _on_the_line(self) -> DataSet:
        mean, width = self["mean"], self["width"]
        match self["kind"]:
            case "gaussian":
                return Gaussian1D(mean=mean, std=width)
            case "mixture":
                return TwoGaussians1D(separation=self["gap"], std=width, weight=self["weight"], shift=mean)
            case "uniform":
                return Uniform1D(half=width, shift=mean)
            case "laplace":
                return Laplace1D(mean=mean, scale=width)
            case "beta":
                return Beta1D(a=self["a"], b=self["b"], width=2 * width, shift=mean)
            case _:
                return Histogram1D(heights=self["bars"], width=2 * width, shift=mean)

    def bars(self) -> Bars | None:
        """The histogram that is drawn by hand, as a density."""
        if self.knobs.space == PLANE or self["kind"] != DRAWN:
            return None
        made = Histogram1D(heights=self["bars"], width=2 * self["width"], shift=self["mean"])
        edges = made.edges()
        return Bars(self.name, self.tone, edges, made.shares() / np.diff(edges), f"{self.name}_bars")

    def grips(self, law: Law, top: float) -> tuple[Grip, ...]:
        """What is dragged: middle and width, of a mixture gap and weight too; none above `top`."""
        return self._plane_grips() if self.knobs.space == PLANE else self._line_grips(law, top)

    def _plane_grips(self) -> tuple[Grip, ...]:
        arm = SIZE_ARM if self.name == "p" else -SIZE_ARM
        x, y, side = self["x"], self["y"], self.name
        return (
            Grip(f"Middle of {side}", self.tone, x, y, f"{side}_x", f"{side}_y"),
            Grip(f"Size of {side}", self.tone, x + arm * self["size"], y, f"{side}_size", from_x=x, scale=arm),
        )

    def _line_grips(self, law: Law, top: float) -> tuple[Grip, ...]:
        side, mean, width, kind = self.name, self["mean"], self["width"], self["kind"]
        towards = 1.0 if side == "p" else -1.0  # p's width is dragged at its right, q's at its left
        centre = mean + towards * self["gap"] / 2 if kind == MIXTURE else mean

        def height(x: float) -> float:
            density = law.log_density(np.array([[x]]))
            return min(0.96 * top, float(np.exp(density[0]))) if density is not None else 0.0

        def grip(what: str, x: float, y: float, **moves: Any) -> Grip:
            return Grip(f"{what} of {side}", self.tone, x, y, **moves)

        edge = 0.5 if kind == UNIFORM else 1.0  # on the upright edge of a box, not at its corner
        end = centre + towards * width
        grips = [
            grip("Middle", mean, LOW * top if kind == MIXTURE else height(mean), across=f"{side}_mean"),
            grip("Width", end, edge * height(end), across=f"{side}_width", from_x=centre, scale=towards),
        ]
        if kind == MIXTURE:
            left = mean - self["gap"] / 2
            peak = 1 / (np.sqrt(2 * np.pi) * width)
            grips.append(grip("Gap", centre, height(centre), across=f"{side}_gap", from_x=mean, scale=towards / 2))
            if towards > 0:
                grips.append(grip("Left weight", left, min(0.96 * top, self["weight"] * peak),
                                  up=f"{side}_weight", scale=peak))  # fmt: skip
            else:
                right = mean + self["gap"] / 2
                grips.append(grip("Left weight", right, min(0.96 * top, (1 - self["weight"]) * peak),
                                  up=f"{side}_weight", from_y=peak, scale=-peak))  # fmt: skip
        return tuple(grips)


def make_knobs(more: list[Field]) -> type[Any]:
    """The frozen dataclass of both laws' knobs, then `more`."""
    p = law_knobs("p", kind=MIXTURE, mean=0.0, width=0.6, gap=3.0, weight=0.5, a=2.0, b=4.0,
                  bars="1, 3, 5, 2, 1, 0, 1, 4, 6, 3, 1, 1", set="two-gaussians", x=0.0, y=0.0, size=1.0)  # fmt: skip
    q = law_knobs("q", kind=GAUSSIAN, mean=0.8, width=1.2, gap=3.0, weight=0.3, a=4.0, b=2.0,
                  bars="0, 1, 2, 4, 7, 8, 7, 4, 2, 1, 0, 0", set="gaussian", x=0.8, y=0.0, size=0.5)  # fmt: skip
    return dataclasses.make_dataclass(
        "Knobs", [("space", str, space_knob()), *p, *q, *more], frozen=True, namespace={"__doc__": "Two laws."}
    )  # fmt: skip
