"""What every small scene is: a card, knobs, rounds of repetitions in short slices, and a sketch of what is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import SceneEntry
from dgm_studio.core.knobs import knobs_of
from dgm_studio.core.sketch import Sketch


class SmallScene(ABC):
    """Made anew whenever a knob changes. `world` draws what the scene is about (the same for every knob value), `rng`
    the repetitions; both follow from the seed, so that a scene repeats itself."""

    card: ClassVar[Card]
    declared: ClassVar[type[Any]]
    """The frozen dataclass of its knobs."""
    place: ClassVar[int]
    """Where it stands in the list."""
    panel: ClassVar[str] = "scenes"
    """The id of the panel that lists it."""

    def __init__(self, knobs: Any, seed: int = 0) -> None:
        self.knobs = knobs
        self.world = np.random.default_rng([seed, 0])
        self.rng = np.random.default_rng([seed, 1])

    @abstractmethod
    def round(self) -> Iterator[None]:
        """One more round of repetitions; each next() is a slice of well under 50 ms."""

    @abstractmethod
    def sketch(self) -> Sketch:
        """What is known now; at least one round has been drawn."""

    @classmethod
    def entry(cls) -> SceneEntry:
        """What the window needs to show a form for it."""
        return SceneEntry(cls.card, knobs_of(cls.declared), cls.panel)
