"""What the gallery is made of, without a worker: wishes, the layout, favourites, what is apart, newer files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import RAW, WEIGHTS, GalleryTile, Making
from dgm_studio.core.inspection import Conclusion
from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.core.latents import CLASSES, DENOISES, PictureModelReport
from dgm_studio.core.newer_files import RESTS, NewerFiles, Stamp
from dgm_studio.core.pictures import PictureShape
from dgm_studio.gui.panels.checkpoints.gallery_export import sheet_of
from dgm_studio.gui.panels.checkpoints.gallery_layout import TileLayout
from dgm_studio.gui.panels.checkpoints.gallery_pins import MOST, Pins
from dgm_studio.gui.panels.checkpoints.gallery_readouts import apart
from dgm_studio.gui.panels.checkpoints.gallery_wish import (
    IN_TURN,
    NO_CLASS,
    GalleryWish,
    Source,
    settings_of,
    swept,
)

STEPS = Knob("steps", int, 16, "Steps", "Steps.", 1, 1000, log=True)
SOLVER = Knob("solver", str, "euler", "Solver", "Solver.", choices=(Choice("euler", "Euler"), Choice("heun", "Heun")))
TOLD = PictureModelReport(
    "a flow", "diffusion", "a", PictureShape(1, 4, 4, 3), 10, (DENOISES, CLASSES), classes=("one", "two", "three"),
    sampling={"steps": 16, "solver": "euler"},
    settings=(Conclusion(WEIGHTS, "Weights", "ema", "found", ("ema", RAW)), Conclusion("size", "Size", 4, "found")),
)  # fmt: skip
PLAIN = PictureModelReport("a VAE", "vae", "b", PictureShape(1, 4, 4), 10, ("decodes",))


def test_a_row_is_asked_only_for_what_its_model_has() -> None:
    reports = {"a": TOLD, "b": PLAIN}
    wish = GalleryWish((Source("a"), Source("b"), Source("c")), 5, 4, IN_TURN, 2.0, {"steps": 3})
    rows = wish.rows(lambda path, choice: reports.get(path))
    assert [one.label for one in rows[0]] == [0, 1, 2, 0]
    assert [one.seed for one in rows[1]] == [5, 6, 7, 8]
    assert {one.label for one in rows[1]} == {NO_CLASS}
    assert (dict(rows[0][0].sampling), dict(rows[1][0].sampling), dict(rows[2][0].sampling)) == (
        {"steps": 3}, {}, {"steps": 3},
    )  # fmt: skip
    sweep = wish.changed("sweep", "gamma", settings_of(TOLD, (STEPS, SOLVER)))
    (first, *_) = sweep.rows(lambda path, choice: reports.get(path))
    assert [one.gamma for one in first] == list(sweep.values)
    assert {(one.seed, one.label) for one in first} == {(5, 0)}


def test_what_can_be_swept_and_typed() -> None:
    found = {one.id: one for one in settings_of(TOLD, (STEPS, SOLVER))}
    assert list(found) == ["gamma", "label", "steps", "solver", f"choice.{WEIGHTS}"]
    assert found["steps"].parse("4, 8 ,16") == (4, 8, 16)
    assert found["label"].word(2) == "three"
    assert [found["solver"].word(one) for one in found["solver"].values] == ["Euler", "Heun"]
    for text in ("", "4, x", "0", ", ".join("1" * 17)):
        with pytest.raises(Refused):
            found["steps"].parse(text)
    assert {one.id for one in settings_of(PLAIN, ())} == set()


@given(st.floats(1e-6, 1e6), st.floats(1.01, 1e4), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_swept_numbers_keep_to_the_range(low: float, times: float, log: bool, whole: bool) -> None:
    kind = int if whole else float
    low, high = (float(round(low) + 1), float(round(low * times) + 2)) if whole else (low, low * times)
    knob = Knob("k", kind, kind(low), "K", "K.", low, high, log=log)
    values = swept(knob, kind(low))
    assert len(set(values)) == len(values) >= 1
    assert all(low * (1 - 1e-2) - 1e-9 <= float(one) <= high * (1 + 1e-2) for one in values)


@given(st.integers(1, 24), st.floats(200, 1500), st.floats(150, 1000), st.floats(0.5, 2))
@settings(max_examples=25, deadline=None)
def test_tiles_lie_inside_and_apart(count: int, width: float, height: float, ratio: float) -> None:
    wrapped = TileLayout(1, count, width, height, False, 100, 18, 4, ratio)
    headed = TileLayout(3, min(count, 8), width, height, True, 100, 18, 4, ratio)
    for lay in (wrapped, headed):
        boxes = [lay.box(row, column) for row in range(lay.rows) for column in range(lay.columns)]
        for index, box in enumerate(boxes):
            assert box.right() <= width + 1 + 12 * lay.columns or lay.tile[0] <= 12
            if lay.tile[0] > 12:
                assert box.bottom() <= height + 1
            assert all(not box.intersects(other) for other in boxes[:index])
        at = boxes[-1].center()
        assert lay.cell_at(at.x(), at.y()) == (lay.rows - 1, lay.columns - 1)


def test_favourites_are_kept_with_their_bytes() -> None:
    pins, pixels = Pins(), np.arange(16, dtype=np.uint8).reshape(1, 4, 4)
    pins.toggle(Making("a", 1), pixels)
    pins.toggle(Making("a", 2), np.zeros((3, 300, 300), np.uint8))
    again = Pins()
    again.restore(pins.to_json())
    assert np.array_equal(again.held[0].pixels, pixels)  # type: ignore[arg-type]
    assert again.held[1].pixels is None, "a large one is made anew"
    again.restore([*pins.to_json(), {}, {"making": Making("b").to_json(), "bytes": "!", "shape": [1]}, 4])
    assert len(again.held) == 2
    for seed in range(3, MOST + 1):
        pins.toggle(Making("a", seed), pixels)
    with pytest.raises(Refused, match="Take one down"):
        pins.toggle(Making("a", 99), pixels)
    pins.toggle(Making("a", 1), None)
    assert not pins.has(Making("a", 1))


def test_how_far_rows_are_apart_by_hand() -> None:
    dark, light = np.zeros((1, 2, 2), np.uint8), np.full((1, 2, 2), 255, np.uint8)
    far, pairs = apart([dark, dark, None], [light, dark, dark])
    assert far == pytest.approx(np.sqrt(0.5))
    assert pairs == 2
    assert apart([dark], [np.zeros((1, 3, 3), np.uint8)])[1] == 0
    tiles = [[GalleryTile(0, 0, Making("a"), light)], [GalleryTile(1, 0, Making("b"), np.zeros((3, 2, 2), np.uint8))]]
    sheet = sheet_of(tiles)
    assert sheet.shape == (3, 5, 2)
    assert sheet[:, :2].min() == 255
    assert sheet[:, 3:].max() == 0


def test_a_file_is_told_once_and_only_at_rest() -> None:
    old = Stamp(10, 1)
    files = NewerFiles({"a": old})
    assert [files.look({"a": old}) for _ in range(4)] == [""] * 4
    growing = [files.look({"a": old, "b": Stamp(size, size)}) for size in range(1, 6)]
    assert growing == [""] * 5, "it is still being written"
    told = [files.look({"a": old, "b": Stamp(5, 5)}) for _ in range(RESTS + 3)]
    assert told == [""] * (RESTS - 1) + ["b"] + [""] * 3
    told = [files.look({"a": Stamp(10, 9), "b": Stamp(5, 5), "c": Stamp(0, 9)}) for _ in range(RESTS + 3)]
    assert [one for one in told if one] == ["a"], "the open file itself was written anew; an empty one is none"
