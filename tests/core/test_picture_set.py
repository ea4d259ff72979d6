"""A person's own pictures: equal by content, there and back through JSON, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import from_bytes, to_bytes
from dgm_studio.core.recipe import Edit, Recipe


def own(seed: int = 0, n: int = 4, channels: int = 3, **more: Any) -> PictureSet:
    pixels = np.random.default_rng(seed).integers(0, 256, (n, channels, 5, 4), dtype=np.uint8)
    told = {"labels": np.arange(n) % 2, "names": ("a", "b"), "title": "mine", "source": "here", **more}
    return PictureSet(pixels, **told)


def test_sets_are_equal_by_content() -> None:
    assert own() == own()
    assert own() != own(1)
    assert own() != own(labels=np.ones(4, dtype=int))
    assert own() != own(names=("a", "c"))
    flat = PictureSet(own().pixels.reshape(4, 3, 4, 5), own().labels, ("a", "b"), "mine", "here")
    assert flat != own(), "the same bytes in another shape are other pictures"


def test_its_arrays_are_its_own_and_read_only() -> None:
    pixels = np.zeros((2, 1, 2, 2), dtype=np.uint8)
    held = PictureSet(pixels, np.zeros(2, dtype=int), (), "mine", "here")
    pixels[:] = 9
    assert not held.pixels.any()
    with pytest.raises(ValueError, match="read-only"):
        held.pixels[:] = 1
    assert held.labels.dtype == np.int64


def test_pictures_travel_in_json_whole_or_by_fingerprint() -> None:
    spec = DataSpec("mine", pictures=own())
    recipe = Recipe("vae", data=spec, edits=(Edit(3, "data", DataSpec("more", pictures=own(1))),))
    assert spec.title == "mine"
    assert Recipe.from_json(json.loads(json.dumps(recipe.to_json()))) == recipe
    short = json.loads(json.dumps(recipe.to_json(embed=False)))
    assert "packed" not in json.dumps(short)
    with pytest.raises(Refused, match="only by fingerprint"):
        Recipe.from_json(short)
    held = {one.sha256: (one.pixels, one.labels) for one in (own(), own(1))}
    assert Recipe.from_json(short, held) == recipe


def test_changed_or_damaged_pictures_are_noticed() -> None:
    body = DataSpec("mine", pictures=own()).to_json()
    other = DataSpec("mine", pictures=own(1)).to_json()
    with pytest.raises(Refused, match="do not match their fingerprint"):
        DataSpec.from_json({**body, "pictures": {**body["pictures"], "packed": other["pictures"]["packed"]}})
    with pytest.raises(Refused, match="cannot be unpacked"):
        DataSpec.from_json({**body, "pictures": {**body["pictures"], "packed": "AAAA"}})
    with pytest.raises(Refused):
        DataSpec.from_json({**body, "pictures": {**body["pictures"], "shape": [9, 3, 5, 4]}})


@pytest.mark.parametrize(
    ("pixels", "labels", "names", "sentence"),
    [
        (np.zeros((2, 5, 4), dtype=np.uint8), [0, 0], (), "pictures are bytes"),
        (np.zeros((2, 1, 5, 4)), [0, 0], (), "float64"),
        (np.zeros((2, 4, 5, 4), dtype=np.uint8), [0, 0], (), "1 or 3"),
        (np.zeros((0, 1, 5, 4), dtype=np.uint8), [], (), "pictures are bytes"),
        (np.zeros((2, 1, 5, 4), dtype=np.uint8), [0], (), "needs a label"),
        (np.zeros((2, 1, 5, 4), dtype=np.uint8), [0, 1], (), "from 0 to 0"),
        (np.zeros((2, 1, 5, 4), dtype=np.uint8), [0, 2], ("a", "b"), "from 0 to 1"),
    ],
)
def test_what_is_no_set_of_pictures_is_refused(pixels: Any, labels: Any, names: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        PictureSet(pixels, np.array(labels, dtype=int), names, "mine", "here")


def test_bytes_and_numbers_are_there_and_back() -> None:
    levels = np.arange(256, dtype=np.uint8)
    numbers = from_bytes(levels)
    assert numbers.dtype == np.float32
    assert numbers[0] == -1
    assert numbers[255] == 1
    assert (to_bytes(numbers) == levels).all()
    assert to_bytes(np.array([-3.0, 3.0])).tolist() == [0, 255]
