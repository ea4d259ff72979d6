"""A fresh recipe from a family's entry: its preset's values over its defaults."""

from __future__ import annotations

from dgm_studio.core.catalogue import FamilyEntry, Preset
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import checked
from dgm_studio.core.names import pick
from dgm_studio.core.recipe import Recipe


def find_preset(entry: FamilyEntry, preset: str) -> Preset:
    """The preset of that id; the first, which is the default, for ""."""
    return pick({one.id: one for one in entry.presets}, preset, "preset") if preset else entry.presets[0]


def starting_recipe(entry: FamilyEntry, preset: str, data: DataSpec, seed: int) -> Recipe:
    """Step 0 of a family with a preset's knobs; every knob is written out, so that new defaults change no old file."""
    chosen = find_preset(entry, preset)
    return Recipe(
        family=entry.card.id,
        preset=chosen.id,
        design=checked(entry.design, chosen.design),
        training=checked(entry.training, chosen.training),
        sampling=checked(entry.sampling, chosen.sampling),
        data=data,
        seed=seed,
    )
