"""Codes of pictures: read, drawn, counted, found again."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import DATA, FILE, SEED, Spot
from dgm_studio.core.picture_requests import DrawCode, FindCode, ReadCode, ShowCodeBook
from dgm_studio.lab.pictures.code_book import perplexity
from dgm_studio.lab.pictures.entry_colours import entry_colours
from dgm_studio.lab.pictures.picture_task import PictureTask
from tests.lab.pictures.bench import answer, told

TaskOf = Callable[[str], PictureTask]


def codes_by_hand(task: PictureTask) -> np.ndarray:
    model, points = task.opened.model, task.opened.pictures.points
    ids = model.codes(model.seen(torch.tensor(np.array(points))))  # type: ignore[operator]
    return np.asarray(ids)


@pytest.mark.parametrize("kind", ["codes", "prior"])
def test_a_code_read_and_drawn(kind: str, task_of: TaskOf) -> None:
    task = task_of(kind)
    read = answer(task, ReadCode("p", Spot(DATA, index=5)))
    assert np.array_equal(read.ids, codes_by_hand(task)[5])
    assert np.array_equal(read.pixels.ravel(), task.opened.pictures.points[5])
    drawn = answer(task, DrawCode("p", read.ids)).pixels
    assert np.abs(drawn[0].astype(int) - read.reconstructed).max() <= 1
    same = answer(task, ReadCode("p", Spot(FILE, pixels=read.pixels)))
    assert np.array_equal(same.ids, read.ids)
    other = read.ids.copy()
    other[0, 0] = (other[0, 0] + 3) % 8
    assert answer(task, DrawCode("p", other)).pixels.shape == (1, 1, 8, 8)


@pytest.mark.parametrize("kind", ["codes", "prior"])
def test_codes_of_seeds(kind: str, task_of: TaskOf) -> None:
    task = task_of(kind)
    first, again, other = (answer(task, ReadCode("p", Spot(SEED, seed=seed))) for seed in (1, 1, 2))
    assert np.array_equal(first.ids, again.ids)
    assert first.ids.min() >= 0
    assert first.ids.max() < 8
    assert np.array_equal(first.pixels, first.reconstructed)
    assert other.ids.shape == (2, 2)


def test_the_book_counts_what_the_data_use(task_of: TaskOf) -> None:
    task = task_of("codes")
    ids = codes_by_hand(task)
    book = answer(task, ShowCodeBook("p"))
    assert np.array_equal(book.usage, np.bincount(ids.ravel(), minlength=8))
    assert book.plane.shape == (8, 2)
    assert book.colours.shape == (8, 3)
    assert book.patches.shape == (8, 1, 4, 4)
    full = answer(task, DrawCode("p", np.full((2, 2), 3))).pixels[0]
    assert np.abs(book.patches[3].astype(int) - full[:, 4:, 4:]).max() <= 1
    used = int(book.usage.argmax())
    found = answer(task, FindCode("p", used, 5))
    assert len(found.pixels) == min(5, int((ids == used).any((1, 2)).sum()))
    with_it = np.flatnonzero((ids == used).any((1, 2)))[:5]
    assert np.array_equal(found.pixels.reshape(len(with_it), -1), task.opened.pictures.points[with_it])
    assert all(ids[row][tuple(place)] == used for row, place in zip(with_it, found.places, strict=True))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_perplexity(counts: list[int]) -> None:
    found = perplexity(np.array(counts))
    assert 0 <= found <= np.count_nonzero(counts) + 1e-9
    assert perplexity(np.full(7, 3)) == pytest.approx(7)
    assert perplexity(np.array([0, 9, 0])) == pytest.approx(1)


def test_near_entries_have_near_colours() -> None:
    plane = np.random.default_rng(0).normal(size=(64, 2))
    colours = entry_colours(plane).astype(int)
    assert len(np.unique(colours, axis=0)) == 64
    ranks = np.argsort(np.argsort(plane, axis=0), axis=0)
    apart = np.abs(ranks[:, None] - ranks).max(-1)
    differ = np.abs(colours[:, None] - colours).max(-1)
    assert differ[apart <= 8].mean() < 0.5 * differ[apart >= 32].mean()


@pytest.mark.parametrize(
    ("kind", "request_", "says"),
    [
        ("codes", DrawCode("p", np.full((2, 2), 8)), "entries 0 to 7; the code holds 8 to 8"),
        ("codes", DrawCode("p", np.zeros((3, 2), np.int64)), r"give whole numbers \(2, 2\)"),
        ("vae", DrawCode("p", np.zeros((2, 2), np.int64)), "has no codebook"),
    ],
)
def test_refusals(kind: str, request_: DrawCode, says: str, task_of: TaskOf) -> None:
    with pytest.raises(Refused, match=says):
        told(task_of(kind), request_)


def test_no_such_entry(task_of: TaskOf) -> None:
    assert "there is no entry 9" in answer(task_of("codes"), FindCode("p", 9))
