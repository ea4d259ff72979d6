"""The roof over the window: starts Qt, the worker and the window, and ends all three."""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from dgm_studio.wake import share_memory_pool

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from dgm_studio.gui.settings import Preferences
    from dgm_studio.gui.window import MainWindow

SWITCH_INTERVAL = 0.0002
"""Seconds. With the usual 5 ms the worker loses a fifth of its speed beside a painting window, with 1 ms a seventh
(PLATFORM.md): torch asks for the interpreter back after every operation."""

_log = logging.getLogger(__name__)


def open_window(options: argparse.Namespace) -> int:
    """Open the window and stay until it closes; 0, or 1 with a sentence where there is no display."""
    gc.disable()  # what is made at the start stays: there is no garbage to look for; wake() turns it on again
    if options.offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif no_display():
        sys.stderr.write(
            "dgm-studio: there is no display. Start it with --offscreen, or under 'xvfb-run dgm-studio'.\n"
        )
        return 1
    app, preferences = start_qt()
    keep_log()
    window = make_window(preferences, options.file or "")
    sys.excepthook = partial(tell_error, window)
    if trace := os.environ.get("DGM_STUDIO_TRACE"):
        from dgm_studio.gui.start_trace import StartTrace

        StartTrace(window, Path(trace))
    window.show()
    if options.quit_after:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(round(1000 * options.quit_after), partial(quit_without_asking, window))
    code = app.exec()
    end(window)
    return code


def keep_log() -> None:
    """What the program has to say of itself goes to a small file beside the session."""
    from logging.handlers import RotatingFileHandler

    from dgm_studio.gui.settings import data_folder

    try:
        handler = RotatingFileHandler(data_folder() / "studio.log", maxBytes=500_000, backupCount=1)
    except OSError:
        return  # a home that cannot be written: standard error still hears it
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("dgm_studio").addHandler(handler)
    logging.getLogger("dgm_studio").setLevel(logging.INFO)


def tell_error(
    window: MainWindow, kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """A fault of the window itself: Qt would go on as if nothing had been; the person is told, with the traceback."""
    details = "".join(traceback.format_exception(kind, error, trace))
    sys.stderr.write(details)
    _log.error("%s", details)
    window.tell_error(f"The window met an error ({kind.__name__}: {error}). Your run is kept; save it.", details)


def no_display() -> bool:
    """Whether a Linux session has neither X nor Wayland and no other platform was asked for."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    return (
        sys.platform.startswith("linux")
        and not wanted
        and not os.environ.get("DISPLAY")
        and not os.environ.get("WAYLAND_DISPLAY")
    )


def start_qt() -> tuple[QApplication, Preferences]:
    """The application, dressed; preferences as they were kept."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    share_memory_pool()
    if sys.platform == "win32":
        import torch  # noqa: F401 -- its DLLs fail to load once Qt's are there
    from PySide6.QtWidgets import QApplication

    from dgm_studio.gui import settings
    from dgm_studio.gui.theme.theme import theme

    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("DGM Studio")
    app.setDesktopFileName("dgm-studio")
    preferences = settings.load()
    look = theme()
    look.set_preference(preferences.theme)
    look.set_presenter_scale(preferences.presenter_scale)
    look.motion = "off" if preferences.reduced_motion else "system"
    look.apply(app)
    return app, preferences


def make_window(preferences: Preferences, to_open: str = "") -> MainWindow:
    """The window over a worker that will import torch after the first paint."""
    from dgm_studio.gui.settings import AUTO
    from dgm_studio.gui.studio import Studio
    from dgm_studio.gui.window import MainWindow
    from dgm_studio.wake import wake

    device = "" if preferences.device == AUTO else preferences.device
    studio = Studio(partial(wake, device, preferences.threads), preferences)
    return MainWindow(studio, to_open)


def end(window: MainWindow) -> None:
    """Leave no thread behind. While torch is still being imported the thread cannot be ended: then, everything being
    saved, the process goes at once."""
    if window.studio.link.worker.alive and not window.studio.link.close(timeout=0.0):
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(0)


def quit_without_asking(window: MainWindow) -> None:
    """Close as a smoke test does: nobody is there to answer."""
    window.allow_close()
    window.close()


def screenshot(
    panel: str, out: str, look: str, size: tuple[int, int], recipe: str | None, steps: int, presenter: bool
) -> dict[str, Any]:
    """A picture of a panel drawn offscreen, after `steps` steps of `recipe` (by default the first run's)."""
    from dgm_studio.core.errors import Refused

    if Path(out).suffix.lower() != ".png":
        raise Refused(f"'{out}' cannot be written: end its name in .png.")
    if not Path(out).resolve().parent.is_dir():
        raise Refused(f"There is no folder '{Path(out).parent}' to write '{Path(out).name}' to. Make it first.")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    start_qt()
    from dgm_studio.gui.shot import take
    from dgm_studio.gui.theme.theme import theme

    theme().set_preference(look)
    make: Callable[[Preferences], MainWindow] = make_window
    return take(make, panel, out, size, recipe, steps, presenter)
