"""How fast the Train panel's film of 2,000 samples can be scrubbed, stage and dial together."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QApplication

from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, until

FRAMES = 120


def measure() -> list[Row]:
    """Milliseconds a frame, painted before the next is asked for."""
    with open_studio() as window:
        panel = window.train
        until(panel.settled)
        begun = time.perf_counter()
        for k in range(FRAMES):
            panel.player.seek(k % panel.player.length)
            panel.stage.viewport().repaint()
            QApplication.processEvents()
        return [
            Row(
                "Train panel scrubbed",
                "at most 16",
                1e3 * (time.perf_counter() - begun) / FRAMES,
                "ms a frame",
            )
        ]
