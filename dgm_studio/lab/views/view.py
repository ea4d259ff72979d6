"""What every view is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene


@dataclass(frozen=True)
class Shown:
    """What a view computed: named read-only float32 arrays, numbers, a caption where doubt is due, labels of frames or
    bars, and lines of words (label, text, help)."""

    arrays: Mapping[str, Array]
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    labels: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


class View(ABC):
    """One picture of a model. The card's `needs` are capability names (any one of them suffices), `takes` the kind of
    family it shows: of "points", or of "text"."""

    card: ClassVar[Card]
    takes: ClassVar[str] = "points"

    def refuses(self, scene: Scene, ask: Ask) -> str:
        """Why this cannot be shown for this model and data ("" if it can): the greyed entry's sentence."""
        if not self.card.needs or set(self.card.needs) & set(scene.model.card.shows):
            return ""
        return f"{scene.model.card.title} has no {' or '.join(self.card.needs).replace('_', ' ')}."

    @abstractmethod
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        """The arrays; each yield ends a slice of at most 50 ms."""
