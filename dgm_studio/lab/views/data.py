"""The training data as points."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.view import Shown, View


class DataView(View):
    """All training points (n, d) with their labels (n,)."""

    card: ClassVar[Card] = Card("data", "Data", "The points the model learns from.")

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        yield
        labels = scene.labels.detach().to("cpu", copy=True).numpy()
        return Shown({"points": plain(scene.points), "labels": frozen(labels.astype(np.int64, copy=False))})


VIEW = DataView()
