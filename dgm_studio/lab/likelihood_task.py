"""The task of one point's log-likelihood: its way back to noise, what each moment adds, and the closed form beside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.likelihood import GAUSSIAN, PROBES, RADEMACHER, STEPS, Hutchinson, LikelihoodReport, Weigh
from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.requests import Request
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.families.parts.continuity import Flow as Moving
from dgm_studio.families.parts.continuity import Rates, Reached, backwards, exact_rate, log_prior
from dgm_studio.families.parts.flow import Flow, log_normal
from dgm_studio.lab.exact_model import ExactModel
from dgm_studio.lab.film import as_array
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import data_log_density, no_density
from dgm_studio.lab.views.lattice import precise
from dgm_studio.nets.hutchinson import along_directions, rademacher
from dgm_studio.paths.one_level import OneLevel
from dgm_studio.paths.path import Path

ESTIMATES, LEAST_ESTIMATES, MOST_PROBES = 64, 24, 768
"""Random estimates of each law; fewer where each is a mean of many probes, which are all pulled back at once."""


class LikelihoodTask:
    """One point of a frozen scene; a dragged point opens the lane anew."""

    weight = 1.0

    def __init__(self, scene: Scene, request: Weigh) -> None:
        """Refused where the point is of another space, a knob is out of range, or the model has no density."""
        self._scene, self._request = scene, request
        self.closed = False
        STEPS.check(request.solve_steps)
        PROBES.check(request.probes)
        point = np.asarray(request.point, dtype=np.float64)
        if scene.model.takes != "points":
            raise Refused(f"{scene.model.card.title} learns from {scene.model.takes}, it has no points to weigh.")
        if point.shape != (scene.points.shape[1],) or not np.isfinite(point).all():
            raise Refused(f"The point has shape {point.shape}; give {scene.points.shape[1]} finite coordinates.")
        if request.exact and scene.exact is None:
            raise Refused(f"{scene.model.card.title} has no path, so there is no exact field to follow.")
        if request.exact and scene.exact is not None and isinstance(scene.exact.path, OneLevel):
            raise Refused(f"{scene.model.card.title} knows one noise level only: no way leads from noise to the data.")
        if (request.exact or isinstance(scene.model, ExactModel)) and scene.mixture.is_finite_data:
            raise Refused(no_density(scene).split("; ")[0] + ": choose data whose law is known, or the learned field.")
        if not request.exact and not isinstance(scene.model, HasLogProb):
            raise Refused(f"{scene.model.card.title} has no density: it only samples, and no way to a log p is known.")
        self._point = point
        self._generator = torch.Generator(scene.device).manual_seed(request.seed)

    def beats(self) -> Iterator[Beat | Report | None]:
        """The reports of core.likelihood: of a flow in continuous time the second knows its own error."""
        model, field = self._scene.model, self._field()
        if field is not None:
            yield from self._followed(field)
        elif isinstance(model, Flow):
            yield self._layers(model)
        else:
            yield from self._weighed()

    def watch(self) -> Iterator[Report | None] | None:
        """Nothing: maps are the film lane's."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It takes no commands but the engine's own."""
        raise TypeError(f"a likelihood knows no {type(request).__name__}")

    def close(self) -> None:
        """Nothing is held."""
        self.closed = True

    # In continuous time.

    def _field(self) -> Moving | None:
        """What moves the points, None where nothing does: of the label that is asked for, or of none."""
        scene = self._scene
        model, sampling = scene.model, scene.sampling
        if self._request.exact or isinstance(model, ExactModel):
            return scene.exact
        field: Moving | None = model if isinstance(model, Moving) else None
        if getattr(model, "log_prob_kind", "") != "ode":
            return None
        followed = getattr(model, "followed", None)
        if followed is not None and getattr(sampling, "label", -1) >= 0:
            field = followed(1, sampling, self._generator)
        return field

    def _times(self, steps: int, like: Tensor) -> tuple[Tensor, float, Path | None]:
        path: Path | None = getattr(self._scene.model, "path", None)
        if path is None:
            return torch.linspace(0.0, 1.0, steps + 1, dtype=like.dtype, device=like.device), 1.0, None
        return path.time_grid(steps, like.dtype).to(like.device), path.prior_std, path

    def _followed(self, field: Moving) -> Iterator[LikelihoodReport | None]:
        """First half as many steps, which a dragged point shows at once, then all of them with the random estimates."""
        scene, request = self._scene, self._request
        exact = field is scene.exact
        fine = exact and scene.device.type != "mps"  # which has no float64
        x = torch.tensor(self._point[None], device=scene.device, dtype=torch.float64 if fine else scene.points.dtype)
        coarse: float | None = None
        steps = max(STEPS.low or 1, request.solve_steps // 2)
        probes = _Probes(x.shape[1], request.probes, x, self._generator)
        ways: tuple[tuple[int, Rates], ...] = ((int(steps), exact_rate), (request.solve_steps, probes))
        for count, rate in ways:
            times, prior_std, path = self._times(count, x)
            visits: list[Reached] = []
            for visit in backwards(field, x, times, rate):
                visits.append(visit)
                yield None
            _, last = rate(partial(_velocity, field, times[0]), visits[-1].x)
            report = self._course(visits, last, prior_std, path, count)
            value = report.value
            yield LikelihoodReport(**{**vars(report), "error": None if coarse is None else abs(value - coarse)})
            coarse = value

    def _course(
        self, visits: list[Reached], last: Tensor, prior_std: float, path: Path | None, steps: int
    ) -> LikelihoodReport:
        """From the visits, data first, to frames from noise to data."""
        scene = self._scene
        rates = torch.stack([*(one.rates for one in visits[1:] if one.rates is not None), last]).flip(0)[..., 0]
        gained = torch.stack([one.gained.expand_as(visits[-1].gained) for one in visits]).flip(0)[..., 0]
        # log p_t = log prior - integral from 0 to t; `gained` is minus the integral from t to 1.
        log_p = log_prior(visits[-1].x, prior_std) + (gained[:1] - gained)
        t = torch.stack([one.t for one in visits]).flip(0)
        x = torch.cat([one.x for one in visits]).flip(0)
        known = self._known(x, t)
        found = {}
        if rates.shape[1] > 1:
            half = (rates.shape[1] - 1) // 2
            for place, law in enumerate((RADEMACHER, GAUSSIAN)):
                part = slice(1 + place * half, 1 + (place + 1) * half)
                found[law] = Hutchinson(
                    half, _mean(log_p[:, part]), _spread(log_p[:, part]), _mean(rates[:, part]), _spread(rates[:, part])
                )
        at_data = self._known_value(known)
        label = getattr(scene.sampling, "label", -1)
        return LikelihoodReport(
            kind="ode", value=float(log_p[-1, 0]), t=_floats(t), x=_floats(x), log_p=_floats(log_p[:, 0]),
            divergence=_floats(rates[:, 0]), known=known, known_value=at_data, hutchinson=found,
            evaluations=4 * steps + 1,
            labels=() if path is None else tuple(path.lecture_clock(float(one)) for one in t),
            note=f"given label {label}" if label >= 0 and not self._request.exact else "",
        )  # fmt: skip

    def _known(self, x: Tensor, t: Tensor) -> Array | None:
        """log p_t of the data's noised law at places x (k, d) and times t (k,); None of data without a closed form:
        their training points would only say how they are remembered."""
        exact = self._scene.exact
        if exact is None or exact.mixture.is_finite_data:
            return None
        fine = precise(x)
        return _floats(exact.log_density(fine, t.to(fine)))

    def _known_value(self, known: Array | None) -> float | None:
        """The closed form at the data, of the data set itself where its noised law has none."""
        if known is not None:
            return float(known[-1])
        found = data_log_density(self._scene, self._point[None])
        return float(found[0]) if found is not None and np.isfinite(found[0]) else None

    # Layer by layer, or all at once.

    def _layers(self, model: Flow) -> LikelihoodReport:
        x = self._start()
        places, changes = [x], []
        with torch.no_grad():
            for layer in reversed(model.layers()):
                x, gained = layer.to_noise(x)
                places.append(x)
                changes.append(float(gained))
            log_p = float(log_normal(x)) + np.concatenate(([0.0], np.cumsum(changes[::-1])))
        k = len(changes)
        return LikelihoodReport(
            kind=model.log_prob_kind, value=float(log_p[-1]), t=frozen(np.arange(k + 1) / k),
            x=_floats(torch.cat(places).flip(0)), log_p=frozen(log_p), changes=frozen(np.array(changes[::-1])),
            names=model.layer_names(), known_value=self._known_value(None),
            evaluations=k,
        )  # fmt: skip

    def _weighed(self) -> Iterator[LikelihoodReport | None]:
        """The number alone: no way of points leads to it."""
        model, scene = self._scene.model, self._scene
        assert isinstance(model, HasLogProb)
        slow = model.log_prob(self._start(), scene.sampling, self._generator)
        while True:
            try:
                with torch.no_grad():
                    next(slow)
            except StopIteration as end:
                value = float(end.value)
                break
            yield None
        empty = frozen(np.zeros(0))
        yield LikelihoodReport(
            kind=model.log_prob_kind, value=value, t=empty, x=frozen(np.zeros((0, scene.points.shape[1]))), log_p=empty,
            known_value=self._known_value(None),
            note=f"{model.card.title} moves no points from noise to data, so there is no way to follow.",
        )  # fmt: skip

    def _start(self) -> Tensor:
        return torch.tensor(self._point[None], device=self._scene.device, dtype=self._scene.points.dtype)


class _Probes:
    """Rates (1 + 2 m, n): the divergence itself, and m estimates of it by each law of probes, drawn once a solve as
    FFJORD does."""

    def __init__(self, dim: int, probes: int, like: Tensor, generator: torch.Generator) -> None:
        self.dim, self.probes = dim, probes
        m = max(LEAST_ESTIMATES, min(ESTIMATES, MOST_PROBES // probes))
        signs = rademacher((m * probes, 1, dim), like, generator)
        normal = torch.randn((m * probes, 1, dim), generator=generator, device=like.device, dtype=like.dtype)
        self.directions = torch.cat((torch.eye(dim).to(like)[:, None], signs, normal))

    def __call__(self, f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
        value, each = along_directions(f, x, self.directions)
        random = each[self.dim :].reshape(-1, self.probes, len(x)).mean(1)
        return value, torch.cat((each[: self.dim].sum(0, keepdim=True), random))


def _velocity(field: Moving, t: Tensor, x: Tensor) -> Tensor:
    return field.velocity(x, t)


def _floats(values: Tensor) -> Array:
    return as_array(precise(values))


def _mean(values: Tensor) -> Array:
    return _floats(values.mean(1))


def _spread(values: Tensor) -> Array:
    return _floats(values.std(1))
