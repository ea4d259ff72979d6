"""Held-out pictures beside what a model makes of their codes."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.families.pictures.capabilities import EncodesLatent, HasCodes
from dgm_studio.lab.scene import PictureScene, Scene
from dgm_studio.lab.views.picture_samples import as_bytes
from dgm_studio.lab.views.view import Shown, View

AT_ONCE = 8
"""Pictures of a slice."""


class ReconstructionsView(View):
    """pictures and reconstructed (n, c, h, w) bytes of up to ask.count held-out pictures (training pictures where none
    are held out), spread evenly; the number `error` is the root mean square between them in grey levels of [0, 1]."""

    card: ClassVar[Card] = Card("reconstructions", "Reconstructions", "Held-out pictures, encoded and decoded again.")
    takes: ClassVar[str] = "pictures"

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if isinstance(scene.model, (EncodesLatent, HasCodes)):
            return ""
        return f"{scene.model.card.title} has no encoder: it cannot reconstruct a picture."

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        assert isinstance(scene, PictureScene)  # `takes` says so
        known = scene.held_out if len(scene.held_out) else scene.points
        chosen = known[:: max(1, len(known) // ask.count)][: ask.count]
        parts = []
        for start in range(0, len(chosen), AT_ONCE):
            parts.append(_again(scene.model, scene.model.seen(chosen[start : start + AT_ONCE])))
            yield
        shape = scene.data.shape
        first = frozen(chosen.cpu().numpy().reshape(-1, *shape[:3]).copy())
        again = as_bytes(torch.cat(parts), shape)
        error = float(np.sqrt(np.mean((first / 255.0 - again / 255.0) ** 2)))
        return Shown({"pictures": first, "reconstructed": again}, {"error": error})


def _again(model: object, x: Tensor) -> Tensor:
    if isinstance(model, EncodesLatent):
        return model.decode(model.encode(x)[0])
    assert isinstance(model, HasCodes)  # see refuses
    return model.decode_codes(model.codes(x))


VIEW = ReconstructionsView()
