"""How much of the data the samples reach."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.distance import size
from dgm_studio.lab.views.fresh import fresh_data
from dgm_studio.lab.views.samples import samples_of
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.measures.modes import mode_coverage
from dgm_studio.measures.recall import knn_recall_slices

NEIGHBOURS = 3


class CoverageView(View):
    """covered of modes of a mixture (20 % of the expected share within 3 sigma), else k-NN recall, k = 3."""

    card: ClassVar[Card] = Card("coverage", "Coverage", "How much of the data the samples reach.", lecture="3-4")

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if ask.count > NEIGHBOURS:
            return ""
        return f"{ask.count} samples are too few for coverage; draw {NEIGHBOURS + 1} or more."

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        samples = yield from samples_of(scene, ask.count)
        if scene.mixture.is_finite_data:
            data = fresh_data(scene, size(scene, ask))
            recall = yield from knn_recall_slices(data, samples, NEIGHBOURS)
            return Shown({}, {"recall": recall}, f"k-NN recall of {len(data):,} data, k = {NEIGHBOURS}")
        found = mode_coverage(samples, scene.mixture)
        yield
        return Shown({}, {"covered": float(found.covered), "modes": float(found.modes)})


VIEW = CoverageView()
