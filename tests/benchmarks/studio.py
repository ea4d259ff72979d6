"""The real window with a real worker, driven from a measurement."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from dgm_studio.app import make_window, quit_without_asking, start_qt
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.settings import Preferences
from dgm_studio.gui.window import MainWindow

PATIENCE, WARM = 60.0, 0.2


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


def rate_beside(window: MainWindow, seconds: float, run: RunLane | None = None) -> float:
    """Whole steps a second of the worker that trains beside the living window, from the second fifth of a second of
    it on; the run (the Train panel's, if none is given) is paused afterwards.
    """
    run = run or window.studio.run
    steps: list[tuple[float, int]] = []

    def note(step: int) -> None:
        steps.append((time.perf_counter(), step))

    run.play()
    run_events(WARM)
    run.stepped.connect(note)
    run_events(seconds)
    run.stepped.disconnect(note)
    run.pause()
    until(lambda: not run.playing)
    (begun, first), (ended, last) = steps[0], steps[-1]
    return (last - first) / (ended - begun)
