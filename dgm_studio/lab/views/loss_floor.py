"""The best possible training loss: what even the exact posterior mean cannot predict."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasLossFloor
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import slice_size
from dgm_studio.lab.views.once import once
from dgm_studio.lab.views.view import Shown, View

COUNT = 16_384
"""Draws of (x_1, x_0, t) of the Monte-Carlo mean for a mixture of few components."""
PAIRS = 20_000_000
"""Draws x components at most, so that data of 10,000 points take a second or two, once."""
DRAWS = 31
"""Salt of the generator of those draws."""
HOW_NOT_WHAT = ("learning_rate", "batch", "ema", "clip")
"""Training knobs that say how the loss is descended, not what it is: turning them leaves the floor as it is."""


class LossFloorView(View):
    """best_possible = E w(t) |target - E[target | x_t]|^2 / c(t)^2 averaged over axes, and its 95 % interval.

    The expectation is the training objective's own: its times, weights and data; the posterior mean is exact.
    For finite data it is that of the empirical measure, and this is the loss of memorising.
    """

    card: ClassVar[Card] = Card(
        "loss_floor", "Loss floor", "No network can bring the loss on fresh data below this.", needs=("loss_floor",)
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        reason = super().refuses(scene, ask)
        if reason:
            return reason
        if not isinstance(scene.model, HasLossFloor) or scene.exact is None or scene.training is None:
            return f"The best possible loss of {scene.model.card.title} is not known in closed form."
        return ""

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        model, training = scene.model, scene.training
        if not isinstance(model, HasLossFloor) or self.refuses(scene, ask):
            raise Refused(self.refuses(scene, ask))
        goal = tuple((name, value) for name, value in vars(training).items() if name not in HOW_NOT_WHAT)
        key = ("loss_floor", scene.model.design, goal, scene.seed)
        mean, error = yield from once(scene.data_memo, key, lambda: _floor(scene, model))
        note = "loss of memorising the training points" if scene.mixture.is_finite_data else ""
        numbers = {"best_possible": mean, "low": mean - 1.96 * error, "high": mean + 1.96 * error}
        return Shown({}, numbers, note)


def _floor(scene: Scene, model: HasLossFloor) -> Generator[None, None, tuple[float, float]]:
    """Mean and standard error of the irreducible loss, in float64."""
    assert scene.exact is not None
    generator = scene.generator(DRAWS)
    rng = np.random.default_rng([scene.seed, DRAWS])
    count = max(1_024, min(COUNT, PAIRS // len(scene.mixture.weights)))
    parts = []
    for n in _sizes(count, min(slice_size(scene.exact), 2_048)):
        x1 = torch.from_numpy(scene.mixture.draw(n, rng)[0]).to(scene.device, torch.float64)
        parts.append(model.loss_of_exact(scene.exact, x1, scene.training, generator))
        yield
    losses = torch.cat(parts)
    return float(losses.mean()), float(losses.std() / len(losses) ** 0.5)


def _sizes(total: int, most: int) -> list[int]:
    return [min(most, total - start) for start in range(0, total, most)]


VIEW = LossFloorView()
