"""What a command line asks to be trained: a family's entry, its preset, and the data, which say which family is meant
where an id stands for one of points and one of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.core.table import FONTS, ImportChoice
from dgm_studio.data.pictures import picture_sets
from dgm_studio.data.pictures.folder import SUFFIXES, read_pictures
from dgm_studio.data.source import spec_from_text
from dgm_studio.data.text.corpus import corpora
from dgm_studio.lab.picture_data import PICTURES
from dgm_studio.lab.text_data import text_spec

POINTS = "eight-gaussians"
"""What is learnt from unless other points are named."""


class ToTrain(NamedTuple):
    """A family's entry, the preset's id ("" for the first), and the data."""

    entry: FamilyEntry
    preset: str
    data: DataSpec


def to_train(catalogue: Catalogue, family: str, preset: str, data: str, choice: ImportChoice) -> ToTrain:
    """The family of that id (a preset's own id stands for its family too) and its data: "" are eight-gaussians, the
    King James Bible or Fashion-MNIST. Refused where one is unknown, or the family does not learn from such data."""
    own = {**catalogue.families, **catalogue.texts}
    named = _names_pictures(data)
    entries = {**own, **catalogue.pictures} if named else {**catalogue.pictures, **own}
    by_preset = {one.id: entry for entry in entries.values() for one in entry.presets}
    if family not in entries and family in by_preset and not preset:
        preset = family
    entry = pick({**by_preset, **entries}, family, "family")
    title, name = entry.card.title, entry.card.id
    if entry is catalogue.pictures.get(name):
        return ToTrain(entry, preset, picture_spec(data))
    if entry is catalogue.texts.get(name):
        return ToTrain(entry, preset, text_spec(data))
    if data in corpora():
        raise Refused(f"'{data}' is a text; {title} learns from points. Train masked-text on it.")
    if named:
        raise Refused(f"'{data}' are pictures; {title} learns from points. Train vae or diffusion on them.")
    return ToTrain(entry, preset, spec_from_text(data or POINTS, choice))


def picture_spec(name: str) -> DataSpec:
    """A command line's pictures: a set by its id, or a folder of pictures or fonts, carried by content."""
    line = name.strip() or PICTURES
    if line in picture_sets():
        return DataSpec(name=line)
    if _names_pictures(line) or "/" in line or line.lower().endswith(SUFFIXES):
        own = read_pictures(line)
        return DataSpec(name=own.title, pictures=own)
    return DataSpec(name=pick(picture_sets(), line, "set of pictures").card.id)


def _names_pictures(data: str) -> bool:
    """Whether only a family of pictures can be meant: a picture's file may also be drawn as points."""
    line = data.strip()
    return line in picture_sets() or line.lower().endswith(FONTS) or (bool(line) and Path(line).expanduser().is_dir())
