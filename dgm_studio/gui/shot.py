"""A picture of a panel for the command line: the real window, offscreen, after real training."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.core.recipe_file import read_recipe
from dgm_studio.core.reports import Failure
from dgm_studio.gui.export.still import png_bytes
from dgm_studio.gui.panels import signs
from dgm_studio.gui.settings import Preferences

if TYPE_CHECKING:
    from dgm_studio.gui.window import MainWindow

PATIENCE = 600.0
"""Seconds that training and drawing may take."""


def take(
    make: Callable[[Preferences], MainWindow], panel: str, out: str, size: tuple[int, int], recipe: str | None,
    steps: int, presenter: bool,
) -> dict[str, Any]:  # fmt: skip
    """Open the window, train, wait until every visible layer has been drawn, and write the picture."""
    pick(signs(), panel, "panel")
    wanted = read_recipe(recipe) if recipe else None
    window = make(Preferences(restore_session=False))
    failures: list[str] = []
    window.studio.link.failed.connect(lambda _, failure: failures.append(_sentence(failure)))
    try:
        window.resize(*size)
        window.show()
        run = window.studio.run
        _wait(lambda: run.recipe is not None, failures)
        if wanted is not None:
            first = run.opened_by
            run.train(wanted)
            _wait(lambda: run.opened_by != first, failures)
        run.play(steps)
        _wait(lambda: run.step >= steps and not run.playing, failures)
        window.set_presenting(presenter)
        window.show_panel(panel)
        window.panel.demonstrate(steps)
        _wait(window.panel.settled, failures)
        picture = png_bytes(window.grab().toImage())
        write_bytes(out, picture)
        return {"panel": panel, "steps": run.step, "size": f"{size[0]}x{size[1]}", "out": out}
    finally:
        window.set_presenting(False)
        window.allow_close()
        window.close()


def _sentence(failure: object) -> str:
    return failure.sentence if isinstance(failure, Failure) else str(failure)


def _wait(done: Callable[[], bool], failures: list[str]) -> None:
    """Run the event loop until `done`; a failure of the worker ends it."""
    end = time.monotonic() + PATIENCE
    while not done():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)
        if failures:
            raise Refused(failures[0])
        if time.monotonic() > end:
            raise Refused(f"The picture was not ready within {PATIENCE:.0f} s. Ask for fewer steps.")
