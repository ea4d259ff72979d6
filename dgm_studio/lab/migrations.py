"""Older checkpoints read as newer ones: one function for each step of the native file's schema, applied in turn.

To change the format: raise core.checkpoint_head.SCHEMA, add the step from the version before to STEPS, and keep every
older step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from dgm_studio.core.checkpoint_head import SCHEMA as SCHEMA
from dgm_studio.families.gan import LOSSES, NON_SATURATING

Parts = tuple[dict[str, str], dict[str, Tensor]]
"""A file's metadata and tensors."""


def migrated(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> Parts:
    """The same checkpoint as SCHEMA has it; `metadata["schema"]` is 1 to SCHEMA."""
    found: Parts = dict(metadata), dict(tensors)
    for version in range(int(metadata["schema"]), SCHEMA):
        found = STEPS[version](*found)
    return {**found[0], "schema": str(SCHEMA)}, found[1]


def _games_are_kept(metadata: dict[str, str], tensors: dict[str, Tensor]) -> Parts:
    """1 to 2: a GAN's state holds which loss it last played, and how long its instance noise has faded: without, it
    played the recipe's loss, and its noise begins anew."""
    recipe = json.loads(metadata.get("recipe", "{}"))
    if recipe.get("family") != "gan":
        return metadata, tensors
    played = str(recipe.get("training", {}).get("generator_loss", NON_SATURATING))
    game = torch.tensor(LOSSES.index(played) if played in LOSSES else LOSSES.index(NON_SATURATING))
    new = {"game": game, "noise_age": torch.zeros((), dtype=torch.int64)}
    added = {f"fit.model.{name}": value for name, value in new.items()}
    return metadata, {**added, **tensors}


STEPS: dict[int, Callable[[dict[str, str], dict[str, Tensor]], Parts]] = {1: _games_are_kept}
"""By the version they start from."""
