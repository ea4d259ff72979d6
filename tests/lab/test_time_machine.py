"""The time machine: nothing of the start is forgotten, and going on from the past is the same run bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Beat, History, Picture
from dgm_studio.core.requests import Change, Continue, GoBack, Look, NewData, Revisit, SwitchBranch
from dgm_studio.lab.run import Run
from dgm_studio.lab.time_machine import FIRST_INTERVAL, MEGABYTE
from dgm_studio.lab.train_task import TrainTask
from tests.lab.recipes import small

LANE = "train"


def task_of(family: str = "diffusion", megabytes: float = 64) -> TrainTask:
    return TrainTask(
        Run(small(family, DataSpec("eight-gaussians", {}, 300))), (Ask("samples", count=50),), megabytes=megabytes
    )


def train(clock: Iterator[Any], task: TrainTask, step: int) -> None:
    while task.run.fit.step < step:
        assert isinstance(next(clock), Beat)


def pictures(task: TrainTask) -> list[Picture]:
    found = []
    while (slow := task.watch()) is not None:
        found += [report for report in slow if isinstance(report, Picture)]
    return found


def history(task: TrainTask, step: int | None) -> History:
    (told,) = task.receive(Revisit(LANE, step))
    assert isinstance(told, History)
    return told


def weights(task: TrainTask) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in task.run.fit.state()[0].items()}


def same(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("family", ["diffusion", "gan", "vae"])
def test_going_on_from_the_past_unchanged_is_the_same_run(family: str) -> None:
    task = task_of(family)
    clock = task.beats()
    train(clock, task, 47)
    end, losses = weights(task), task.run.loss_arrays()
    assert history(task, 25).viewing == 20
    _report, told = task.receive(Continue(LANE))
    assert isinstance(told, History)
    assert (task.run.fit.step, len(told.branches), told.branch) == (20, 2, 1)
    assert told.branches[1].forked == 20
    train(clock, task, 47)
    assert same(end, weights(task))
    for name, (steps, values) in task.run.loss_arrays().items():
        assert np.array_equal(steps, losses[name][0])
        assert np.array_equal(values, losses[name][1])


def test_other_knobs_make_another_branch_and_both_stay() -> None:
    task = task_of()
    clock = task.beats()
    train(clock, task, 40)
    first = weights(task)
    history(task, 20)
    task.receive(Continue(LANE))
    task.receive(Change(LANE, "training", "learning_rate", 0.05))
    train(clock, task, 33)
    second, other = weights(task), task.run.recipe
    assert [edit.step for edit in other.edits] == [20]
    _report, told = task.receive(SwitchBranch(LANE, 0))
    assert same(first, weights(task))
    assert task.run.recipe.edits == ()
    assert isinstance(told, History)
    assert told.ghosts is not None
    assert list(told.ghosts) == ["loss, branch 2"]
    assert len(told.ghosts["loss, branch 2"][0]) == 33
    task.receive(SwitchBranch(LANE, 1))
    assert same(second, weights(task))
    assert task.run.recipe.edits == other.edits


def test_looking_back_shows_that_step_and_changes_nothing() -> None:
    task, alone = task_of(), task_of()
    clock, quiet = task.beats(), alone.beats()
    train(clock, task, 40)
    (now,) = pictures(task)
    history(task, 20)
    (then,) = pictures(task)
    assert (then.step, now.step) == (20, 40)
    assert not np.array_equal(then.arrays["frames"], now.arrays["frames"])
    assert history(task, None).viewing is None
    (again,) = pictures(task)
    assert np.array_equal(again.arrays["frames"], now.arrays["frames"])
    history(task, 0)
    train(clock, task, 41)  # playing comes back to the present
    (newest,) = pictures(task)
    assert newest.step == 41
    train(quiet, alone, 41)
    assert same(weights(task), weights(alone))


def test_the_memory_is_kept_to_and_the_start_never_forgotten() -> None:
    one = task_of().run.keyframe().size / MEGABYTE
    task = task_of(megabytes=5.5 * one)
    train(task.beats(), task, 40 * FIRST_INTERVAL)
    told = history(task, 0)
    assert told.megabytes <= 5.5 * one
    assert told.steps[0] == 0
    gaps = np.diff(told.steps)
    assert (gaps == gaps[0]).all()
    assert gaps[0] > FIRST_INTERVAL
    assert len(told.steps) >= 3


def test_data_of_the_time_are_shown_and_come_back() -> None:
    task = task_of()
    clock = task.beats()
    train(clock, task, 20)
    before = task.run.data
    task.receive(NewData(LANE, DataSpec("moons")))
    train(clock, task, 40)
    task.receive(Look(LANE, (Ask("data"),)))
    (now,) = pictures(task)
    history(task, 15)
    (then,) = pictures(task)
    assert not np.array_equal(then.arrays["points"], now.arrays["points"])
    task.receive(Continue(LANE))
    assert task.run.data is before
    assert task.run.recipe.data_now() == DataSpec("eight-gaussians", {}, 300)
    train(clock, task, 30)


def test_going_back_after_divergence_forgets_what_came_after() -> None:
    task = task_of()
    train(task.beats(), task, 120)
    task.receive(GoBack(LANE, 1.0))
    assert task.run.fit.step == 100
    assert max(history(task, 50).steps) <= 100


def test_the_present_cannot_be_branched_off() -> None:
    task = task_of()
    train(task.beats(), task, 5)
    with pytest.raises(Refused, match="drag the training track back"):
        task.receive(Continue(LANE))
    with pytest.raises(Refused, match="no branch 3"):
        task.receive(SwitchBranch(LANE, 2))
