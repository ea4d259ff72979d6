"""A run repeats bit for bit, is not changed by being looked at, and its recipe tells the whole of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import EXACT, LEARNED, Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.recipe import SEED_LIMIT, Recipe
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.lab.run import Run
from dgm_studio.lab.watcher import Watcher
from tests.lab.recipes import ALL, GRADIENT, assert_same, go, go_beats, nudge, painted, points_of, small

LOOKS = tuple(
    Ask(view, variant, resolution=8, t=t, count=20)
    for view in ("samples", "density", "velocity", "critic")
    for variant, t in ((LEARNED, 1.0), (EXACT, 0.5))
)


def replayed(run: Run) -> Run:
    """The run's recipe run again from step 0, by way of JSON."""
    recipe = Recipe.from_json(json.loads(json.dumps(run.recipe.to_json())))
    again = Run(replace(recipe, step=0))
    go(again, recipe.step)
    while again.fit.beat != run.fit.beat:
        next(again.beats())
    return again


@pytest.mark.parametrize("family", ALL)
def test_the_same_recipe_is_the_same_run(family: str) -> None:
    first, again, other = Run(small(family)), Run(small(family)), Run(small(family, seed=4))
    assert go(first, 12) == go(again, 12)
    go(other, 12)
    assert_same(first, again)
    name = next(iter(first.loss_arrays()))
    assert not np.array_equal(first.loss_arrays()[name][1], other.loss_arrays()[name][1])


@pytest.mark.parametrize("family", ALL)
def test_looking_never_changes_a_run(family: str) -> None:
    watched, alone = Run(small(family)), Run(small(family))
    watcher, seen = Watcher(LOOKS), []
    clock = watched.beats()
    shadow = None
    while watched.fit.step < 60:
        next(clock)
        if watched.fit.step % 6 == 0 and watched.fit.beat == 0:
            scene = watched.scene(shadow)
            shadow = scene.model
            pictures = watcher.round(watched.fit.step, lambda scene=scene: scene)  # type: ignore[misc]
            assert pictures is not None
            for index, picture in enumerate(pictures):
                seen.append(picture)
                if index % 3 == 0:  # training goes on between two slices, as in a lane
                    next(clock)
    while watched.fit.step < 62 or watched.fit.beat:
        next(clock)
    last = watched.scene(shadow)
    while (pictures := watcher.round(watched.fit.step, lambda: last)) is not None:
        seen += pictures  # how much a round shows is a matter of time
    go(alone, watched.fit.step)
    assert_same(watched, alone)
    assert sum(isinstance(one, Picture) for one in seen) >= 4
    assert all(isinstance(one, (Picture, Refusal)) or one is None for one in seen)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("family", ALL)
def test_edits_replayed_from_step_0_give_the_run(family: str) -> None:
    run = Run(small(family, painted(1)))
    go(run, 4)
    nudge(run, "learning_rate", 5e-4)
    nudge(run, "batch", 48)
    go_beats(run, 3)
    run.change_data(painted(2, scale=3.0))
    go(run, 4)
    run.change_data(DataSpec("moons", {"noise": 0.2}, 200))
    nudge(run, "ema", 0.5)
    go_beats(run, 5)
    assert len(run.recipe.edits) == 5
    assert points_of(run).data_set is not None
    assert run.recipe.data_now().knobs == {"noise": 0.2}
    assert_same(run, replayed(run))


def test_a_critic_beat_edited_in_the_middle_of_a_step_is_replayed_there() -> None:
    run = Run(small("gan", d_beats=3))
    go_beats(run, 4 * 5 + 2)
    assert (run.fit.step, run.fit.beat) == (5, 2)
    run.change_training("learning_rate", 1e-3)
    go_beats(run, 1)
    run.change_training("d_beats", 1)
    go_beats(run, 4)
    assert [(edit.step, edit.beat) for edit in run.recipe.edits] == [(5, 2), (5, 3)]
    assert_same(run, replayed(run))


def test_a_live_edit_replaces_the_future_that_was_written() -> None:
    run = Run(small("vae"))
    go(run, 5)
    run.change_training("batch", 8)
    go(run, 5)
    run.change_training("batch", 64)
    again = Run(replace(run.recipe, step=0))
    go(again, 7)
    assert again.fit.training.batch == 8
    again.change_training("batch", 16)
    go(again, 10)
    assert again.fit.training.batch == 16
    assert [edit.value for edit in again.recipe.edits] == [8, 16]


@pytest.mark.parametrize("family", ALL)
def test_sampling_knobs_touch_the_picture_only(family: str) -> None:
    run, alone = Run(small(family)), Run(small(family))
    go(run, 5)
    go(alone, 5)
    knobs = type(run.model).entry().sampling
    one = next((k for k in knobs if k.high is not None), None)
    if one is None:
        pytest.skip("nothing to set")
    run.change_sampling(one.name, one.type(one.high))
    assert run.recipe.sampling[one.name] == one.high
    assert run.recipe.edits == ()
    alone.change_sampling(one.name, one.type(one.high))
    go(run, 3)
    go(alone, 3)
    assert_same(run, alone)
    assert run.recipe.step == 8
    with pytest.raises(Refused, match="must be"):
        run.change_sampling(one.name, float(one.high or 0) * 2 + 1 if one.type is float else int(one.high or 0) + 1)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        (painted(columns=3), "shape"),
        (DataSpec("no-such-set"), "no data set"),
        (DataSpec("moons", {"noise": 1e9}), "must be"),
        (DataSpec("moons", count=1), "points"),
    ],
)
def test_data_that_do_not_fit_are_refused_and_nothing_changes(spec: DataSpec, sentence: str) -> None:
    run, alone = Run(small("diffusion")), Run(small("diffusion"))
    go(run, 3)
    go(alone, 3)
    with pytest.raises(Refused, match=sentence):
        run.change_data(spec)
    assert run.recipe.edits == ()
    assert run.data.points.shape == (300, 2)
    go(run, 3)
    go(alone, 3)
    assert_same(run, alone)


