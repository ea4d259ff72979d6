"""The catalogue, built from the rooms."""

from __future__ import annotations

import platform
from dataclasses import replace
from functools import cache

import numpy as np
import torch

from dgm_studio import __version__
from dgm_studio.core.arrays import frozen
from dgm_studio.core.catalogue import (
    OWN_CLASSES,
    OWN_LINE,
    OWN_LINE_CLASSES,
    OWN_POINTS,
    Catalogue,
    DataEntry,
    FamilyEntry,
    PictureEntry,
)
from dgm_studio.core.knobs import knobs_of
from dgm_studio.data import data_sets
from dgm_studio.data.pictures import picture_sets
from dgm_studio.data.text.corpus import corpora
from dgm_studio.families import families
from dgm_studio.families.parts.taught import TakesTeacher
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.text import text_families
from dgm_studio.lab.scenes import scenes
from dgm_studio.lab.views import views
from dgm_studio.measures import measures
from dgm_studio.paths import paths
from dgm_studio.solvers import solvers

THUMBNAIL_POINTS, THUMBNAIL_PICTURES = 400, 10


FRONT = ("eight-gaussians", "moons", "checkerboard", "swiss-roll")
"""The data sets a person sees without opening the list."""

FRONT_PICTURES = ("fashion-mnist", "glyphs")
"""The sets of pictures that come first."""


@cache
def data_entries() -> dict[str, DataEntry]:
    """Every data set with a few points for its thumbnail."""
    entries = {}
    known = data_sets()
    for name in (*FRONT, *(name for name in known if name not in FRONT)):
        data = known[name]
        cloud = data.draw(THUMBNAIL_POINTS, np.random.default_rng(0))
        entries[name] = DataEntry(data.card, knobs_of(type(data)), frozen(cloud.points), frozen(cloud.labels))
    return entries


@cache
def family_entries() -> dict[str, FamilyEntry]:
    """Every family with the data it refuses."""
    shapes = {name: (one.thumbnail.shape[1], len(np.unique(one.labels))) for name, one in data_entries().items()}
    shapes |= {OWN_POINTS: (2, 1), OWN_CLASSES: (2, 2), OWN_LINE: (1, 1), OWN_LINE_CLASSES: (1, 2)}
    entries = {}
    for name, family in families().items():
        reasons = {data: family.refuses_data(*shape) for data, shape in shapes.items()}
        refused = {data: why for data, why in reasons.items() if why}
        entries[name] = replace(family.entry(), refuses=refused, teacher=issubclass(family, TakesTeacher))
    return entries


@cache
def picture_entries() -> dict[str, PictureEntry]:
    """Every set of pictures that this machine has, with its first few."""
    entries = {}
    known = picture_sets()
    for name in (*FRONT_PICTURES, *(name for name in known if name not in FRONT_PICTURES)):
        if known[name].here():
            seen = known[name].peek(THUMBNAIL_PICTURES)
            entries[name] = PictureEntry(known[name].card, seen.shape, seen.names, seen.pixels)
    return entries


@cache
def picture_family_entries() -> dict[str, FamilyEntry]:
    """Every family of pictures with the sets it refuses."""
    shapes = {name: (one.shape.dim, one.shape.classes) for name, one in picture_entries().items()}
    entries = {}
    for name, family in picture_families().items():
        reasons = {data: family.refuses_data(*shape) for data, shape in shapes.items()}
        refused = {data: why for data, why in reasons.items() if why}
        entries[name] = replace(family.entry(), refuses=refused, teacher=issubclass(family, TakesTeacher))
    return entries


def build_catalogue(devices: tuple[str, ...]) -> Catalogue:
    """Cards, knobs and presets of every room, what the machine offers, and what About shows."""
    return Catalogue(
        families=family_entries(),
        data=data_entries(),
        paths={name: path.card for name, path in paths().items()},
        solvers={name: solver.card for name, solver in solvers().items()},
        views={name: view.card for name, view in views().items()},
        devices=devices,
        versions={
            "DGM Studio": __version__,
            "Python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        scenes={name: scene.entry() for name, scene in scenes().items()},
        measures={name: measure.card for name, measure in measures().items()},
        texts={name: family.entry() for name, family in text_families().items()},
        corpora={name: corpus.card for name, corpus in corpora().items()},
        pictures=picture_family_entries(),
        picture_sets=picture_entries(),
    )
