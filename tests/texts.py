"""A small text with a grammar, for models that learn in a second: 27 words, three kinds of sentence."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families.text import text_families

WHO = ("Moses", "Aaron", "David", "Saul", "Ruth")
DID = ("said", "went", "spake", "came")
TO = ("unto the people", "unto the land", "out of the city", "up to the mountain")

SMALL: dict[str, Value] = {"vocabulary": 32, "length": 8, "width": 16, "layers": 2}
SMALL_TRAINING: dict[str, Value] = {"batch": 4, "warm_up": 2}


def small_text(lines: int = 120, seed: int = 0) -> str:
    """So many sentences."""
    draw = np.random.default_rng(seed)
    return "".join(f"And {draw.choice(WHO)} {draw.choice(DID)} {draw.choice(TO)}.\n" for _ in range(lines))


def own_text(title: str = "small.txt", text: str = "") -> DataSpec:
    """A person's own text as data."""
    return DataSpec(name=title, text=TextSet(text or small_text(), title, title))


def text_recipe(
    family: str,
    design: dict[str, Value] | None = None,
    training: dict[str, Value] | None = None,
    data: DataSpec | None = None,
) -> Recipe:
    """A small model of the small text, at step 0."""
    start = starting_recipe(text_families()[family].entry(), "", data or own_text(), 0)
    return Recipe(
        family=family,
        preset=start.preset,
        design={**start.design, **SMALL, **(design or {})},
        training={**start.training, **SMALL_TRAINING, **(training or {})},
        sampling=start.sampling,
        data=start.data,
    )
