"""At which mode of the data each sample ended."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.samples import ends_of
from dgm_studio.lab.views.view import Shown, View

MOST = 64
"""Components of a mixture that are modes to tell apart; a law of more is a shape made of many."""
PIECE = 250_000
"""Pairs of a sample and a point that are compared in one slice: some 10 ms."""


class ModesView(View):
    """labels (n,): of ask.count samples (of a film of as many: its points at t = 1) the component of the mixture that
    is likeliest to have made it, argmax_k w_k N(x; m_k, S_k); of other data the class of the nearest training point."""

    card: ClassVar[Card] = Card("modes", "Modes", "At which mode of the data each sample ended.")

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if _components(scene) > 1 or len(torch.unique(scene.labels)) > 1:
            return ""
        return "These data have neither modes nor classes to tell apart; choose data such as eight-gaussians."

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        samples = yield from ends_of(scene, ask.count)
        count = _components(scene)
        if count > 1:
            points = samples.detach().cpu().double().numpy()
            which, note = np.concatenate([scene.mixture.likeliest(part) for part in _pieces(points, count)]), ""
            yield
        else:
            classes, labels = torch.unique(scene.labels, return_inverse=True)
            count, found = len(classes), []
            for piece in torch.split(samples, max(1, PIECE // len(scene.points))):
                found.append(labels[torch.cdist(piece, scene.points).argmin(dim=1)])
                yield
            which, note = torch.cat(found).cpu().numpy(), "class of the nearest training point"
        return Shown({"labels": frozen(which.astype(np.int64))}, {"modes": float(count)}, note)


def _components(scene: Scene) -> int:
    """How many modes the data's law has, 0 where it is no mixture of a few."""
    count = len(scene.mixture.weights)
    return count if not scene.mixture.is_finite_data and count <= MOST else 0


def _pieces(points: Array, count: int) -> list[Array]:
    return np.array_split(points, max(1, len(points) * count // PIECE))


VIEW = ModesView()
