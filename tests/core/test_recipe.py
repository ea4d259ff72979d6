"""Recipes survive JSON; tampering, newer schemas and nonsense are refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import SCHEMA, Edit, Recipe

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES: st.SearchStrategy[Value] = st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | st.text(max_size=8)
KNOBS = st.dictionaries(NAMES, VALUES, max_size=4)
SCALES = st.floats(1e-3, 1e6)


@st.composite
def point_sets(draw: st.DrawFn) -> PointSet:
    """Painted or imported points of any size and unit."""
    count, dim = draw(st.integers(0, 9)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    norm = Normalisation(tuple(draw(NUMBERS) for _ in range(dim)), tuple(draw(SCALES) for _ in range(dim)))
    points = rng.normal(size=(count, dim)) * draw(SCALES)
    return PointSet(points, rng.integers(0, 5, count), draw(NAMES), draw(NAMES), norm)


NAMED = st.builds(DataSpec, NAMES, KNOBS, st.integers(2, 10**6))
DATA = NAMED | point_sets().map(lambda own: DataSpec("own", points=own))
EDITS = st.builds(Edit, st.integers(0, 10**6), NAMES, VALUES | DATA, st.integers(0, 9))
LIVE = st.lists(EDITS, max_size=4).map(tuple)
RECIPES = st.builds(Recipe, NAMES, NAMES, KNOBS, KNOBS, KNOBS, DATA, st.integers(0, 2**30), LIVE, st.integers(0, 10**6))


def through_json(recipe: Recipe, embed: bool) -> Any:
    """Written and read as a file is."""
    return json.loads(json.dumps(recipe.to_json(embed=embed), allow_nan=False))


def held(recipe: Recipe) -> dict[str, tuple[Array, Array]]:
    """The points a checkpoint keeps as tensors, by fingerprint."""
    specs = [recipe.data, *(e.value for e in recipe.edits if isinstance(e.value, DataSpec))]
    return {s.points.sha256: (s.points.points, s.points.labels) for s in specs if s.points is not None}


@settings(deadline=None, max_examples=60)
@given(RECIPES)
def test_json_and_back_with_points_inside(recipe: Recipe) -> None:
    assert Recipe.from_json(through_json(recipe, embed=True)) == recipe


@settings(deadline=None, max_examples=60)
@given(RECIPES)
def test_json_and_back_with_points_by_fingerprint(recipe: Recipe) -> None:
    body = through_json(recipe, embed=False)
    assert Recipe.from_json(body, held(recipe)) == recipe
    if held(recipe):
        with pytest.raises(Refused, match="fingerprint"):
            Recipe.from_json(body)


def own() -> PointSet:
    """Three painted points."""
    return PointSet(np.arange(6).reshape(3, 2), np.array([0, 1, 1]), "Mine", "painted", Normalisation.none(2))


@pytest.mark.parametrize("what", ["points", "labels"])
def test_tampered_points_are_refused(what: str) -> None:
    body = through_json(Recipe("vae", data=DataSpec("own", points=own())), embed=True)
    text = body["data"]["points"][what]
    body["data"]["points"][what] = ("B" if text[0] == "A" else "A") + text[1:]
    with pytest.raises(Refused, match="fingerprint"):
        Recipe.from_json(body)


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    body = {**Recipe("vae").to_json(), "schema": SCHEMA + 1}
    with pytest.raises(Refused, match=f"schema {SCHEMA + 1}.*Update DGM Studio"):
        Recipe.from_json(body)


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "recipe", 3, None, {"schema": 1}, {"schema": "one"},
        {**Recipe("vae").to_json(), "data": "moons"},
        {**Recipe("vae").to_json(), "data": {"points": "none"}},
        {**Recipe("vae").to_json(), "edits": [{"step": 1}]},
        {**Recipe("vae").to_json(), "edits": ["x"]},
        {**Recipe("vae").to_json(), "edits": 4},
        {**Recipe("vae").to_json(), "design": 4},
        {**Recipe("vae").to_json(), "step": None},
        {**Recipe("vae").to_json(), "data": {"name": "own", "points": {"points": "!", "shape": [1, 2]}}},
    ],
)  # fmt: skip
def test_nonsense_is_refused(body: Any) -> None:
    with pytest.raises(Refused):
        Recipe.from_json(body)


def test_an_older_file_without_beats_is_read() -> None:
    body = Recipe("gan", edits=(Edit(4, "batch", 8),)).to_json()
    del body["edits"][0]["beat"]
    assert Recipe.from_json(body).edits == (Edit(4, "batch", 8),)


def test_what_holds_now_is_the_last_edit() -> None:
    second = DataSpec("own", points=own())
    recipe = Recipe("vae", training={"batch": 8, "clip": 1.0}, data=DataSpec("moons"))
    assert recipe.data_now().name == "moons"
    for edit in (Edit(1, "batch", 16), Edit(2, "data", second), Edit(3, "batch", 32)):
        recipe = recipe.edited(edit)
    assert recipe.training_now() == {"batch": 32, "clip": 1.0}
    assert recipe.data_now() is second
    assert recipe.training["batch"] == 8
