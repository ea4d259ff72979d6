"""The real window over the real worker. Torch is imported once for all; each test has its own home folder."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from dgm_studio.app import make_window
from dgm_studio.gui import late_building
from dgm_studio.gui.paint.window import PaintWindow
from dgm_studio.gui.settings import HOME_VARIABLE, Preferences
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.window import MainWindow
from tests.gui.window.driver import PATIENCE, Person

KEPT = {"preferences.ini", "session.json", "session.safetensors", "recent.json",
        "before-rebuild.safetensors"}  # fmt: skip
"""All that may lie in the studio's folders."""


class Windows(QObject):
    """Notes widgets that become windows without being made to be one: shown before they have a parent."""

    def __init__(self) -> None:
        super().__init__()
        self.stray: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            kind = watched.windowType()
            if kind == Qt.WindowType.Window and not isinstance(watched, (QMainWindow, PaintWindow)):
                self.stray.append(type(watched).__name__)
        return False


MakeWindow = Callable[..., Person]
NEVER = 10**8


@pytest.fixture(scope="session", autouse=True)
def _warm() -> None:
    """Torch, once."""
    import dgm_studio.lab.desk  # noqa: F401


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The studio's own folders, empty."""
    folder = tmp_path / "home"
    monkeypatch.setenv(HOME_VARIABLE, str(folder))
    return folder


@pytest.fixture
def new_window(
    home: Path, qapp: QApplication, qtbot: QtBot, look: Theme, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MakeWindow]:  # fmt: skip
    """Call it for a window, awake and in front; every one made is closed, and must leave nothing behind. Panels are
    built when a test goes there: the rest of them would come in its midst, and take it a second."""
    monkeypatch.setattr(late_building, "REST_MS", NEVER)
    before = set(threading.enumerate())
    made: list[MainWindow] = []
    caplog.set_level(logging.WARNING)

    def make(
        to_open: str = "",
        preferences: Preferences | None = None,
        size: tuple[int, int] = (1440, 900),
        wait: bool = True,
    ) -> Person:
        window = make_window(preferences or Preferences(theme="dark", reduced_motion=True), to_open)
        made.append(window)
        window.resize(1440, 900)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        if wait:
            qtbot.waitUntil(lambda: window.studio.run.recipe is not None, timeout=PATIENCE)
        return Person(qtbot, window)

    opened = Windows()
    qapp.installEventFilter(opened)
    yield make
    qapp.removeEventFilter(opened)
    for window in made:
        shut(window)
    assert not opened.stray, "a part of the window opened as a window of its own for a moment"
    assert not [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert not set(threading.enumerate()) - before, "a thread is left"
    assert {path.name for path in home.rglob("*") if path.is_file()} <= KEPT, "a file is left"


@pytest.fixture
def studio(new_window: MakeWindow) -> Person:
    """One window in its first-run state."""
    return new_window()


def shut(window: MainWindow) -> None:
    """Close without being asked, check that it all ended, and let Qt delete it."""
    if not shiboken6.isValid(window):
        return
    window.allow_close()
    window.close()
    assert not window.isVisible()
    assert not window.studio.link.worker.alive, "the worker still runs"
    timers = [*window.findChildren(QTimer), *window.studio.findChildren(QTimer)]
    assert not [timer for timer in timers if timer.isActive()], "a timer is left"
    forget(window)


def forget(window: MainWindow) -> None:
    """Delete a window that is closed, or that is to vanish as in a crash."""
    studio = window.studio
    window.hide()
    window.deleteLater()
    studio.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.unfreeze()  # waking froze everything that lived then
    gc.collect()
