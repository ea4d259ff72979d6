"""The teacher of a family that takes one: from a file, with its card, or trained here; wrong files are told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from dgm_studio.gui.panels.train.teacher import FILE, HERE
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from tests.gui.window.driver import Person
from tests.lab.recipes import go, small


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """A diffusion of 20 steps on 300 moons."""
    run = Run(small("diffusion", width=24))
    go(run, 20)
    return save(run, tmp_path / "flow.safetensors")


def choose(studio: Person, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the button, the dialog answered."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    studio.click(studio.panel.inputs.teacher.ways.buttons[FILE])


@pytest.mark.parametrize("family", ["Reflow", "Distillation"])
def test_a_teacher_from_a_file_and_back(
    studio: Person, flow: Path, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = studio.panel.inputs.teacher
    assert not form.isVisible(), "a diffusion takes no teacher"
    studio.fresh(lambda: studio.panel.wishes.family(family.lower(), ""))
    assert form.isVisible()
    assert (form.ways.current(), form.card.isVisible()) == (HERE, False)
    studio.fresh(lambda: choose(studio, flow, monkeypatch))
    recipe = studio.recipe
    assert recipe.teacher_file == str(flow)
    assert (recipe.design["width"], recipe.data.name, recipe.data.count) == (24, "moons", 300)
    assert form.ways.current() == FILE
    assert form.name.full_text() == "flow.safetensors"
    facts = form.facts.items()
    assert (facts["Model"], facts["Data"], facts["Steps"]) == ("Flow matching", "Two moons", "20")
    assert facts["Parameters"] == f"{load(flow).report().parameters:,}"
    beats = studio.window.studio.run.report.beats  # type: ignore[union-attr]
    assert "teacher" not in beats, "its lessons are over"
    studio.fresh(studio.panel.restart)
    assert studio.recipe.teacher_file == str(flow), "a restart keeps the teacher"
    studio.fresh(lambda: studio.click(form.ways.buttons[HERE]))
    assert studio.recipe.teacher == ""
    assert not form.card.isVisible()


def test_wrong_files_are_refused_with_a_sentence_and_change_nothing(
    studio: Person, flow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.fresh(lambda: studio.panel.wishes.family("reflow", ""))
    form, before = studio.panel.inputs.teacher, studio.window.studio.run.opened_by
    other = save(Run(small("vae")), tmp_path / "vae.safetensors")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing of the kind")
    array = tmp_path / "array.safetensors"
    array.write_bytes(np.zeros(3).tobytes())
    for file, words in ((other, "VAE cannot teach Reflow"), (broken, "cannot be read"), (array, "cannot be read")):
        choose(studio, file, monkeypatch)
        studio.until(lambda words=words: words in form.refusal.text())  # type: ignore[misc]
        assert form.refusal.isVisible()
        assert form.ways.current() == HERE
        assert not form.card.isVisible()
    assert studio.window.studio.run.opened_by == before
    studio.fresh(lambda: choose(studio, flow, monkeypatch))
    assert not form.refusal.isVisible()


def test_a_dialog_that_is_called_off_changes_nothing(studio: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.fresh(lambda: studio.panel.wishes.family("reflow", ""))
    before, form = studio.window.studio.run.opened_by, studio.panel.inputs.teacher
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    studio.click(form.ways.buttons[FILE])
    assert form.ways.current() == HERE
    assert studio.window.studio.run.opened_by == before
