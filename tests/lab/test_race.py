"""Races: level by steps or by time, each runner the very run it would be alone, all scores of one kind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.ask import Ask
from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Beat, Picture
from dgm_studio.core.requests import EQUAL_STEPS, EQUAL_TIME, Pace, SaveRunner
from dgm_studio.lab.native import load
from dgm_studio.lab.race import RaceTask
from dgm_studio.lab.run import Run
from tests.lab.recipes import assert_same, go, small

LANE = "race"
IDS = ("diffusion", "gan", "realnvp")


def race(pace: str = EQUAL_STEPS, asks: tuple[Ask, ...] = (), ids: tuple[str, ...] = IDS) -> RaceTask:
    return RaceTask([Run(small(name)) for name in ids], pace, asks)


def steps(task: RaceTask) -> list[int]:
    return [runner.run.fit.step for runner in task.runners]


def test_equal_steps_keeps_all_level() -> None:
    task = race()
    for count, beat in enumerate(task.beats()):
        assert isinstance(beat, Beat)
        assert max(steps(task)) - min(steps(task)) <= 1
        if count == 60:
            break
    assert min(steps(task)) >= 10


def test_equal_time_keeps_seconds_level() -> None:
    task = race(EQUAL_TIME)
    clock = task.beats()
    for _ in range(300):
        next(clock)
    seconds = [runner.seconds for runner in task.runners]
    slowest = max(s / max(1, n) for s, n in zip(seconds, steps(task), strict=True))
    assert max(seconds) - min(seconds) <= 5 * slowest + 0.05
    assert len(set(steps(task))) > 1


def test_a_runner_is_the_run_it_would_be_alone() -> None:
    task = race(asks=tuple(Ask("samples", count=20, runner=number) for number in range(3)))
    for beat in task.beats():
        if (pictures := task.watch()) is not None:
            list(pictures)
        if steps(task) == [7, 7, 7]:
            break
        assert beat is not None
    for name, runner in zip(IDS, task.runners, strict=True):
        alone = Run(small(name))
        go(alone, 7)
        assert_same(alone, runner.run)


def test_pictures_and_scalars_tell_whose_they_are() -> None:
    asks = tuple(Ask("samples", count=20, runner=number) for number in range(3))
    task = race(asks=asks)
    beat = next(task.beats())
    assert isinstance(beat, Beat)
    assert set(beat.values) == {"0/loss", "0/seconds"}
    seen = {}
    while (pictures := task.watch()) is not None:
        seen.update({one.ask.key: one for one in pictures if isinstance(one, Picture)})
    assert set(seen) == {"samples", "samples#1", "samples#2"}


def test_who_diverges_is_out_and_the_others_go_on() -> None:
    wild = small("diffusion", learning_rate=1e3)
    task = RaceTask([Run(wild), Run(small("realnvp"))], EQUAL_STEPS, ())
    for _ in task.beats():
        if task.runners[1].run.fit.step >= 400:
            break
    assert "diverged" in task.report().out[0]
    assert task.report().out[1] == ""
    assert task.runners[0].run.fit.step < 400


def test_scores_are_finite_and_say_their_kind() -> None:
    asks = tuple(Ask("scores", runner=number) for number in range(3))
    task = race(asks=asks)
    kinds = {}
    while (pictures := task.watch()) is not None:
        for one in pictures:
            if isinstance(one, Picture):
                assert all(np.isfinite(value) for value in one.numbers.values())
                assert 0 <= one.numbers["precision"] <= 1
                kinds[IDS[one.ask.runner]] = (one.note, "log_likelihood" in one.numbers)
    assert kinds == {"diffusion": ("ode", True), "gan": ("", False), "realnvp": ("exact", True)}


def test_a_runner_is_saved_as_a_checkpoint_of_its_own(tmp_path: Path) -> None:
    task = race()
    for _ in zip(range(20), task.beats(), strict=False):
        pass
    (answer,) = task.receive(SaveRunner(LANE, 2, str(tmp_path / "flow")))
    assert_same(load(answer.value), task.runners[2].run)  # type: ignore[attr-defined]


def test_nonsense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="2 to 6"):
        race(ids=("gan",))
    with pytest.raises(Refused, match="no pace 'luck'"):
        race("luck")
    task = race()
    with pytest.raises(Refused, match="no pace"):
        task.receive(Pace(LANE, "speed"))
    with pytest.raises(Refused, match="no run 4"):
        task.receive(SaveRunner(LANE, 3, str(tmp_path / "x")))
    assert replace(Ask("data"), runner=2).key == "data#2"
