"""The real window with a real worker, driven from a measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from dgm_studio.app import make_window, quit_without_asking, start_qt
from dgm_studio.gui.settings import Preferences
from dgm_studio.gui.window import MainWindow

PATIENCE = 60.0


@contextmanager
def open_studio() -> Iterator[MainWindow]:
    """The window, shown and awake, with the first run opened and paused; closed at the end."""
    start_qt()
    window = make_window(Preferences(restore_session=False))
    window.show()
    until(lambda: window.studio.run.recipe is not None)
    try:
        yield window
    finally:
        quit_without_asking(window)
        window.deleteLater()
        QApplication.processEvents()


def run_events(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def until(done: Callable[[], bool]) -> None:
    """Let the window live until `done`."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise RuntimeError("The studio did not get there in time.")
        run_events(0.01)
