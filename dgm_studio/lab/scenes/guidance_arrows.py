"""Guidance as three arrows: without a label, with it, and what a scale makes of the two (lectures 9, 14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Cloud, Grip, Line, Mark, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.lab.scenes.parts.labelled_bells import LAYOUTS, LabelledBells
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.paths import paths
from dgm_studio.solvers.heun import Heun

HALF_WIDTH, HALF_HEIGHT = 5.5, 1.7
BOX = (-HALF_WIDTH, HALF_WIDTH, -HALF_HEIGHT, HALF_HEIGHT)
LONGEST = 1.3
"""Length in which the longest of the arrows is drawn."""
SCALES = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0])
"""Where coverage and norm are measured; the scale that is set is measured first."""
SAMPLES, STEPS = 250, 24
"""Particles of a repetition, and their Heun steps."""
LOOKS = (("Guided", "sample", 4.5), ("With label", "text", 2.2), ("Without label", "data", 2.2))
"""Name, colour and width of the arrows, the widest below the others."""
POINTS = (("A", "error"), ("B", "accent"), ("C", "text"))
"""Name and colour of where arrows stand."""
LEAST_DOUBT = 1e-4
"""Below it all samples are as good as sure, and the digits say nothing."""
LABELS = ("First", "Second", "Third")
PATHS = ("straight", "vp", "trigonometric")


@dataclass(frozen=True)
class Knobs:
    """The scale, the moment, the field, the data, and the points where arrows stand."""

    gamma: float = knob(3.0, "Guidance scale γ", "0 without label, 1 with it, above 1 sharpened; Ho's w is γ − 1.",
                        low=0.0, high=8.0)  # fmt: skip
    t: float = knob(0.6, "Time t", "0 is noise, 1 data.", low=0.0, high=0.99)
    field: str = knob(
        "score", "Arrows", "Which field is guided.",
        choices=(Choice("score", "Score", "∇ log pₜ."), Choice("velocity", "Velocity", "That of the path's ODE.")),
    )  # fmt: skip
    data: str = knob(
        "pairs", "Data", "Bells with labels.",
        choices=(
            Choice("pairs", "Three pairs", "Each class has one bell near the other classes, and one far from them."),
            Choice("three", "Three bells", "Each a class of its own; they overlap."),
            Choice("eight", "Ring of eight", "Three, three and two neighbours on a ring."),
        ),
    )  # fmt: skip
    label: str = knob(
        "0", "Label y", "The class that is asked for.",
        choices=tuple(Choice(str(k), name, f"Class {k + 1} of three.") for k, name in enumerate(LABELS)),
    )  # fmt: skip
    path: str = knob(
        "straight", "Path", "Between noise and data.",
        choices=tuple(Choice(name, paths()[name].card.title, paths()[name].card.summary) for name in PATHS),
    )  # fmt: skip
    a_x: float = knob(
        -1.2, "Point A across", "x₁ of A, where three arrows stand; drag it on the plot.", low=-4.0, high=4.0
    )
    a_y: float = knob(-1.0, "Point A up", "x₂ of A, where three arrows stand; drag it on the plot.", low=-1.6, high=1.6)
    b_x: float = knob(
        0.9, "Point B across", "x₁ of B, where three arrows stand; drag it on the plot.", low=-4.0, high=4.0
    )
    b_y: float = knob(0.3, "Point B up", "x₂ of B, where three arrows stand; drag it on the plot.", low=-1.6, high=1.6)
    c_x: float = knob(
        -0.6, "Point C across", "x₁ of C, where three arrows stand; drag it on the plot.", low=-4.0, high=4.0
    )
    c_y: float = knob(1.0, "Point C up", "x₂ of C, where three arrows stand; drag it on the plot.", low=-1.6, high=1.6)


class GuidanceArrows(SmallScene):
    """(1 - gamma) f(x) + gamma f(x, y) of the exact field f at three points; samples of the guided probability-flow
    ODE at one scale a round (Ho and Salimans, 2022). The guided samples follow no law p(x) p(y | x)^gamma / Z: the
    guided field is not the score of that law's noised marginals."""

    card: ClassVar[Card] = Card(
        id="guidance-arrows",
        title="Guidance as three arrows",
        summary="scale, coverage and norm",
        lecture="9, 14",
        paper="Ho and Salimans, 2022; Dhariwal and Nichol, 2021",
        formula="f^γ(x, y) = (1 - γ) f(x) + γ f(x, y)",
    )
    declared = Knobs
    place = 25
    panel = "trajectories"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.bells = LabelledBells(LAYOUTS[knobs.data], paths()[knobs.path])
        self.label = int(knobs.label)
        self.labels = torch.tensor([self.label])
        self.scales = np.unique(np.append(SCALES, knobs.gamma))
        own = int(np.flatnonzero(self.scales == knobs.gamma)[0])
        self.order = [own, *(k for k in range(len(self.scales)) if k != own)]
        self.own = own
        bells = int((self.bells.classes == self.label).sum())
        self.shares = [[Moments() for _ in self.scales] for _ in range(bells)]
        """Of each bell of the class, among the samples of each scale."""
        self.norms, self.sure = ([Moments() for _ in self.scales] for _ in range(2))
        self.cloud: Array = np.empty((0, 2))
        """The newest samples of the scale that is set."""
        self.rounds = 0
        self.points = torch.tensor([[getattr(knobs, f"{p}_{q}") for q in "xy"] for p in "abc"], dtype=torch.float64)

    def field(self, gamma: float) -> ClassifierFree:
        """The exact field, guided at that scale."""
        return ClassifierFree(self.bells, self.labels, gamma)

    def round(self) -> Iterator[None]:
        """Fresh samples of the guided ODE at the next of the scales, that of the knob first."""
        place = self.order[self.rounds % len(self.order)]
        x0 = torch.from_numpy(self.rng.standard_normal((SAMPLES, 2)))
        times = torch.linspace(0.0, 1.0, STEPS + 1, dtype=torch.float64)
        end = x0 * self.bells.path.prior_std
        walk = Heun().walk(self.field(float(self.scales[place])), end, times, torch.Generator())
        for count, state in enumerate(walk):
            end = state.x
            if count % 6 == 5:
                yield
        self._note(place, end)
        self.rounds += 1

    def _note(self, place: int, end: Tensor) -> None:
        x = end.numpy()
        nearest, inside = self.bells.nearest(x, self.label)
        for bell, kept in enumerate(self.shares):
            kept[place].add((inside & (nearest == bell)).astype(float))
        self.norms[place].add(np.linalg.norm(x, axis=1))
        self.sure[place].add(self.bells.sureness(end, self.label).numpy())
        if place == self.own:
            self.cloud = x

    # Showing.

    def arrows(self) -> Array:
        """Without label, with it, guided, at A, B, C: (3, 3, 2)."""
        t = torch.tensor(self.knobs.t, dtype=torch.float64)
        found = (getattr(self.field(gamma), self.knobs.field)(self.points, t) for gamma in (0.0, 1.0, self.knobs.gamma))
        return np.stack([one.numpy() for one in found])

    def sketch(self) -> Sketch:
        """The three arrows at three points, their norms, where samples end, and what of the class they cover."""
        arrows = self.arrows()
        plots = (self._plane(arrows), self._norms(arrows), self._ends(), self._coverage())
        return Sketch(plots, self._readings(arrows), self._caption(arrows), self.norms[self.own].count)

    def _plane(self, arrows: Array) -> Plot:
        t = torch.tensor(self.knobs.t, dtype=torch.float64)
        rows, columns = 40, 130
        axes = ((np.arange(k) + 0.5) / k * 2 * half - half for half, k in ((HALF_WIDTH, columns), (HALF_HEIGHT, rows)))
        places = torch.from_numpy(np.stack(np.meshgrid(*axes), -1).reshape(-1, 2))
        both = (self.bells.whole, self.bells.parts[self.label])
        whole, part = (torch.exp(one.log_density(places, t)).numpy().reshape(rows, columns) for one in both)
        levels = tuple(float(part.max() * share) for share in (0.05, 0.25, 0.6))
        maps = (
            Picture("pₜ(x)", "data", frozen(whole), BOX),
            Picture("pₜ(x | y)", "accent", frozen(part), BOX, contours=levels),
        )
        longest = float(np.linalg.norm(arrows, axis=2).max())
        scale = LONGEST / max(longest, 1e-12)
        pieces = tuple(
            Segments(name, tone, frozen(np.concatenate([arrow(point, scale * way) for point, way in zip(
                self.points.numpy(), ways, strict=True)])), None, width)
            for (name, tone, width), ways in zip(LOOKS, arrows[::-1], strict=True)
        )  # fmt: skip
        grips = tuple(
            Grip(name, tone, float(x), float(y), f"{name.lower()}_x", f"{name.lower()}_y")
            for (name, tone), (x, y) in zip(POINTS, self.points.numpy(), strict=True)
        )
        what = "Scores" if self.knobs.field == "score" else "Velocities"
        return Plot(
            f"{what} at t = {self.knobs.t:.2f}; the longest is {longest:.3g}", "x₁", "x₂", (), pictures=maps,
            segments=pieces, grips=grips, equal=True, left=BOX[0], right=BOX[1], low=BOX[2], high=BOX[3],
        )  # fmt: skip

    def _norms(self, arrows: Array) -> Plot:
        gammas = np.linspace(0.0, 8.0, 81)
        free, told = arrows[0], arrows[1]
        lines = []
        for (name, tone), f, g in zip(POINTS, free, told, strict=True):
            ways = (1 - gammas)[:, None] * f + gammas[:, None] * g
            lines.append(line(name, tone, gammas, np.linalg.norm(ways, axis=1)))
        return Plot(
            "Norm of the guided arrow", "guidance scale γ", "norm", tuple(lines),
            (Mark("γ", "text", self.knobs.gamma),), low=0.0, left=0.0, right=8.0,
        )  # fmt: skip

    def _ends(self) -> Plot:
        rng = np.random.default_rng(0)
        data, _ = self.bells.parts[self.label].mixture.sample(SAMPLES, rng)
        return Plot(
            f"Samples at γ = {self.knobs.gamma:.2g}", "x₁", "x₂", (),
            clouds=(Cloud("Data of the class", "data", frozen(data), 2.5),
                    Cloud("Guided samples", "sample", frozen(self.cloud.copy()), 3.0)),
            equal=True, left=-4.0, right=4.0, low=-HALF_HEIGHT, high=HALF_HEIGHT,
        )  # fmt: skip

    def _seen(self) -> list[int]:
        return [place for place, one in enumerate(self.norms) if one.count]

    def _coverage(self) -> Plot:
        seen = self._seen()
        at = self.scales[seen]
        lines: list[Line] = []
        for bell, (found, tone) in enumerate(zip(self.shares, ("sample", "accent", "dim"), strict=False), 1):
            some = [found[place] for place in seen]
            lines.append(line(f"Bell {bell}", tone, at, means(some), doubt=doubts(some)))
        sure = [self.sure[place] for place in seen]
        lines.append(line("p(y | x)", "text", at, means(sure), DASHED, doubt=doubts(sure)))
        share = 1 / len(self.shares)
        lines.append(line("Share in the data", "exact", (0.0, 8.0), (share, share), DASHED))
        return Plot("Coverage of the class", "guidance scale γ", "share of samples", tuple(lines),
                    (Mark("γ", "text", self.knobs.gamma),), low=0.0, high=1.05, left=0.0, right=8.0)  # fmt: skip

    def _readings(self, arrows: Array) -> tuple[Reading, ...]:
        share = 1 / len(self.shares)
        norms, sure = self.norms[self.own], self.sure[self.own]
        shown = [
            Reading(f"Norm at {name}", float(np.linalg.norm(guided)), None, float(np.linalg.norm(told)), "",
                    "Of the guided arrow, and of the one with the label alone.", known="with label")
            for (name, _), guided, told in zip(POINTS, arrows[2], arrows[1], strict=True)
        ]  # fmt: skip
        for bell, found in enumerate(self.shares, 1):
            one = found[self.own]
            shown.append(Reading(
                f"Share of bell {bell}", one.mean, one.doubt, share, "",
                "Samples within three standard deviations of it; exact: its share in the data of the class (98.9 % of "
                "that lies so near).", known="data",
            ))  # fmt: skip
        shown.append(Reading("Norm of a sample", norms.mean, norms.doubt, self.bells.mean_norm(self.label), "",
                             "Mean of |x| at t = 1; and that of the data of the class.", known="data"))  # fmt: skip
        doubt = sure.doubt if sure.doubt > LEAST_DOUBT else None
        shown.append(Reading("Sure of the label, p(y | x)", round(sure.mean, 4), doubt, None, "",
                             "Mean of the exact classifier over the samples."))  # fmt: skip
        return tuple(shown)

    def _caption(self, arrows: Array) -> str:
        gamma = self.knobs.gamma
        longer = np.linalg.norm(arrows[2], axis=1) / np.maximum(np.linalg.norm(arrows[1], axis=1), 1e-12)
        times = f"{longer.min():.2g} to {longer.max():.2g} times"
        said = f"At γ = {gamma:.2g} the guided arrow is {times} as long as the one with the label. "
        found = [one[self.own].mean for one in self.shares]
        if len(found) > 1:
            said += f"Of the class's {len(found)} bells samples hold {said_shares(found)}, in the data they are alike. "
        if gamma > 1:
            return said + "Samples flee from the other classes: surer of the label, but less like its data."
        if gamma < 1:
            return said + "Below 1 the label is heeded less than the data do."
        return said + "At γ = 1 samples are the data of the class."


def arrow(foot: Array, way: Array) -> Array:
    """A shaft and two barbs as pieces (3, 4), from foot (2,) along way (2,)."""
    tip = foot + way
    length = float(np.linalg.norm(way))
    if length < 1e-9:
        return np.repeat(np.concatenate((foot, foot))[None], 3, axis=0)
    along = way / length
    across = np.array([-along[1], along[0]])
    head = min(0.16, 0.4 * length)
    barbs = [np.concatenate((tip, tip - head * along + side * 0.55 * head * across)) for side in (-1.0, 1.0)]
    return np.stack((np.concatenate((foot, tip)), *barbs))


def said_shares(shares: list[float]) -> str:
    """ "61 % and 39 %"."""
    words = [f"{100 * share:.0f}\u00a0%" for share in shares]
    return " and ".join((", ".join(words[:-1]), words[-1]))


SCENE = GuidanceArrows
