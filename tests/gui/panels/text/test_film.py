"""The record of a token film, on paper: what stands since when, and how it is written."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.gui.panels.text.film import AGAIN, LOCKED, MASKED, NEW, PLACED, TokenFilm
from dgm_studio.gui.panels.text.locking import start_with
from dgm_studio.gui.panels.text.prompt import prompt_of
from tests.gui.panels.text.films import MASK, film, report, step


def test_since_when_each_token_stands() -> None:
    assert film().since_map().tolist() == [
        [-2, -1, -1, -1, -1],
        [-2, 1, -1, 1, -1],
        [-2, -1, 2, 1, -1],
        [-2, 3, 2, 1, 3],
    ]


def test_states_by_step() -> None:
    one = film()
    states = [[one.state(k, p) for p in range(5)] for k in range(4)]
    assert states[0] == [LOCKED, MASKED, MASKED, MASKED, MASKED]
    assert states[1] == [LOCKED, NEW, MASKED, NEW, MASKED]
    assert states[2] == [LOCKED, AGAIN, NEW, PLACED, MASKED]
    assert states[3] == [LOCKED, NEW, PLACED, PLACED, NEW]
    assert one.gaps == 4
    assert [one.revealed(k) for k in range(4)] == [0, 2, 2, 4]


def test_it_is_written_as_one_would() -> None:
    one = film()
    assert one.text(1) == "And he ___, ___"
    assert one.text(3) == "And he said, Go"
    lines = TokenFilm(report(4, ()))
    lines.add(step(0, (0, 5, 4, 6)))
    assert lines.text(0) == "And\nGo forth"


def test_a_step_that_is_told_again_takes_the_place_of_the_old_ones() -> None:
    one = film()
    one.add(step(2, (0, 1, 7, 3, 4), (4,)))
    assert one.shape == (3, 5)
    assert one.moments[2].since.tolist() == [-2, 1, -1, 1, 2]
    assert one.final.tolist() == [0, 1, 7, 3, 4]


def test_what_was_not_asked_yet_has_no_word() -> None:
    assert film().word(-1) == ""
    assert film().word(MASK) == ""


def test_locking_and_unlocking_make_the_next_start() -> None:
    one = film()
    assert start_with(one, 1, 3).tolist() == [0, MASK, MASK, 3, MASK]
    assert start_with(one, 1, 0).tolist() == [MASK] * 5


@pytest.mark.parametrize(
    ("start", "prompt"),
    [
        ((0, MASK, MASK, 3, MASK), "And ___ × 2 ,"),
        ((MASK, 1, 2, MASK, MASK), "___ he said"),
        ((MASK,) * 5, ""),
        ((0, 1, 2, 3, 4), "And he said, Go"),
    ],
)
def test_a_start_as_a_prompt(start: tuple[int, ...], prompt: str) -> None:
    assert prompt_of(film(), np.array(start)) == prompt
