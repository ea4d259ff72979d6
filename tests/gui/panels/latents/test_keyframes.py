"""The places of a path as a list, without a window."""

from __future__ import annotations

import json
import math

import numpy as np

from dgm_studio.core.latents import DATA, ENCODES, FILE, SEED, PictureModelReport, Placed, Spot
from dgm_studio.core.pictures import PictureShape
from dgm_studio.gui.panels.latents.keyframes import LEAST, MOST, Key, Keyframes

SHAPE = PictureShape(1, 4, 4, 2)
MINE = np.arange(16, dtype=np.uint8).reshape(1, 4, 4)


def report(shape: PictureShape = SHAPE, count: int = 10) -> PictureModelReport:
    return PictureModelReport("a model", "vae", "", shape, 1, (ENCODES,), count=count, latent=2)


def three() -> Keyframes:
    keys = Keyframes()
    for spot in (Spot(SEED, seed=5), Spot(DATA, index=8), Spot(FILE, pixels=MINE, title="mine")):
        keys.add(Key(spot))
    return keys


def kinds(keys: Keyframes) -> list[str]:
    return [key.spot.kind if key.spot is not None else "" for key in keys.keys]


def test_a_new_place_stands_behind_the_one_that_is_looked_at() -> None:
    keys = three()
    assert kinds(keys) == [SEED, DATA, FILE]
    assert keys.selected == 2
    keys.selected = 0
    keys.add(Key(None))
    assert kinds(keys) == [SEED, "", DATA, FILE]
    assert keys.selected == 1
    keys.move(-1)
    assert kinds(keys) == ["", SEED, DATA, FILE]
    keys.move(-1)
    assert keys.selected == 0
    while len(keys) < MOST:
        keys.add(Key(None))
    keys.add(Key(None))
    assert len(keys) == MOST
    for _ in range(MOST):
        keys.remove()
    assert len(keys) == LEAST


def test_an_answer_for_a_place_that_is_gone_is_passed_over() -> None:
    keys = three()
    asked = keys.unplaced()
    keys.remove()
    pictures = np.zeros((3, 1, 4, 4), dtype=np.uint8)
    latents = np.arange(6, dtype=np.float32).reshape(3, 2)
    error = np.array([math.nan, 0.5, 0.1], dtype=np.float32)
    keys.place(asked, Placed(latents, pictures, pictures, error, np.array([-1, 1, -1])))
    assert keys.placed
    np.testing.assert_array_equal(keys.latents(), latents[:2])
    assert keys.keys[1].error == 0.5
    assert keys.keys[1].title(("bag", "boot")) == "boot 8"
    assert keys.keys[0].title() == "seed 5"


def test_another_model_keeps_only_what_has_a_place_in_it() -> None:
    for shape, encodes, count, left in (
        (SHAPE, True, 10, [SEED, DATA, FILE]),
        (SHAPE, True, 8, [SEED, FILE]),
        (PictureShape(3, 4, 4, 2), True, 10, [SEED, DATA]),
        (SHAPE, False, 10, [SEED]),
    ):
        keys = three()
        keys.adopt(report(shape, count), encodes)
        assert kinds(keys) == left
        assert len(keys.unplaced()) == len(left)


def test_a_session_holds_the_places_and_passes_over_what_is_foreign() -> None:
    held = json.loads(json.dumps(three().session()))
    again = Keyframes()
    again.restore([*held, {"kind": "dream"}, 3, {"kind": FILE, "seed": 0, "index": 0, "title": "", "pixels": "?"}])
    assert kinds(again) == [SEED, DATA, FILE]
    own = again.keys[2].spot
    assert own is not None
    np.testing.assert_array_equal(own.pixels, MINE)
    assert [key.spot.index for key in again.keys if key.spot is not None][1] == 8
