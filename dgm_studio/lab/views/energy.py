"""The energy as a map."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasEnergy
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import as_map, map_nodes
from dgm_studio.lab.views.once import in_chunks
from dgm_studio.lab.views.view import Shown, View


class EnergyView(View):
    """values (r, r), on a line (4 r,): E(x), low where points are likely; only differences mean something."""

    card: ClassVar[Card] = Card(
        "energy", "Energy", "The energy surface: low where the model expects points.", "6", "LeCun et al., 2006",
        "p(x) = exp(-E(x)) / Z", needs=("energy",),
    )  # fmt: skip

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, HasEnergy):
            raise Refused(self.refuses(scene, ask))
        r = ask.resolution
        values = yield from in_chunks(scene.model.energy, map_nodes(scene, ask.box, r))
        return Shown({"values": as_map(scene, values, r)})


VIEW = EnergyView()
