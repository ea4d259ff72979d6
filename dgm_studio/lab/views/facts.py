"""What a model says of itself in numbers that only its family has."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasFacts
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.view import Shown, View

SALT = 31


class FactsView(View):
    """Lines (label, text, help): codes in use, straightness, a critic's estimate beside the exact distance."""

    card: ClassVar[Card] = Card("facts", "Facts", "Numbers that only this family has.", needs=("facts",))

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, HasFacts):
            raise Refused(self.refuses(scene, ask))
        found = yield from scene.model.facts(scene.points, scene.sampling, scene.generator(SALT))
        return Shown({}, lines=tuple(tuple(fact) for fact in found))


VIEW = FactsView()
