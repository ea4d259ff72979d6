"""Guidance as three arrows: the velocity without a label, with it, and what the guidance scale makes of the two."""

from __future__ import annotations

import math
from collections.abc import Generator
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import Guides
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.arrows import inside
from dgm_studio.lab.views.lattice import nodes, on_line, plain
from dgm_studio.lab.views.once import in_chunks
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.paths.field import Field

FEET, ON_LINE = 120, 11
"""About so many in squares of the plane, and across a line: three arrows need more room than one."""
PLANE = 2


class GuidanceView(View):
    """x, free, told (m, d): feet, velocity without and with the label there at ask.t; numbers gamma and label. The
    guided one is free + gamma (told - free), for any gamma (Ho and Salimans, 2022; Dhariwal and Nichol, 2021)."""

    card: ClassVar[Card] = Card(
        "guidance",
        "Guidance",
        "Three arrows: the velocity without a label, with it, and guided towards it.",
        needs=("velocity",),
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        title = scene.model.card.title
        if scene.points.shape[1] > PLANE:
            return "Its arrows are of data in the plane or on a line; these have more axes."
        if not isinstance(scene.model, Guides):
            return f"{title} is not told classes: there is nothing to guide towards."
        try:
            scene.model.guidance_parts(scene.sampling)
        except Refused as refused:
            return str(refused)
        return super().refuses(scene, ask)

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene.model, Guides):
            raise Refused(self.refuses(scene, ask))
        label, free, told = scene.model.guidance_parts(scene.sampling)
        where = nodes(scene, ask.box, *_cells(scene, ask.box))
        time = torch.tensor(inside(scene, ask.t), dtype=where.dtype, device=where.device)
        arrows = {"x": plain(where)}
        for name, field in (("free", free), ("told", told)):
            arrows[name] = plain((yield from in_chunks(partial(_velocity, field, time), where)))
        note = "" if scene.sampling.label >= 0 else f"Label is not chosen in Sampling: towards class {label}"
        return Shown(arrows, {"gamma": float(scene.sampling.guidance), "label": float(label)}, note)


def _cells(scene: Scene, box: Box) -> tuple[int, int]:
    """Rows and columns."""
    if on_line(scene):
        return 1, ON_LINE
    left, right, bottom, top = box
    side = math.sqrt((right - left) * (top - bottom) / FEET)
    return max(1, round((top - bottom) / side)), max(1, round((right - left) / side))


def _velocity(field: Field, t: Tensor, x: Tensor) -> Tensor:
    return field.velocity(x, t)


VIEW = GuidanceView()
