"""The catalogue: everything menus, forms, range checks and greying need, as plain data. The worker's first reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.pictures import PictureShape


@dataclass(frozen=True)
class Preset:
    """A named value of a family's three knob sets; only what differs from the defaults is listed."""

    id: str
    title: str
    summary: str
    lecture: str = ""
    paper: str = ""
    design: Mapping[str, Value] = field(default_factory=dict)
    training: Mapping[str, Value] = field(default_factory=dict)
    sampling: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class FamilyEntry:
    """A family as the window sees it: its card, its three knob sets and its presets (the first is the default).

    `refuses` says why it cannot learn some data, by `data_key`; what is not listed it can learn. `teacher` says whether
    it can begin with the weights of another model's checkpoint.
    """

    card: Card
    design: tuple[Knob, ...]
    training: tuple[Knob, ...]
    sampling: tuple[Knob, ...]
    presets: tuple[Preset, ...]
    refuses: Mapping[str, str] = field(default_factory=dict)
    teacher: bool = False


OWN_POINTS, OWN_CLASSES = "own", "own, with classes"
OWN_LINE, OWN_LINE_CLASSES = "own, of a line", "own, of a line, with classes"
"""Keys of painted and imported points of the plane and of a line, of one class and of several."""


def data_key(data: DataSpec) -> str:
    """What `FamilyEntry.refuses` knows these data by."""
    if data.points is None:
        return data.name
    several = len(set(data.points.labels.tolist())) > 1
    if data.points.points.shape[1] == 1:
        return OWN_LINE_CLASSES if several else OWN_LINE
    return OWN_CLASSES if several else OWN_POINTS


@dataclass(frozen=True)
class DataEntry:
    """A data set as the window sees it: its card, its knobs, and a few hundred points (n, d) for its thumbnail."""

    card: Card
    knobs: tuple[Knob, ...]
    thumbnail: Array
    labels: Array


@dataclass(frozen=True)
class PictureEntry:
    """A set of pictures as the window sees it: its card, shape, classes, and the first few (n, c, h, w) as bytes."""

    card: Card
    shape: PictureShape
    names: tuple[str, ...]
    thumbnails: Array


@dataclass(frozen=True)
class SceneEntry:
    """A small scene of the lectures as the window sees it: its card and its knobs."""

    card: Card
    knobs: tuple[Knob, ...]
    panel: str = "scenes"
    """The id of the panel that lists it."""


@dataclass(frozen=True)
class Catalogue:
    """All rooms' cards by id, and what the machine offers."""

    families: Mapping[str, FamilyEntry]
    data: Mapping[str, DataEntry]
    paths: Mapping[str, Card]
    solvers: Mapping[str, Card]
    views: Mapping[str, Card]
    devices: tuple[str, ...]
    versions: Mapping[str, str]

    def columns(self, data: DataSpec) -> int:
        """How many columns those data have: 2 for points of the plane, 1 for points of the line."""
        points = data.points.points if data.points is not None else self.data[data.name].thumbnail
        return int(points.shape[1])

    scenes: Mapping[str, SceneEntry] = field(default_factory=dict)
    measures: Mapping[str, Card] = field(default_factory=dict)
    texts: Mapping[str, FamilyEntry] = field(default_factory=dict)
    """The families of text, which learn from `corpora` and a person's own text."""
    corpora: Mapping[str, Card] = field(default_factory=dict)
    pictures: Mapping[str, FamilyEntry] = field(default_factory=dict)
    """The families of pictures, which learn from `picture_sets` and a person's own; an id may be in `families` too."""
    picture_sets: Mapping[str, PictureEntry] = field(default_factory=dict)
    """The sets that this machine has."""
