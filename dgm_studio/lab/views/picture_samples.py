"""The pictures that a model makes as it is now."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.pictures import PictureShape, to_bytes
from dgm_studio.lab.scene import PictureScene, Scene
from dgm_studio.lab.views.samples import samples_of
from dgm_studio.lab.views.view import Shown, View


class PictureSamplesView(View):
    """pictures (ask.count, c, h, w) bytes from start noise that stays the same, so that one sees each of them learn."""

    card: ClassVar[Card] = Card("picture_samples", "Pictures", "What the model makes, always from the same noise.")
    takes: ClassVar[str] = "pictures"

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        assert isinstance(scene, PictureScene)  # `takes` says so
        made = yield from samples_of(scene, ask.count)
        return Shown({"pictures": as_bytes(made, scene.data.shape)})


def as_bytes(flat: Tensor, shape: PictureShape) -> Array:
    """Flat pictures (n, dim) in [-1, 1] as bytes (n, c, h, w), read-only."""
    return frozen(to_bytes(flat.cpu().numpy()).reshape(-1, *shape[:3]))


VIEW = PictureSamplesView()
