"""The export dialog over a real stage: valid files, nothing left by a cancel, sentences for refusals."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.film import Film, Frame
from dgm_studio.gui.dialogs.export import NO_FILM, ExportDialog
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.gui.panels.conftest import opened as opened
from tests.gui.stage.scenery import fill, film
from tests.lab.recipes import painted, small

FRAMES = 5
SIDE = 200


@pytest.fixture
def stage(qtbot: QtBot, look: Theme) -> Stage:
    made = Stage(look, ("data", "samples", "density"))
    qtbot.addWidget(made)
    made.resize(SIDE, SIDE)
    with qtbot.waitExposed(made):
        made.show()
    fill(made, points=100, frames=FRAMES)
    return made


def source(stage: Stage, ready: Callable[[], bool] = lambda: True) -> FilmSource:
    frames = film(100, FRAMES)
    arrays = Film.of(Frame(k / (FRAMES - 1), x, None, k, f"step {k}") for k, x in enumerate(frames))
    return FilmSource(lambda: arrays, FRAMES, FRAMES - 1, stage.set_frame, ready)


def dialog(qtbot: QtBot, stage: Stage, film_source: FilmSource | None) -> ExportDialog:
    made = ExportDialog(stage, film_source)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)  # the test looks at it afterwards
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def written(made: ExportDialog, qtbot: QtBot, kind: str, path: Path) -> None:
    made.choose(kind)
    made.begin(str(path))
    qtbot.waitUntil(lambda: not made.writing, timeout=PATIENCE)


def test_every_kind_makes_a_valid_file(qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    made = dialog(qtbot, stage, source(stage))
    made.settings.set_values({"height": 2 * SIDE})
    written(made, qtbot, "png", tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.size == (2 * SIDE, 2 * SIDE)
    written(made, qtbot, "pdf", tmp_path / "a.pdf")
    page = (tmp_path / "a.pdf").read_bytes()
    assert page.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox \[0 0 200(\.0+)? 200(\.0+)?\]", page), page[:2000]
    written(made, qtbot, "svg", tmp_path / "a")  # the ending is added
    assert ElementTree.parse(tmp_path / "a.svg").getroot().get("viewBox") == f"0 0 {SIDE} {SIDE}"
    made.settings.set_values({"height": SIDE, "rate": 10})
    written(made, qtbot, "gif", tmp_path / "a.gif")
    with GifImageFile(tmp_path / "a.gif") as moving:
        assert (moving.n_frames, moving.size, moving.info["duration"]) == (FRAMES, (SIDE, SIDE), 100)
    written(made, qtbot, "mp4", tmp_path / "a.mp4")
    with av.open(str(tmp_path / "a.mp4")) as film_file:
        stream = film_file.streams.video[0]
        assert (stream.frames, stream.width, stream.height) == (FRAMES, SIDE, SIDE)
        assert stream.average_rate == Fraction(10)
    written(made, qtbot, "frames", tmp_path / "folder")
    assert len(list((tmp_path / "folder").iterdir())) == FRAMES
    written(made, qtbot, "npz", tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as held:
        assert np.array_equal(held["x"], film(100, FRAMES))
        assert held["t"].tolist() == [0, 0.25, 0.5, 0.75, 1]
        assert np.isnan(held["x1_hat"]).all()
        assert held["evaluations"].tolist() == list(range(FRAMES))
    assert made.words.full_text() == f"Written to {tmp_path / 'a.npz'}."
    assert {one.name for one in tmp_path.iterdir()} == {"a.png", "a.svg", "a.pdf", "a.gif", "a.mp4", "folder", "a.npz"}


@pytest.mark.parametrize("kind", ["mp4", "gif", "frames"])
@pytest.mark.parametrize("way", ["cancel", "escape", "close"])
def test_cancel_leaves_nothing(kind: str, way: str, qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    drawn: list[int] = []
    made: ExportDialog | None = None

    def ready() -> bool:  # called off while the third frame is waited for, as a person does
        drawn.append(1)
        if len(drawn) == 3:
            assert made is not None
            if way == "cancel":
                QTimer.singleShot(0, made.cancel.click)
            elif way == "escape":
                QTimer.singleShot(0, lambda one=made: QTest.keyClick(one, Qt.Key.Key_Escape))
            else:
                QTimer.singleShot(0, made.close)
        return len(drawn) < 3

    made = dialog(qtbot, stage, source(stage, ready))
    made.choose(kind)
    made.begin(str(tmp_path / "film"))
    assert made.cancel.text() == "Cancel"
    qtbot.waitUntil(lambda: not made.writing, timeout=PATIENCE)
    assert list(tmp_path.iterdir()) == []
    if way != "close":
        assert made.words.full_text() == "Cancelled; nothing was written."
        assert made.write.isEnabled()
        assert made.cancel.text() == "Close"


def test_without_a_film_its_entries_are_greyed(qtbot: QtBot, stage: Stage) -> None:
    made = dialog(qtbot, stage, None)
    assert [button.isEnabled() for button in made.films.buttons.values()] == [False] * 4
    assert {button.toolTip() for button in made.films.buttons.values()} == {NO_FILM}
    assert made.kind.id == "png"
    assert not made.settings.rows["rate"].isEnabled()


def test_one_choice_over_both_groups(qtbot: QtBot, stage: Stage) -> None:
    made = dialog(qtbot, stage, source(stage))
    every = {**made.pictures.buttons, **made.films.buttons}
    for name in ("svg", "npz", "png", "gif"):
        QTest.mouseClick(every[name], Qt.MouseButton.LeftButton)
        assert [key for key, button in every.items() if button.isChecked()] == [name]


def test_what_is_refused_is_said_and_the_old_file_stays(qtbot: QtBot, stage: Stage, tmp_path: Path) -> None:
    made = dialog(qtbot, stage, source(stage))
    written(made, qtbot, "gif", tmp_path / "nowhere" / "a.gif")
    assert "could not be saved" in made.words.full_text()
    full = tmp_path / "full"
    full.mkdir()
    (full / "mine.txt").write_text("kept")
    written(made, qtbot, "frames", full)
    assert "not an empty folder" in made.words.full_text()
    assert (full / "mine.txt").read_text() == "kept"


def test_layout(qtbot: QtBot, stage: Stage) -> None:
    made = dialog(qtbot, stage, source(stage))
    assert check_layout(made) == []


def test_a_panels_film_is_written_in_data_units(opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    data = painted()
    panel = opened(TrajectoriesPanel, small("diffusion", data))
    assert isinstance(panel, TrajectoriesPanel)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    made = dialog(qtbot, panel.film_mode.stage, panel.film())
    written(made, qtbot, "npz", tmp_path / "film.npz")
    units = data.points.normalisation  # type: ignore[union-attr]
    with np.load(tmp_path / "film.npz") as held:
        whole = panel.film_mode.lane.film()
        assert np.allclose(held["x"], units.to_data(whole.x))
        assert np.isfinite(held["x1_hat"][:-1]).all()
        assert np.array_equal(held["t"], whole.t)
    panel.film_mode.show_layer("density", True)
    made.settings.set_values({"scale": "1"})
    written(made, qtbot, "gif", tmp_path / "film.gif")  # waits for each frame's density
    with GifImageFile(tmp_path / "film.gif") as moving:
        assert moving.n_frames == len(whole.t)
    assert panel.film_mode.particles.frame == len(whole.t) - 1, "the panel stands where it stood"
