"""A model's scores for the table of a race: likelihood, distances, coverage and speed, each measured the same way."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.density import TRACE
from dgm_studio.lab.views.fresh import floor, fresh_data, two_draws
from dgm_studio.lab.views.once import once
from dgm_studio.lab.views.samples import START, WALK
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.measures.mmd import median_bandwidth, mmd_slices
from dgm_studio.measures.modes import mode_coverage
from dgm_studio.measures.recall import knn_recall_slices
from dgm_studio.measures.sliced_w2 import sliced_w2_slices

SAMPLES, SCORED, NEIGHBOURS = 1_000, 400, 3
DIRECTIONS = 44


class ScoresView(View):
    """numbers: log_likelihood (mean, nats a point; the note is its kind, "" where the family has none), sliced_w2 and
    w2_floor, mmd and mmd_floor, precision, recall, coverage in [0, 1], samples_per_second, evaluations."""

    card: ClassVar[Card] = Card("scores", "Scores", "Likelihood, distances, coverage and speed of one model.", "14")

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        samples, seconds, evaluations = yield from _timed_samples(scene)
        data = fresh_data(scene, SAMPLES)
        n = min(len(samples), len(data))
        apart = yield from sliced_w2_slices(samples[:n], data[:n], scene.generator(DIRECTIONS))
        nothing = yield from floor(scene, n)
        width = yield from once(scene.data_memo, "mmd width", lambda: _width(data))
        discrepancy = yield from mmd_slices(samples, data, width)
        chance = yield from once(scene.data_memo, "mmd floor", lambda: mmd_slices(*two_draws(scene, SAMPLES), width))
        numbers = {
            "sliced_w2": apart.value, "w2_floor": nothing.high, "mmd": discrepancy, "mmd_floor": abs(chance),
            "precision": (yield from knn_recall_slices(samples, data, NEIGHBOURS)),
            "recall": (yield from knn_recall_slices(data, samples, NEIGHBOURS)),
            "samples_per_second": len(samples) / max(seconds, 1e-9), "evaluations": float(evaluations),
        }  # fmt: skip
        if scene.mixture.is_finite_data:
            numbers["coverage"] = numbers["recall"]
        else:
            found = mode_coverage(samples, scene.mixture)
            numbers["coverage"] = found.covered / found.modes
        kind = ""
        if isinstance(scene.model, HasLogProb):
            where = data[:SCORED]
            log_p = yield from scene.model.log_prob(where, scene.sampling, scene.generator(TRACE))
            mean = float(log_p.double().mean())
            kind = scene.model.log_prob_kind
            # -inf is an answer (a point where the model has no mass), but no number of a table.
            numbers["log_likelihood"] = mean if math.isfinite(mean) else -1e9
        return Shown({}, numbers, kind)


def _width(data: Tensor) -> Generator[None, None, float]:
    yield
    return median_bandwidth(data)


def _timed_samples(scene: Scene) -> Generator[None, None, tuple[Tensor, float, int]]:
    """SAMPLES samples, the seconds that the model itself took, and its network evaluations."""
    last, evaluations = scene.model.prior(SAMPLES, scene.generator(START)), 0
    walk = scene.model.walk(last, scene.sampling, scene.generator(WALK))
    seconds = 0.0
    while True:
        begun = time.perf_counter()
        state = next(walk, None)
        seconds += time.perf_counter() - begun
        if state is None:
            return last, seconds, evaluations
        last, evaluations = state.x, state.evaluations
        yield


VIEW = ScoresView()
