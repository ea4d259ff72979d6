"""Arrows that only this family has: gradients at a generator's fakes, a classifier's pull."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasPush
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.view import Shown, View

SALT = 34


class PushView(View):
    """x, v (m, 2): where something pushes, and which way, at ask.t."""

    card: ClassVar[Card] = Card("push", "Push", "What moves the samples, as arrows.", needs=("push",))

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, HasPush):
            raise Refused(self.refuses(scene, ask))
        found = yield from scene.model.push(scene.points, ask.t, scene.sampling, scene.generator(SALT))
        return Shown({"x": plain(found.x), "v": plain(found.v)}, note=found.note)


VIEW = PushView()
