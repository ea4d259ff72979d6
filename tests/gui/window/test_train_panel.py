"""The Train panel: every control reaches the worker, and what is drawn is what the model says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.panels.train.panel import LAYERS
from dgm_studio.gui.panels.train.wishes import kept_file
from dgm_studio.lab.native import load
from dgm_studio.paths.custom import Custom
from tests.gui.window.driver import Person
from tests.gui.window.headless import trained
from tests.lab.recipes import assert_same

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


# Data, family, knobs.


def test_other_data_at_step_0_is_a_fresh_run(studio: Person) -> None:
    studio.fresh(lambda: studio.pick_data("moons"))
    assert studio.recipe.data.name == "moons"
    assert studio.recipe.edits == ()
    assert studio.panel.inputs.data.current() == "moons"


def test_other_data_while_training_is_a_live_edit(studio: Person) -> None:
    opened = studio.window.studio.run.opened_by
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 10)
    studio.pick_data("moons")
    studio.until(lambda: bool(studio.recipe.edits))
    reached = studio.step
    studio.until(lambda: studio.step > reached)
    (edit,) = studio.recipe.edits
    assert isinstance(edit.value, DataSpec)
    assert (edit.value.name, studio.recipe.data.name) == ("moons", "eight-gaussians")
    assert 0 < edit.step <= reached
    assert studio.window.studio.run.opened_by == opened, "no other run"


def test_data_of_a_line_are_a_fresh_run_and_another_stage(studio: Person) -> None:
    """A model of two columns cannot go on with one: it is rebuilt, also while it trains, and back."""
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 10)
    studio.fresh(lambda: studio.pick_data("mixture-1d"))
    studio.until(lambda: studio.step > 10)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: not studio.window.studio.run.playing)
    assert studio.recipe.data.name == "mixture-1d"
    assert studio.recipe.edits == ()
    stage = studio.panel.stage
    assert bool(stage.line)
    studio.show_only("data", "samples", "density", "velocity", "score", "exact", "error")
    studio.settle()
    assert all(stage.layer(name).has_content() for name in ("data", "samples", "density", "exact", "error"))
    assert "A line has no grid" in studio.panel.chips.chips["grid"].toolTip()
    studio.pick_data("uniform-1d")  # as many columns: the run goes on
    studio.until(lambda: bool(studio.recipe.edits))
    studio.fresh(lambda: studio.pick_data("moons"))
    studio.settle()
    assert not stage.line
    assert studio.panel.chips.chips["grid"].isEnabled()


def test_a_preset_of_another_family_is_a_fresh_run_of_it(studio: Person) -> None:
    studio.fresh(lambda: studio.pick_family("minimax"))
    assert (studio.recipe.family, studio.recipe.preset) == ("gan", "minimax")
    assert studio.recipe.training["generator_loss"] == "minimax"
    assert set(studio.panel.inputs.forms["design"].rows) == set(studio.recipe.design)


def test_a_design_knob_rebuilds_and_reports_what_the_model_has(studio: Person) -> None:
    report = studio.window.studio.run.report
    assert report is not None
    before = report.parameters
    studio.train_by(3)
    studio.fresh(lambda: studio.type_knob("design", "width", "64"))
    after = studio.window.studio.run.report
    assert after is not None
    assert after.recipe.design["width"] == 64
    assert after.parameters < before
    assert studio.step == 0
    assert studio.panel.inputs.forms["design"].rows["width"].value() == 64


def test_a_training_knob_is_live(studio: Person) -> None:
    studio.train_by(12)
    studio.type_knob("training", "batch", "64")
    studio.until(lambda: bool(studio.recipe.edits))
    assert studio.step == 12
    assert studio.recipe.training_now()["batch"] == 64
    studio.train_by(3)
    assert studio.step == 15


def test_a_sampling_knob_only_resamples(studio: Person, tmp_path: Path) -> None:
    studio.show_only("data", "samples")
    studio.train_by(5)
    studio.settle()
    assert studio.panel.player.length == int(studio.recipe.sampling["steps"]) + 1
    studio.type_knob("sampling", "steps", "10")
    studio.until(lambda: studio.panel.player.length == 11)
    studio.settle()
    assert (studio.step, studio.recipe.edits) == (5, ())
    studio.window.studio.run.save(str(tmp_path / "a.safetensors"))
    studio.until(lambda: bool(studio.window.studio.run.path))
    assert_same(load(str(tmp_path / "a.safetensors"), "cpu"), trained(studio.recipe))


@pytest.mark.parametrize("nonsense", ["banana", "-3", "1e99", "nan"])
def test_nonsense_in_a_knob_is_refused_with_a_sentence(studio: Person, nonsense: str) -> None:
    row = studio.type_knob("training", "learning_rate", nonsense)
    assert row.refusal.isVisible()
    assert len(row.refusal.text()) > 20
    assert row.value() == studio.recipe.training["learning_rate"]
    window_steps = studio.step
    studio.press(Qt.Key.Key_Escape)
    studio.until(lambda: not row.slider.editor.isVisible())
    assert not row.refusal.isVisible()
    assert studio.step == window_steps


def test_keys_typed_into_an_editor_do_not_move_the_studio(studio: Person) -> None:
    studio.train_by(2)
    row = studio.panel.inputs.forms["training"].rows["learning_rate"]
    row.begin_edit()  # type: ignore[attr-defined]
    shown = studio.panel.stage.visible_ids()
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_R):
        studio.press(key)
    assert studio.panel.stage.visible_ids() == shown
    studio.press(Qt.Key.Key_Escape)
    assert not row.slider.editor.isVisible()  # type: ignore[attr-defined]
    studio.train_by(1)
    assert studio.step == 3


# The clock.


def test_keys_step_once_and_ten_times(studio: Person) -> None:
    studio.press(Qt.Key.Key_Right)
    studio.until(lambda: studio.step == 1)
    studio.press(Qt.Key.Key_Right, SHIFT)
    studio.until(lambda: studio.step == 11)
    assert not studio.window.studio.run.playing
    studio.press(Qt.Key.Key_Left)  # back to the last keyframe, and on to the present
    studio.until(lambda: studio.panel.past.viewing == 0)
    studio.press(Qt.Key.Key_Right)
    studio.until(lambda: studio.panel.past.viewing is None)
    studio.press(Qt.Key.Key_Right)
    studio.until(lambda: studio.step == 12)


def test_r_goes_back_to_step_0_with_the_knobs_of_now(studio: Person) -> None:
    studio.train_by(11)
    studio.type_knob("training", "batch", "64")
    studio.until(lambda: bool(studio.recipe.edits))
    studio.fresh(lambda: studio.press(Qt.Key.Key_R))
    assert studio.step == 0
    assert (studio.recipe.training["batch"], studio.recipe.edits) == (64, ())
    assert studio.panel.numbers.loss.curves == {}


def test_the_steps_before_a_rebuild_can_be_brought_back(studio: Person) -> None:
    studio.train_by(11)
    before = studio.recipe
    studio.fresh(lambda: studio.press(Qt.Key.Key_R))
    assert "11 steps" in studio.panel.banner.sentence.text()
    studio.fresh(lambda: studio.click(studio.panel.banner.buttons()[0]))
    assert studio.recipe == before
    assert studio.step == studio.window.studio.run.unsaved == 11


def test_a_rebuild_on_the_way_of_another_loses_neither_wish_nor_steps(studio: Person) -> None:
    studio.train_by(3)
    studio.type_knob("design", "width", "64")
    studio.panel.wishes.build()
    studio.type_knob("design", "layers", "2")
    studio.panel.wishes.build()
    studio.until(lambda: studio.recipe.design["layers"] == 2 and studio.window.studio.run.coming is None)
    assert studio.recipe.design["width"] == 64
    studio.until(lambda: load(str(kept_file()), "cpu").fit.step == 3)
    studio.fresh(lambda: studio.click(studio.panel.banner.buttons()[0]))
    assert studio.step == 3


def test_a_dragged_design_knob_keeps_the_run_before_the_first_rebuild(studio: Person) -> None:
    studio.train_by(3)
    studio.fresh(lambda: studio.type_knob("design", "width", "64"))
    studio.train_by(1)
    studio.fresh(lambda: studio.type_knob("design", "width", "32"))
    assert "3 steps" in studio.panel.banner.sentence.text()
    studio.fresh(lambda: studio.click(studio.panel.banner.buttons()[0]))
    assert studio.step == 3


def test_the_error_that_was_shown_before_is_shown_again(studio: Person) -> None:
    studio.train_by(2)
    studio.show_only("data", "velocity", "error")
    studio.settle()
    studio.show_only("data", "density", "error")
    studio.settle()
    studio.show_only("data", "velocity", "error")
    studio.until(lambda: studio.panel.stage.layer("error").has_content())


def test_pause_at(studio: Person) -> None:
    row = studio.panel.inputs.clock_form.rows["stop_at"]
    studio.type_into(row, "100")
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step == 100 and not studio.window.studio.run.playing)
    assert not studio.panel.transport.play.playing
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step == 200 and not studio.window.studio.run.playing)


def test_a_rebuild_while_training_still_pauses(studio: Person) -> None:
    row = studio.panel.inputs.clock_form.rows["stop_at"]
    studio.type_into(row, "150")
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 5)
    studio.fresh(lambda: studio.type_knob("design", "width", "32"))
    studio.until(lambda: studio.step == 150 and not studio.window.studio.run.playing)


def test_the_two_halves_of_a_gans_step(studio: Person) -> None:
    studio.fresh(lambda: studio.pick_family("non-saturating"))
    beat = studio.panel.beat_button
    assert beat.text() == "Next: D beat"
    studio.click(beat)
    studio.until(lambda: beat.text() == "Next: G beat")
    curves = studio.panel.numbers.loss.curves
    assert "discriminator loss" in curves
    assert "generator loss" not in curves
    assert studio.step == 0, "half a step is no step"
    studio.press(Qt.Key.Key_B)
    studio.until(lambda: beat.text() == "Next: D beat")
    assert studio.step == 1
    assert "generator loss" in curves


def test_no_other_family_has_half_steps(studio: Person) -> None:
    assert not studio.panel.beat_button.isVisible()
    studio.press(Qt.Key.Key_B)
    studio.train_by(1)
    assert studio.step == 1


# Layers.


def test_digits_toggle_layers(studio: Person) -> None:
    for place, name in enumerate(LAYERS[:9]):  # there are nine digits
        chip = studio.panel.chips.chips[name]
        if not chip.isEnabled():
            continue
        before = name in studio.panel.stage.visible_ids()
        studio.press(Qt.Key(Qt.Key.Key_1 + place))
        assert (name in studio.panel.stage.visible_ids()) is not before
        assert chip.isChecked() is not before


@pytest.mark.parametrize(
    ("family", "greyed"),
    [
        ("flow matching", {"critic"}),
        ("non-saturating", {"density", "velocity", "score"}),
        ("realnvp", {"velocity", "critic"}),
        ("vae two latent", {"velocity", "critic"}),
    ],
)
def test_what_a_family_has_not_is_greyed_with_the_reason(studio: Person, family: str, greyed: set[str]) -> None:
    if family != "flow matching":
        studio.fresh(lambda: studio.pick_family(family))
    report = studio.window.studio.run.report
    assert report is not None
    chips = studio.panel.chips.chips
    off = {name for name, chip in chips.items() if not chip.isEnabled()}
    assert greyed <= off, off
    for name in off:
        assert len(chips[name].toolTip()) > 25
        assert chips[name].toolTip().endswith(".")
    for name in set(chips) - off:
        assert "Show or hide" in chips[name].toolTip()
    assert not off & set(studio.panel.stage.visible_ids())


# What is not exact, and what does nothing.


def test_a_reference_in_place_of_a_closed_form_is_called_one(studio: Person) -> None:
    """Moons can be sampled but have no closed form: layer and read-out say what stands in, with its floor."""
    studio.fresh(lambda: studio.pick_data("moons"))
    studio.show_only("samples", "velocity", "exact")
    studio.train_by(10)
    studio.settle()
    panel = studio.panel
    panel.transport.scrubbed.emit("sampling", 12.0)
    studio.settle()
    numbers = panel.numbers
    assert numbers.exact_head.caption.text() == "LEARNED AGAINST A REFERENCE"
    assert "Reference from 20,000 fresh samples, floor" in numbers.doubt.text()
    assert "reference from 20,000 fresh samples" in panel.stage.layer("exact").remark()
    studio.pick_data("eight-gaussians")
    studio.until(lambda: studio.recipe.data_now().name == "eight-gaussians")
    studio.train_by(1)
    studio.settle()
    assert numbers.exact_head.caption.text() == "LEARNED AGAINST EXACT"
    assert not numbers.doubt.isVisible()
    assert "reference" not in panel.stage.layer("exact").remark()


def test_knobs_that_do_nothing_are_greyed_with_the_reason(studio: Person) -> None:
    """Without classes there is no label to guide towards; with classes there is."""
    sampling = studio.panel.inputs.forms["sampling"].rows
    trajectories = studio.window.build("trajectories").film_mode.inputs  # type: ignore[attr-defined]
    for name in ("guidance", "label"):
        assert not sampling[name].isEnabled()
        assert "built without classes" in sampling[name].toolTip()
    assert not trajectories.sampling.rows["guidance"].isEnabled()
    studio.fresh(lambda: studio.type_knob("design", "classes", "8"))
    assert sampling["guidance"].isEnabled()
    assert studio.panel.inputs.forms["training"].rows["label_drop"].isEnabled()
    assert trajectories.sampling.rows["guidance"].isEnabled()


def test_a_path_is_drawn_by_hand(studio: Person) -> None:
    """From the key on the plot to the path of the model that is built."""
    form = studio.panel.inputs.forms["design"]
    (editor,) = form.editors
    assert not editor.isVisible()
    studio.fresh(lambda: studio.panel.inputs.knob_wanted.emit("design", "path", "custom"))
    assert editor.isVisible()
    editor.plot.setFocus()
    studio.press(Qt.Key.Key_Right)
    assert editor.plot.knot == (0, 1)
    studio.fresh(lambda: studio.press(Qt.Key.Key_Up))
    assert studio.recipe.design["a_points"] == "0, 0.31, 0.75, 1"
    path = trained(studio.recipe).model.path
    assert isinstance(path, Custom)
    assert path.a_points == (0.0, 0.31, 0.75, 1.0)
    assert studio.step == 0, "the arrows belong to the plot, not to the training"
