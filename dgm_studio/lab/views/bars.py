"""A model's own bar chart: the ELBO's terms, its surgery, how often each code is used."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasBars
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.view import Shown, View

SALT = 32


class BarsView(View):
    """values (k,), their names as labels (none where the bars are numbered); lines: one of (title, unit, "")."""

    card: ClassVar[Card] = Card("bars", "Bars", "What the model's bound or its codes are made of.", needs=("bars",))

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, HasBars):
            raise Refused(self.refuses(scene, ask))
        found = yield from scene.model.bars(scene.points, scene.sampling, scene.generator(SALT))
        return Shown({"values": plain(found.values)}, {}, found.note, found.names, ((found.title, found.unit, ""),))


VIEW = BarsView()
