"""Small recipes of every family, and the comparison that counts: bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import torch

from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet
from dgm_studio.core.knobs import Value, knobs_of
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Beat
from dgm_studio.core.starting import starting_recipe
from dgm_studio.data.source import Resolved
from dgm_studio.families import families
from dgm_studio.lab.run import Run

ALL = sorted(families())
SMALL: dict[str, Value] = {"width": 16, "layers": 1, "batch": 32, "steps": 6, "density_steps": 4}


def small(family: str, data: DataSpec | None = None, seed: int = 3, **knobs: Value) -> Recipe:
    """A recipe of tiny nets and batches; `knobs` go to the set that has them."""
    recipe = starting_recipe(families()[family].entry(), "", data or DataSpec("moons", {}, 300), seed)
    wanted = {**SMALL, **knobs}

    def own(values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: wanted.get(name, value) for name, value in values.items()}

    return replace(recipe, design=own(recipe.design), training=own(recipe.training), sampling=own(recipe.sampling))


GRADIENT = [id for id in ALL if any(one.name == "learning_rate" for one in knobs_of(families()[id].Training))]
"""Families that gradients teach; the others count or solve."""


def nudge(run: Run, knob: str, value: Value) -> None:
    """A live edit of a Training knob; where the family has none of that name, its first knob is set to what it is."""
    own = knobs_of(type(run.fit.training))
    if knob in {one.name for one in own}:
        run.change_training(knob, value)
    else:
        run.change_training(own[0].name, getattr(run.fit.training, own[0].name))


def painted(seed: int = 0, columns: int = 2, scale: float = 100.0) -> DataSpec:
    """Points as a person paints or imports them, in large units."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(60, columns)) * scale + 5 * scale
    norm = Normalisation((5 * scale,) * columns, (scale,) * columns)
    return DataSpec("painted", points=PointSet(points, rng.integers(0, 3, 60), "Painted", "by hand", norm))


def points_of(run: Run) -> Resolved:
    """The points it learns from; a run of text has none."""
    assert isinstance(run.data, Resolved)
    return run.data


def go(run: Run, steps: int) -> list[Beat]:
    """Train so many whole steps."""
    return list(run.steps(steps)) if steps else []


def go_beats(run: Run, beats: int) -> list[Beat]:
    """Train so many beats, stopping in the middle of a step if it comes so."""
    clock = run.beats()
    return [next(clock) for _ in range(beats)]


def assert_same(left: Run, right: Run, *, losses: bool = True) -> None:
    """Bit for bit the same weights, moments, averages, random numbers, steps and records."""
    (a, meta_a), (b, meta_b) = left.fit.state(), right.fit.state()
    assert meta_a == meta_b
    assert a.keys() == b.keys()
    for name in a:
        assert torch.equal(a[name], b[name]), name
    assert left.recipe == right.recipe
    if losses:
        ours, theirs = left.loss_arrays(), right.loss_arrays()
        assert ours.keys() == theirs.keys()
        assert all(same_arrays(ours[name], theirs[name]) for name in ours)


def same_arrays(left: Iterable[np.ndarray], right: Iterable[np.ndarray]) -> bool:
    """Whether all pairs are equal."""
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))
