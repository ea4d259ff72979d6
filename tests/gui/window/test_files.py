"""Saving, opening, closing with unsaved work, and points from files: nothing is lost, everything is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from safetensors import safe_open
from safetensors.torch import save_file

from dgm_studio.gui.dialogs.import_table import ImportDialog
from dgm_studio.gui.panels.checkpoints.panel import CheckpointsPanel
from dgm_studio.lab.native import load
from tests.gui.window.conftest import MakeWindow
from tests.gui.window.driver import Answers, Person
from tests.gui.window.headless import trained
from tests.lab.recipes import assert_same

CTRL = Qt.KeyboardModifier.ControlModifier


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | str) -> None:
    """What the system's file dialogs will answer; "" is Cancel."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", staticmethod(lambda *_: (str(path), "")))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *_: (str(path), "")))


def saved(studio: Person, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Ctrl+S, and wait until it is on disk."""
    choose(monkeypatch, path)
    studio.press(Qt.Key.Key_S, CTRL)
    studio.until(lambda: studio.window.studio.run.unsaved == 0 and path.exists())


def drop(studio: Person, path: Path) -> bool:
    """Drag a file over the window and let it go; whether the window took it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(50, 50).toPoint(), Qt.DropAction.CopyAction, data, buttons, keys)
    enter.ignore()
    studio.window.dragEnterEvent(enter)
    if enter.isAccepted():
        studio.window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys))
    return enter.isAccepted()


