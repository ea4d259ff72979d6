"""What only this family has, over the data: components, codes, a latent line, bins."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasStructure
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.view import Shown, View

SALT = 33


class StructureView(View):
    """line (m, 2) and labels (lines,), the lengths into which it is cut; dots (k, 2), weights (k,); points (n, 2) with
    shares (n, c) that colour them. What a family does not have is left out."""

    card: ClassVar[Card] = Card(
        "structure", "Structure", "Components, codes, bins: what only this family has.", needs=("structure",)
    )

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, HasStructure):
            raise Refused(self.refuses(scene, ask))
        found = yield from scene.model.structure(scene.points, scene.sampling, scene.generator(SALT))
        arrays: dict[str, Array] = {}
        if found.lines:
            arrays["line"] = plain(torch.cat(found.lines))
            arrays["labels"] = frozen(np.array([len(line) for line in found.lines], dtype=np.int64))
        if found.dots is not None:
            arrays["dots"] = plain(found.dots)
            weights = found.weights if found.weights is not None else torch.ones(len(found.dots))
            arrays["weights"] = plain(weights)
        if found.shares is not None:
            arrays["points"], arrays["shares"] = plain(scene.points), plain(found.shares)
        return Shown(arrays, {}, found.note)


VIEW = StructureView()
