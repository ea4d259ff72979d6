"""Closing: at any moment, within two seconds, leaving nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.gui.window.driver import Answers, Person

EARLY = """
import sys, time
from PySide6.QtCore import QTimer
from dgm_studio import app as roof
app, preferences = roof.start_qt()
window = roof.make_window(preferences)
window.show()
def leave():
    if not window.studio.link.worker.alive:
        QTimer.singleShot(1, leave)
        return
    assert window.studio.catalogue is None, "torch is still being imported"
    window.close()
    sys.stdout.write(repr(time.monotonic()))
QTimer.singleShot(1, leave)
app.exec()
roof.end(window)
sys.exit(0)
"""


@pytest.mark.parametrize("wait", [0, 7, 60])
def test_closing_while_it_trains(studio: Person, wait: int) -> None:
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > wait)
    said = Answers("Discard")
    worker = studio.window.studio.link.worker
    studio.window.close()
    assert "Save before closing?" in said.said
    assert not studio.window.isVisible()
    assert not worker.alive
    assert "dgm-worker" not in {thread.name for thread in threading.enumerate()}


def test_closing_takes_less_than_two_seconds(studio: Person) -> None:
    for chip in studio.panel.chips.chips.values():
        if chip.isEnabled() and not chip.isChecked():
            studio.click(chip)
    studio.press(Qt.Key.Key_Space)
    studio.until(lambda: studio.step > 3)
    studio.window.allow_close()
    start = time.monotonic()
    studio.window.close()
    assert time.monotonic() - start < 2.0
    assert not studio.window.studio.link.worker.alive


def test_closing_twice_is_closing_once(studio: Person) -> None:
    assert studio.window.close()
    assert studio.window.close()
    assert not studio.window.studio.link.worker.alive


def test_closing_while_torch_is_imported(tmp_path: Path) -> None:
    surroundings = {**os.environ, "DGM_STUDIO_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", EARLY], env=surroundings, capture_output=True, text=True, timeout=60)
    ended = time.monotonic()
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert ended - float(done.stdout) < 2.5
    assert not list(tmp_path.rglob("*.tmp*"))
