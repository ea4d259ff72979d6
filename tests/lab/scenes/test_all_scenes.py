"""Claims over every small scene: both ends of every knob work, beats are short, sketches repeat, errors shrink."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, fill
from dgm_studio.core.reports import Beat, SketchPicture
from dgm_studio.core.requests import Study
from dgm_studio.core.sketch import Sketch
from dgm_studio.lab.scenes import scenes
from dgm_studio.lab.study_task import StudyTask

ALL = sorted(scenes())
IDS = [name for name in ALL if scenes()[name].panel == "scenes"]
"""Those that repeat an estimate beside an exact answer; the Divergences panel's have tests of their own."""
LONGEST = 0.1
"""Seconds of CPU a slice may take at any knob value, with room for a busy machine; the design's aim is 0.05."""


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """What libraries load at their first use, once in a process: it is no part of a slice."""
    import scipy.special  # noqa: F401

    torch.optim.SGD([torch.zeros(1, requires_grad=True)]).step()


def after(scene: str, rounds: int, knobs: dict[str, Any] | None = None, seed: int = 0) -> Sketch:
    """What the task shows after so many rounds."""
    task = StudyTask(Study("scene", scene, knobs or {}, seed))
    for report in task.beats():
        if isinstance(report, Beat) and report.step == rounds:
            break
    pictures = task.watch()
    assert pictures is not None
    (picture,) = pictures
    assert isinstance(picture, SketchPicture)
    assert task.watch() is None
    return picture.sketch


def values() -> list[Any]:
    """Both ends, or every choice, of every knob."""
    found = []
    for scene in ALL:
        for one in scenes()[scene].entry().knobs:
            ends: list[Any] = [choice.id for choice in one.choices] or [one.low, one.high]
            if one.type is bool:
                ends = [False, True]
            if one.type is str and not one.choices:
                continue  # a text is drawn by hand: its scene's own tests try it
            found += [pytest.param(scene, one, end, id=f"{scene}-{one.name}-{end}") for end in ends]
    return found


@pytest.mark.parametrize(("scene", "one", "value"), values())
def test_every_knob_end_draws_in_short_slices(scene: str, one: Knob, value: Any) -> None:
    made = scenes()[scene]
    shown = made(fill(made.declared, {one.name: value}))
    # A round of a chain or of a swarm is a whole film: their own tests draw several.
    for _ in range(1 if made.panel == "trajectories" else 2):
        slices, done = shown.round(), False
        while not done:
            begun = time.process_time()
            done = next(slices, made) is made
            assert time.process_time() - begun < LONGEST
    sketch = shown.sketch()
    assert sketch.caption.endswith(".")
    for plot in sketch.plots:
        assert plot.title
        assert plot.across
        assert plot.up
        for line in plot.lines:
            assert line.x.shape == line.y.shape
            assert np.isfinite(line.x).all()
            assert not line.y.flags.writeable
            assert made.panel != "scenes" or np.isfinite(line.y).all(), line.name
    assert len({one.name for one in sketch.readings}) == len(sketch.readings)
    if made.panel != "scenes":
        return
    assert len(sketch.plots) == 3
    assert any(line.tone == "exact" for plot in sketch.plots for line in plot.lines)
    assert any(one.exact is not None for one in sketch.readings)


@pytest.mark.parametrize("scene", IDS)
def test_a_scene_repeats_by_its_seed_and_another_seed_differs(scene: str) -> None:
    first, again, other = after(scene, 2), after(scene, 2), after(scene, 2, seed=1)
    assert first.readings == again.readings
    assert first.readings != other.readings


@pytest.mark.parametrize("scene", IDS)
def test_more_rounds_shrink_every_doubt(scene: str) -> None:
    few, many = after(scene, 3), after(scene, 15)
    for before, now in zip(few.readings, many.readings, strict=True):
        if before.doubt is not None and before.doubt > 0:
            assert now.doubt is not None
            assert now.doubt < 0.7 * before.doubt, before.name
    assert many.repetitions == 5 * few.repetitions


@pytest.mark.parametrize("scene", IDS)
def test_measured_is_exact_within_its_doubt(scene: str) -> None:
    for one in after(scene, 15).readings:
        biased = one.name.startswith(("Naive", "IWAE"))  # lower bounds of log p(x): below it by Jensen's inequality
        if one.value is None or one.exact is None:
            continue
        assert one.doubt is not None
        if biased:
            assert one.value < one.exact
        else:
            assert abs(one.value - one.exact) <= 2 * one.doubt, one.name


@pytest.mark.parametrize("scene", ALL)
def test_card_says_lecture_formula_and_source(scene: str) -> None:
    card = scenes()[scene].card
    assert re.fullmatch(r"[\d, -]+", card.lecture)
    assert re.search(r", \d{4}", card.paper)
    assert card.formula
    for one in scenes()[scene].entry().knobs:
        assert one.help.endswith((".", ".)"))


def test_nonsense_is_refused() -> None:
    with pytest.raises(Refused, match="no scene named 'evidense'"):
        StudyTask(Study("scene", "evidense", {}))
    with pytest.raises(Refused, match="between 1 and 5000"):
        StudyTask(Study("scene", "evidence", {"samples": 0}))
    with pytest.raises(Refused, match="no knob named"):
        StudyTask(Study("scene", "posterior", {"sampels": 1}))
