"""The start, measured from inside: for tests/benchmarks/startup.py, only where DGM_STUDIO_TRACE names a
file."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from dgm_studio.gui.window import MainWindow

VARIABLE = "DGM_STUDIO_TRACE"


class StartTrace(QObject):
    """Writes {"painted", "awake": time.time(), "gap", "forms": seconds}: the longest gap of a 10 ms timer
    in between, and what the window took to build its forms from the catalogue, from the last tick on."""

    def __init__(self, window: MainWindow, file: Path) -> None:
        super().__init__(window)
        self._file = file
        self._painted = self._last = self._gap = 0.0
        self._timer = QTimer(self, interval=10, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        window.painted.connect(self._begin)
        window.studio.awake.connect(self._end)

    def _begin(self) -> None:
        self._painted = self._last = time.time()
        self._timer.start()

    def _tick(self) -> None:
        now = time.time()
        self._gap, self._last = max(self._gap, now - self._last), now

    def _end(self) -> None:
        self._timer.stop()
        now = time.time()
        found = {"painted": self._painted, "awake": now, "gap": self._gap, "forms": now - self._last}
        self._file.write_text(json.dumps(found), "ascii")