def test_save_names_the_window_and_clears_the_mark(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.train_by(12)
    assert studio.window.isWindowModified()
    file = tmp_path / "mine.safetensors"
    saved(studio, monkeypatch, file)
    assert studio.window.windowTitle().startswith("mine.safetensors")
    assert not studio.window.isWindowModified()
    assert str(file) in studio.panel.banner.sentence.text()
    studio.train_by(1)
    assert studio.window.isWindowModified()
    assert_same(load(str(file), "cpu"), trained(load(str(file), "cpu").recipe))


def test_open_goes_on_bit_for_bit(studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.train_by(12)
    file, on = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    saved(studio, monkeypatch, file)
    studio.fresh(lambda: studio.press(Qt.Key.Key_R))
    choose(monkeypatch, file)
    studio.fresh(lambda: studio.press(Qt.Key.Key_O, CTRL))
    assert studio.step == 12
    assert studio.panel.numbers.loss.curves["loss"].size == 12, "the curve is there again"
    studio.train_by(12)
    choose(monkeypatch, on)
    studio.press(Qt.Key.Key_S, CTRL | Qt.KeyboardModifier.ShiftModifier)
    studio.until(lambda: studio.window.studio.run.path == str(on))
    run = load(str(on), "cpu")
    assert run.recipe.step == 24
    assert_same(run, trained(run.recipe))


def test_a_run_of_another_machine_is_opened_with_a_quiet_sentence(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.train_by(2)
    file = tmp_path / "a.safetensors"
    saved(studio, monkeypatch, file)
    with safe_open(file, "pt") as held:
        tensors, metadata = {name: held.get_tensor(name) for name in held.keys()}, dict(held.metadata())  # noqa: SIM118
    save_file(tensors, file, {**metadata, "threads": "64"})
    choose(monkeypatch, file)
    studio.fresh(lambda: studio.press(Qt.Key.Key_O, CTRL))
    assert studio.panel.banner.sentence.text().startswith("This run was saved with 64 threads and here")
    assert not studio.panel.banner.failed


def test_cancelling_the_file_dialog_changes_nothing(studio: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.train_by(2)
    choose(monkeypatch, "")
    for key in (Qt.Key.Key_S, Qt.Key.Key_O, Qt.Key.Key_I):
        studio.press(key, CTRL)
    studio.train_by(1)
    assert studio.step == studio.window.studio.run.unsaved == 3
    assert not studio.panel.banner.isVisible()


@pytest.mark.parametrize("answer", ["Save", "Discard", "Cancel"])
def test_closing_with_unsaved_steps_asks(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    studio.train_by(12)
    file = tmp_path / "kept.safetensors"
    choose(monkeypatch, file)
    said = Answers(answer)
    studio.window.close()
    assert "12 steps of Flow matching on Eight Gaussians" in said.said
    if answer == "Cancel":
        assert studio.window.isVisible()
        studio.train_by(1)
        assert studio.step == 13
        return
    studio.until(lambda: not studio.window.isVisible())
    assert file.exists() is (answer == "Save")
    if answer == "Save":
        assert load(str(file), "cpu").recipe.step == 12


def test_only_what_the_file_lacks_would_be_lost(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = studio.window.studio.run
    studio.train_by(5)
    saved(studio, monkeypatch, tmp_path / "a.safetensors")
    studio.train_by(2)
    assert run.unsaved == 2
    run.go_back(0.5)  # to the first keyframe, with an edit that the file does not have
    studio.until(lambda: studio.step == 0)
    studio.train_by(5)
    assert run.unsaved == 5, "the same step, but on another way"


def test_saving_in_the_close_prompt_can_still_be_called_off(studio: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.train_by(2)
    choose(monkeypatch, "")
    said = Answers("Save")
    studio.window.close()
    assert said.said
    studio.train_by(1)
    assert studio.window.isVisible()
    assert studio.step == 3


def broken(path: Path, kind: str) -> None:
    """Spoil a good checkpoint."""
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return
    with safe_open(path, framework="pt") as file:
        meta = dict(file.metadata())
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    swap = {"schema": ('"schema": 1', '"schema": 99'), "family": ('"diffusion"', '"difusion"')}[kind]
    text = json.dumps(meta)
    changed = {key: value.replace(*swap) for key, value in meta.items()}
    assert json.dumps(changed) != text
    save_file(tensors, path, changed)


@pytest.mark.parametrize(
    ("kind", "word"),
    [("truncated", "truncated"), ("schema", "99"), ("family", "diffusion")],
)
def test_a_bad_file_is_refused_and_the_run_kept(
    studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, word: str
) -> None:
    file = tmp_path / "a.safetensors"
    studio.train_by(3)
    saved(studio, monkeypatch, file)
    path = studio.window.studio.run.path
    broken(file, kind)
    studio.panel.banner.hide()
    studio.press(Qt.Key.Key_O, CTRL)
    studio.until(studio.panel.banner.isVisible)
    assert studio.panel.banner.failed
    assert word in studio.panel.banner.sentence.text()
    assert studio.window.studio.run.path == path
    studio.train_by(1)
    assert studio.step == 4


def test_a_file_that_cannot_be_opened_at_the_start_leaves_a_run_and_says_so(
    new_window: MakeWindow, tmp_path: Path
) -> None:
    file = tmp_path / "bad.safetensors"
    file.write_bytes(b"nothing")
    studio = new_window(str(file))
    panel = studio.window.panel
    assert isinstance(panel, CheckpointsPanel)
    studio.until(lambda: panel.subject.refusal is not None)
    assert panel.subject.path == str(file)
    assert studio.step == 0, "there is a run all the same"
    assert not panel.banner.isVisible(), "no error dialog"


def test_a_folder_that_cannot_be_written(studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.train_by(2)
    choose(monkeypatch, "/proc/none/a.safetensors")
    studio.press(Qt.Key.Key_S, CTRL)
    studio.until(studio.panel.banner.isVisible)
    assert studio.panel.banner.failed
    assert "/proc/none" in studio.panel.banner.sentence.text()
    assert studio.window.studio.run.unsaved == 2
    assert studio.window.studio.run.path == ""
    saved(studio, monkeypatch, tmp_path / "elsewhere.safetensors")


def table(path: Path, bad_row: bool = False) -> Path:
    """A small CSV file with three columns."""
    rng = np.random.default_rng(0)
    rows = [f"{a:.4f},{b:.4f},{k % 3}" for k, (a, b) in enumerate(rng.normal(50, 10, (400, 2)))]
    if bad_row:
        rows[300] = "oops,1,2"
    path.write_text("\n".join(["height,weight,kind", *rows]))
    return path


def dialog_of(studio: Person) -> ImportDialog:
    """The import dialog that is open."""
    studio.until(lambda: any(one.isVisible() for one in studio.window.findChildren(ImportDialog)))
    return next(one for one in studio.window.findChildren(ImportDialog) if one.isVisible())


def test_dropped_points_are_trained_on(studio: Person, tmp_path: Path) -> None:
    assert drop(studio, table(tmp_path / "people.csv"))
    dialog = dialog_of(studio)
    assert dialog.choice().columns == ("height", "weight")
    studio.fresh(lambda: studio.click(dialog.go))
    data = studio.recipe.data
    assert data.points is not None
    assert data.points.points.shape == (400, 2)
    assert abs(float(data.points.points.mean()) - 50) < 2, "kept in the file's own units"
    assert studio.panel.inputs.data.current() == "own"
    assert not any(one.isVisible() for one in studio.window.findChildren(ImportDialog))
    studio.train_by(2)
    assert studio.step == 2


def test_bad_rows_come_back_to_the_dialog(studio: Person, tmp_path: Path) -> None:
    assert drop(studio, table(tmp_path / "people.csv", bad_row=True))
    dialog = dialog_of(studio)
    studio.click(dialog.go)
    studio.until(lambda: dialog.isVisible() and "row" in dialog.problem.text())
    studio.click(dialog.drop.switch)
    studio.fresh(lambda: studio.click(dialog.go))
    assert studio.recipe.data.points is not None
    assert len(studio.recipe.data.points.points) == 399
    assert not studio.panel.banner.isVisible(), "what was mended is no longer complained about"


def test_a_cancelled_import_does_not_come_back(studio: Person, tmp_path: Path) -> None:
    assert drop(studio, table(tmp_path / "people.csv"))
    dialog = dialog_of(studio)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    (tmp_path / "b.csv").write_bytes(bytes(range(256)) * 20)
    assert drop(studio, tmp_path / "b.csv")
    studio.until(studio.panel.banner.isVisible)
    assert studio.panel.banner.failed
    assert not any(one.isVisible() for one in studio.window.findChildren(ImportDialog))


def test_a_dropped_checkpoint_is_opened(studio: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.train_by(3)
    saved(studio, monkeypatch, tmp_path / "a.safetensors")
    studio.fresh(lambda: studio.press(Qt.Key.Key_R))
    studio.fresh(lambda: drop(studio, tmp_path / "a.safetensors"))
    assert studio.step == 3
