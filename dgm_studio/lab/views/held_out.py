"""What a model of text loses on text it never learns from, at several noised shares."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.scene import Scene, TextScene
from dgm_studio.lab.views.view import Shown, View

SALT = 61
WINDOWS = 64
"""Held-out windows that are judged, spread evenly."""
TOKENS = 256
"""Tokens of a slice."""


class HeldOutView(View):
    """Mean -log p in nats a token of noised tokens in held-out windows, by the share that is noised; the same windows
    and the same noise at every step, so that the curves are smooth."""

    card: ClassVar[Card] = Card("held_out", "Held-out loss", "The loss on text that is never learnt from.")
    takes: ClassVar[str] = "text"

    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if not isinstance(scene, TextScene):
            raise Refused(f"{scene.model.card.title} has no held-out text.")
        totals: dict[str, Tensor] = {}
        for part in judged(scene, WINDOWS):
            for name, pair in part.items():
                totals[name] = totals[name] + pair if name in totals else pair
            yield
        return Shown({}, {name: float(pair[0] / pair[1].clamp_min(1)) for name, pair in totals.items()})


def judged(scene: TextScene, windows: int) -> Iterator[dict[str, Tensor]]:
    """What the model says of up to `windows` held-out ones, a slice at a time: sums and counts (2,) by name."""
    model, generator = scene.model, scene.generator(SALT)
    assert isinstance(model, TextFamily)  # a text scene has no other
    chosen = scene.held_out[:: max(1, len(scene.held_out) // windows)][:windows]
    size = max(1, TOKENS // model.length)
    for start in range(0, len(chosen), size):
        with torch.no_grad():  # not across the yield: gradients would be off for whatever trains meanwhile
            found = dict(model.judged(chosen[start : start + size], generator))
        yield found


VIEW = HeldOutView()
