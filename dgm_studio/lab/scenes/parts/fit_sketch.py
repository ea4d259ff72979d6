"""What five fits look like: densities over the target, paths over a landscape, values as they fall."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.measured import Measured
from dgm_studio.core.sketch import Cloud, Grip, Line, Picture, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.fit_ground import Ground
from dgm_studio.lab.scenes.parts.fit_knobs import LOOKS, PLANE_LOOKS, Knobs
from dgm_studio.lab.scenes.parts.fit_objectives import shown
from dgm_studio.lab.scenes.parts.fit_race import Race
from dgm_studio.lab.scenes.parts.fit_surface import LINE_BOX, PLANE_BOX
from dgm_studio.lab.scenes.parts.fit_words import Run, caption
from dgm_studio.lab.scenes.parts.mixture_tensor import Parts, log_density, moments, parts

REACH, POINTS, SWIFT = 8.0, 481, 241
"""The stage on the line shows so far to either side, by so many points of a curve, by half of them while dragged."""
LEAST = 1e-7
"""Values this near to the best known one are as good as it: quadrature and Newton end there."""
NEGLIGIBLE = 1e-6
"""A change by half the nodes that no digit shows."""
CONTOURS = (0.15, 0.35, 0.55, 0.75, 0.9)
COUNTS = ("One", "Two", "Three", "Four", "Five")
ROUND = 48
"""Corners of an ellipse."""


class FitSketch:
    """One sketch of a race; `values` is the landscape of the objective that is shown."""

    def __init__(self, knobs: Knobs, ground: Ground, race: Race, values: Array) -> None:
        self.knobs, self.ground, self.race, self.values = knobs, ground, race, values
        self.theta = race.theta.detach()
        self.line = ground.target.dim == 1
        self.looks = LOOKS if self.line else PLANE_LOOKS
        # The first round is all that is seen of a drag: it must be cheap, and its bound is still to come.
        self.swift = race.steps <= 1
        judge, fewer = (ground.exact, None) if self.swift else ground.judges
        with torch.no_grad():
            self.table = judge.every(self.theta)
            self.fewer = self.table if fewer is None else fewer.every(self.theta)
            self.own = self.table.diagonal() if judge is ground.exact else ground.exact.own(self.theta)

    def sketch(self) -> Sketch:
        """Three plots, mean and width of every fit, every divergence of every fit."""
        stage = self._line_stage() if self.line else self._plane_stage()
        words = caption(self.knobs, self.looks, self._run(), self._trapped())
        plots = (stage, self._landscape(), self._descent())
        return Sketch(plots, self._readings(), words, self.race.steps, self._measured())

    @cached_property
    def along(self) -> Array:
        """Mean and sd of every fit along the axis through both modes (5, 2)."""
        return self._along(self.theta)

    def _along(self, theta: torch.Tensor) -> Array:
        axis = torch.tensor(self.ground.target.axis[: self.ground.target.dim], dtype=torch.float64)
        mean, covariance = moments(theta)
        return torch.stack((mean @ axis, ((covariance @ axis) @ axis).sqrt()), -1).numpy()

    # The stage.

    def _line_stage(self) -> Plot:
        x = torch.linspace(-REACH, REACH, SWIFT if self.swift else POINTS, dtype=torch.float64)[:, None]
        across = x[:, 0].numpy()
        target = torch.exp(log_density(self.ground.p, x)).numpy()
        fits = torch.exp(log_density(self.theta, x)).numpy()
        lines = [Line("Target p", "data", frozen(across), frozen(target), filled=True)]
        lines += [line(look.title, look.tone, across, y, look.style)
                  for look, y in zip(self.looks.values(), fits, strict=True)]  # fmt: skip
        k = self.knobs
        half, peak = k.separation / 2, math.sqrt(2 * math.pi)
        left, right = k.weight / (peak * k.width_left), (1 - k.weight) / (peak * k.width_right)
        foot = math.exp(-0.5)
        grips = (
            Grip("Separation", "data", half, right, across="separation", scale=0.5),
            Grip("Weight of the left", "data", -half, left, up="weight", scale=1 / (peak * k.width_left)),
            Grip("Width of the left", "data", -half - k.width_left, foot * left, across="width_left",
                 from_x=-half, scale=-1.0),
            Grip("Width of the right", "data", half + k.width_right, foot * right, across="width_right", from_x=half),
        )  # fmt: skip
        return Plot(
            self._title(), "x", "density", tuple(lines), grips=grips, left=-REACH, right=REACH, low=0.0,
            high=1.15 / (peak * min(k.width_left, k.width_right)),
        )  # fmt: skip

    def _title(self) -> str:
        k = self.knobs.components
        return f"{COUNTS[k - 1]} Gaussian{'s' if k > 1 else ''} fitted to two, five ways"

    def _plane_stage(self) -> Plot:
        left, right, low, high = PLANE_BOX
        target = self.ground.density
        rings, middles = [], []
        for look, theta in zip(self.looks.values(), self.theta, strict=True):
            own = parts(theta)
            rings.append(Segments(look.title, look.tone, ellipses(own), shares(own), 2.0))
            middles.append(Cloud(look.title, look.tone, frozen(own.means.numpy().copy()), 6.0))
        (u, v), half, sd = self.ground.target.axis, self.knobs.separation / 2, self.knobs.width_right
        grips = (
            Grip("Separation", "data", half * u, half * v, across="separation", scale=0.5 * u),
            Grip(
                "Width of the right",
                "data",
                half * u + 2 * sd,
                half * v,
                across="width_right",
                from_x=half * u,
                scale=2.0,
            ),
        )
        return Plot(
            f"{self._title()}: ellipses at 2σ", "x₁", "x₂", (), pictures=(target,), segments=tuple(rings),
            clouds=tuple(middles), grips=grips, equal=True, left=left, right=right, low=low, high=high,
        )  # fmt: skip

    # The landscape.

    def _landscape(self) -> Plot:
        look, k = self.looks[self.knobs.landscape], self.knobs
        paths, ends = [], []
        passed = torch.stack([*(theta for _, theta, _ in self.race.path), self.theta])
        for place, each in enumerate(self.looks.values()):
            points = passed[:, place, 0, 1:3].numpy()
            paths.append(Segments("", each.tone, frozen(np.hstack((points[:-1], points[1:]))), None, 2.0))
            ends.append(Cloud("", each.tone, frozen(points[-1:].copy()), 8.0))
        known = self._known_points()
        if len(known):
            ends.insert(0, Cloud("Minima" if k.components == 1 else "Components of p", "text", frozen(known), 5.0))
        if self.line:
            box, across, up = LINE_BOX, "μ", "log σ"
            grip = Grip("Start", "text", k.start_mu, k.start_log_sigma, across="start_mu", up="start_log_sigma")
        else:
            box, across, up = PLANE_BOX, "μ₁", "μ₂"
            grip = Grip("Start", "text", k.start_mu, k.start_up, across="start_mu", up="start_up")
        if k.components > 1:
            grip = Grip("Start", "text", *self.race_start(), across=grip.across, up=grip.up,
                        from_x=self.race_start()[0] - k.start_mu)  # fmt: skip
            title = f"{look.title} at component 1, rest held"
        elif self.line:
            title = f"Landscape of {look.word}: drag the start"
        else:
            title = f"{look.title} over μ, rest held"
        picture = self.ground.picture(
            k.landscape,
            self.values,
            lambda: Picture(
                f"low {look.word}",
                look.tone,
                depth(self.values),
                box,
                contours=CONTOURS[1::2] if self.swift else CONTOURS,
            ),
        )
        left, right, low, high = box
        return Plot(
            title, across, up, (), pictures=(picture,), segments=tuple(paths), clouds=tuple(ends), grips=(grip,),
            left=left, right=right, low=low, high=high,
        )  # fmt: skip

    def race_start(self) -> tuple[float, float]:
        """Where the first component begins."""
        first = self.race.path[0][1][0, 0]
        return float(first[1]), float(first[2])

    def _known_points(self) -> Array:
        if self.knobs.components > 1:
            return self.ground.p[:, 1:3].numpy().copy()
        found = self.ground.minima.get(self.knobs.landscape)
        if found is None:
            return np.zeros((0, 2))
        return np.unique(found[0][:, 0, 1:3].numpy().round(3), axis=0)

    # The values.

    def _descent(self) -> Plot:
        steps = np.array([*(step for step, _, _ in self.race.path), self.race.steps], dtype=float)
        values = torch.stack([*(own for _, _, own in self.race.path), self.own])
        best = [self.ground.best(name, self.knobs.components) for name in self.looks]
        known = None not in best
        lines = []
        for place, (name, look) in enumerate(self.looks.items()):
            y = shown(name, values[:, place]).numpy()
            least = best[place]
            if known and least is not None:
                y = y - float(shown(name, torch.tensor(least, dtype=torch.float64)))
            lines.append(line(look.title, look.tone, steps, np.maximum(y, LEAST / 10), look.style))
        title = "Above the best known value" if known else "Value while it descends"
        return Plot(title, "optimiser steps", "nats; W₂: distance", tuple(lines), log_y=True, low=LEAST)

    # The numbers.

    def _readings(self) -> tuple[Reading, ...]:
        out = []
        for place, (name, look) in enumerate(self.looks.items()):
            known = self._nearest(name, place)
            for part, (letter, word) in enumerate((("μ", "Mean"), ("σ", "Standard deviation"))):
                of = "" if self.line else ", along the axis through both modes"
                where = "of p itself" if self.knobs.components > 1 else "at the nearest local minimum"
                out.append(
                    Reading(f"{look.title}: {letter}", float(self.along[place, part]), None,
                            None if known is None else float(known[part]), "",
                            f"{word} of the fit{of}; beside it: {where}.", "minimum")
                )  # fmt: skip
        return tuple(out)

    def _nearest(self, name: str, place: int) -> Array | None:
        """(mean, sd) of the local minimum nearest to a fit."""
        if self.knobs.components > 1:
            return np.asarray(self._along(self.ground.p[None])[0])
        if name not in self.ground.minima:
            return None
        found = self._along(self.ground.minima[name][0])
        return np.asarray(found[int(np.argmin(((found - self.along[place]) ** 2).sum(-1)))])

    def _run(self) -> Run:
        table = torch.stack([shown(name, row) for name, row in zip(LOOKS, self.table, strict=True)]).numpy()
        first = [float(shown(name, own)) for name, own in zip(LOOKS, self.race.path[0][2], strict=True)]
        return Run(self.race.steps, self.along, table, np.array(first))

    def _measured(self) -> tuple[Measured, ...]:
        out = []
        for place, (name, look) in enumerate(self.looks.items()):
            fine, other = shown(name, self.table[place]), shown(name, self.fewer[place])
            closed = name == "mmd"
            for fit, value, near in zip(self.looks.values(), fine.tolist(), other.tolist(), strict=True):
                off = 0.0 if closed or abs(value - near) < NEGLIGIBLE else abs(value - near)
                measure = "sliced-w2" if name == "w2" and not self.line else name
                how = "closed form" if closed else "quadrature"
                out.append(
                    Measured(
                        measure,
                        value,
                        max(value - off, 0.0),
                        value + off,
                        f"{fit.title} fit, {how}",
                        look.unit,
                        pending=self.swift and not closed,
                    )
                )
        return tuple(out)

    def _trapped(self) -> dict[str, tuple[float, float]]:
        """Fits that rest in a local minimum that is not the best one: value there, and best."""
        out = {}
        for place, name in enumerate(self.looks):
            if self.knobs.components > 1 or name not in self.ground.minima:
                continue
            values, now = self.ground.minima[name][1], float(self.own[place])
            nearest, best = float((values - now).abs().min()), float(values.min())
            if nearest < 1e-3 * (1 + now) and now > best + 0.005 * (1 + best):
                both = shown(name, torch.tensor([now, best], dtype=torch.float64))
                out[name] = (float(both[0]), float(both[1]))
        return out


def depth(values: Array) -> Array:
    """1 at the lowest value, 1/2 at a tenth of all cells, towards 0 above: divergences reach thousands of nats."""
    above = values - values.min()
    return frozen(1 / (1 + above / max(float(np.quantile(above, 0.15)), 1e-12)))


def ellipses(own: Parts) -> Array:
    """2 sigma of every component of one fit as pieces (k * ROUND, 4)."""
    turn = torch.linspace(0, 2 * math.pi, ROUND + 1, dtype=torch.float64)
    scale = torch.exp(own.log_scales)
    x = own.means[:, :1] + 2 * scale[:, :1] * turn.cos()
    y = own.means[:, 1:] + 2 * (own.tilt[:, None] * turn.cos() + scale[:, 1:] * turn.sin())
    return frozen(torch.stack((x[:, :-1], y[:, :-1], x[:, 1:], y[:, 1:]), -1).flatten(0, 1).numpy())


def shares(own: Parts) -> Array:
    """Opacity of those pieces: a component of little weight is faint."""
    weights = torch.exp(own.log_weights)
    return frozen((0.15 + 0.85 * weights / weights.max()).repeat_interleave(ROUND).numpy())
