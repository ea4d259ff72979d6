"""How far the learned velocity is from the exact one, as one number."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import ClassVar

import torch

from dgm_studio.core.ask import EXACT, Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.arrows import inside, relative_error
from dgm_studio.lab.views.exact import field_refuses, field_said
from dgm_studio.lab.views.reference import with_floor
from dgm_studio.lab.views.view import Shown, View


class FieldErrorView(View):
    """relative_l2 = sqrt(E_pt|v - v*|^2 / E_pt|v*|^2) at ask.t over 1,000 samples of the exact p_t.

    Where v* is the large sample's (lab.views.reference), over 400 fresh samples of p_t, with `floor`: what the true
    velocity would show.
    """

    card: ClassVar[Card] = Card(
        "field_error",
        "Field error",
        "The learned velocity against the exact one, where p_t lives.",
        needs=("velocity",),
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        return super().refuses(scene, ask) or field_refuses(scene, replace(ask, variant=EXACT), "velocity")

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        relative, floor = yield from relative_error(scene, "velocity", ask.t)
        if said := (yield from field_said(scene, inside(scene, ask.t))):
            return Shown({}, {"relative_l2": relative, "floor": floor}, with_floor(floor, said))
        return Shown({}, {"relative_l2": relative})


VIEW = FieldErrorView()