def test_a_training_knob_out_of_range_is_refused_and_nothing_changes() -> None:
    run = Run(small("vae"))
    before = run.fit.training
    for knob, value in (("batch", 0), ("batch", "many"), ("learning_rate", -1.0), ("no_such", 1)):
        with pytest.raises(Refused):
            run.change_training(knob, value)
    assert run.fit.training == before
    assert run.recipe.edits == ()


@pytest.mark.parametrize("family", GRADIENT)
def test_divergence_is_caught_kept_and_undone(family: str) -> None:
    run = Run(small(family))
    usual = run.fit.training.learning_rate
    go(run, 103)
    run.change_training("learning_rate", 1e3)
    with pytest.raises(Diverged, match=r"diverged.*halve the learning rate") as caught:
        go(run, 2_000)
    assert caught.value.kept_step == 100 == run.fit.kept_step
    run.go_back(0.5)
    assert run.fit.step == 100
    assert all(bool(weight.isfinite().all()) for weight in run.model.parameters())
    edit = run.recipe.edits[-1]
    assert (edit.step, edit.knob, edit.value) == (100, "learning_rate", usual / 2)
    assert run.fit.training.learning_rate == usual / 2
    for steps, values in run.loss_arrays().values():
        assert steps[-1] <= 100
        assert np.isfinite(values).all()
    seen = go(run, 5)
    assert all(np.isfinite(value) for beat in seen for value in beat.values.values())
    assert_same(run, replayed(run))


def test_going_back_undoes_a_change_of_data_too() -> None:
    run = Run(small("realnvp"))
    go(run, 101)
    run.change_data(painted(4))
    go(run, 2)
    run.go_back()
    assert run.fit.step == 100
    assert run.recipe.edits == ()
    assert points_of(run).data_set is not None
    go(run, 3)
    assert_same(run, replayed(run))


def test_moving_keeps_the_weights_and_goes_on() -> None:
    run = Run(small("gan"))
    go(run, 3)
    before = [weight.clone() for weight in run.model.parameters()]
    run.move("cpu")
    assert all(torch.equal(a, b) for a, b in zip(before, run.model.parameters(), strict=True))
    go(run, 3)
    assert run.fit.step == 6


def test_a_clock_that_was_begun_before_a_move_trains_the_moved_model() -> None:
    run = Run(small("realnvp"))
    clock = run.beats()
    next(clock)
    run.move("cpu")
    next(clock)
    assert run.fit.step == 2


def test_a_run_that_trained_on_after_diverging_has_not_diverged() -> None:
    run = Run(small("realnvp"))
    go(run, 3)
    run.diverged = True
    go(run, 1)
    assert not run.diverged, "saving it would go back to the last keyframe"


def pictures_of(watcher: Watcher, run: Run, moment: object = 0) -> list[Picture]:
    """All rounds until nothing is left to be shown."""
    seen = []
    while (slices := watcher.round(moment, run.scene)) is not None:
        seen += [one for one in slices if isinstance(one, Picture)]
    return seen


def test_a_round_under_way_when_a_sampling_knob_changes_shows_nothing_of_before() -> None:
    run = Run(small("diffusion"))
    watcher = Watcher((Ask("samples", count=20),))
    begun = watcher.round(0, run.scene)
    assert begun is not None
    next(begun)
    run.change_sampling("steps", 3)
    watcher.forget()
    assert [one for one in begun if isinstance(one, Picture)] == []
    (picture,) = pictures_of(watcher, run)
    assert len(picture.arrays["frames"]) == 4


def test_what_is_asked_for_again_is_shown_again() -> None:
    run = Run(small("diffusion"))
    asks = (Ask("data"), Ask("samples", count=20))
    watcher = Watcher(asks)
    assert len(pictures_of(watcher, run)) == 2
    watcher.asks = asks
    assert pictures_of(watcher, run) == [], "nothing was taken away"
    watcher.asks = asks[:1]
    watcher.asks = asks
    (again,) = pictures_of(watcher, run)
    assert again.ask.view == "samples"


def test_the_report_reads_the_model_back() -> None:
    run = Run(small("gan", d_beats=2))
    go(run, 4)
    report = run.report("a.safetensors")
    assert report.parameters == sum(p.numel() for p in run.model.parameters())
    assert report.beats == run.model.beats(run.fit.training)
    assert len(report.beats) == 3
    assert report.recipe.step == 4
    assert report.path == "a.safetensors"
    assert report.shows == run.model.card.shows
    steps, values = next(iter((report.restored_losses or {}).values()))
    assert steps.tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert not values.flags.writeable
    assert run.report(whole=False).restored_losses is None


@pytest.mark.parametrize("seed", [-1, SEED_LIMIT])
def test_a_seed_beyond_the_generators_is_refused(seed: int) -> None:
    with pytest.raises(Refused, match="seed"):
        Run(small("vae", painted(), seed=seed))
    Run(small("vae", painted(), seed=SEED_LIMIT - 1)).scene().generator(7)


def test_an_unknown_family_lists_the_near_ones() -> None:
    with pytest.raises(Refused, match=r"difusion.*Did you mean diffusion"):
        Run(replace(small("diffusion"), family="difusion"))
