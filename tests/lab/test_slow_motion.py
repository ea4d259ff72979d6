"""Slow motion on the training lane: a real beat, told in stages of plain arrays and words."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.reports import Beat, History, Motion
from dgm_studio.core.requests import Revisit, SlowMotion
from dgm_studio.lab.run import Run
from dgm_studio.lab.train_task import TrainTask
from tests.lab.recipes import ALL, assert_same, go, go_beats, small

LANE = "train"
KINDS = {
    "points": {"points"},
    "histogram": {"edges", "counts"},
    "matrix": {"matrix"},
    "bars": {"values"},
    "curve": {"steps", "values"},
}


def slow(task: TrainTask) -> tuple[Beat, Motion]:
    beat, motion, *_ = task.receive(SlowMotion(LANE))
    assert isinstance(beat, Beat)
    assert isinstance(motion, Motion)
    return beat, motion


@pytest.mark.parametrize("family", ALL)
def test_it_is_the_ordinary_beat_told_in_stages(family: str) -> None:
    task, plain = TrainTask(Run(small(family)), ()), Run(small(family))
    for _ in range(3):
        beat, motion = slow(task)
        (same,) = go_beats(plain, 1)
        assert beat == same
    assert_same(task.run, plain)
    assert (motion.step, motion.beat, motion.next) == (beat.step, beat.name, beat.next)
    learns = any(True for _ in task.run.model.parameters())
    names = ["Forward", "Loss", "Gradient", "Update"] if learns else ["Data", "Value", "Update"]
    assert [stage.title for stage in motion.stages] == names
    for stage in motion.stages:
        assert stage.formula
        assert stage.caption.endswith(".")
        for plate in stage.plates:
            assert set(plate.arrays) >= KINDS[plate.kind]
            assert plate.title
            assert not any(array.flags.writeable for array in plate.arrays.values())
            assert all(array.size for array in plate.arrays.values())


def test_the_words_are_the_numbers() -> None:
    task = TrainTask(Run(small("diffusion")), ())
    go(task.run, 5)
    before = {name: weight.detach().clone() for name, weight in task.run.model.named_parameters()}
    beat, motion = slow(task)
    forward, loss, gradient, update = motion.stages
    assert f"{beat.values['loss']:.5g}" in loss.caption
    assert dict(loss.facts)["loss"] == f"{beat.values['loss']:.5g}"
    curve = next(plate for plate in loss.plates if plate.kind == "curve")
    assert curve.arrays["steps"].tolist() == [1, 2, 3, 4, 5, 6]
    assert curve.arrays["values"][-1] == beat.values["loss"]
    first = next(plate for plate in update.plates if plate.title == "net.from_x.weight")
    change = (
        (dict(task.run.model.named_parameters())["net.from_x.weight"] - before["net.from_x.weight"]).detach().numpy()
    )
    assert np.array_equal(first.arrays["matrix"], change.T)
    steps = np.concatenate([(w.detach() - before[name]).flatten() for name, w in task.run.model.named_parameters()])
    assert dict(update.facts)["|Δw|"] == f"{np.linalg.norm(steps.astype(float)):.4g}"
    arrows = next(plate for plate in forward.plates if "target" in plate.arrays)
    assert arrows.arrays["answer"].shape == arrows.arrays["target"].shape == arrows.arrays["points"].shape
    assert len(next(plate for plate in gradient.plates if plate.kind == "bars").arrays["values"]) == len(before)


def test_the_formula_is_that_of_the_beat_and_of_the_choice_that_is_live() -> None:
    task = TrainTask(Run(small("gan")), ())
    assert slow(task)[1].stages[1].formula == "L = −V(G, D) = −E log D(x) − E log(1 − D(G(z)))"
    task.run.change_training("generator_loss", "minimax")
    assert slow(task)[1].stages[1].formula == "L = E log(1 − D(G(z)))"


def test_it_comes_back_from_the_past() -> None:
    task = TrainTask(Run(small("diffusion")), ())
    clock = task.beats()
    for _ in range(25):
        next(clock)
    (told,) = task.receive(Revisit(LANE, 20))
    assert isinstance(told, History)
    assert told.viewing == 20
    _beat, motion, history = task.receive(SlowMotion(LANE))
    assert isinstance(motion, Motion)
    assert motion.step == 26
    assert isinstance(history, History)
    assert history.viewing is None
