"""How soon pause, cancel and close act: at 100 random moments of real training with every layer asked for,
through the real link; and the real program closed while it still imports torch."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from dgm_studio.app import start_qt
from dgm_studio.core.ask import EXACT, Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.requests import Cancel, Pause, Request, Shoot, Train
from dgm_studio.core.snapshot import DONE, PAUSED, Snapshot
from dgm_studio.core.starting import starting_recipe
from dgm_studio.gui.link import Link
from dgm_studio.wake import wake
from tests.benchmarks.row import Row
from tests.benchmarks.studio import PATIENCE, run_events

MOMENTS = {"pause": 40, "cancel": 40, "close": 20}
LONGEST_WAIT = 0.25
CLOSED_AFTER = 0.3
ASKS = (
    Ask("data"), Ask("samples", count=600), Ask("density"), Ask("density", EXACT), Ask("velocity"),
    Ask("score"), Ask("grid"), Ask("distance"), Ask("coverage"), Ask("field_error", t=0.9), )  # fmt: skip


def measure() -> list[Row]:
    """The slowest of all moments, the close during the import, and what is left behind."""
    start_qt()
    threads, files = threading.active_count(), set(Path(tempfile.gettempdir()).iterdir())
    chance = random.Random(0)
    seconds: dict[str, list[float]] = {"pause": [], "cancel": [], "close": []}
    link = _awake()
    for number in range(MOMENTS["pause"]):
        lane = f"pause {number}"
        _train(link, lane, chance)
        seconds["pause"].append(_until(link, lane, PAUSED, Pause(lane)))
        link.send(Cancel(lane))
    for number in range(MOMENTS["cancel"]):
        lane, film = f"run {number}", f"film {number}"
        _train(link, lane, chance)
        link.send(Shoot(film, lane, {"steps": 200}, steps=None))
        run_events(chance.uniform(0.0, LONGEST_WAIT))
        seconds["cancel"].append(_until(link, film, DONE, Cancel(film)))
        seconds["cancel"].append(_until(link, lane, DONE, Cancel(lane)))
    for number in range(MOMENTS["close"]):
        _train(link, f"close {number}", chance)
        begun = time.perf_counter()
        closed = link.close()
        seconds["close"].append(time.perf_counter() - begun if closed else PATIENCE)
        link = _awake()
    link.close()
    waking = _close_while_waking()
    left = threading.active_count() - threads + len(set(Path(tempfile.gettempdir()).iterdir()) - files)
    many = sum(MOMENTS.values())
    return [
        *(
            Row(f"Slowest {name} of {many} random moments", "at most 200", 1e3 * max(found), "ms")
            for name, found in seconds.items()
        ),
        Row(
            f"Program closed {CLOSED_AFTER} s after its first paint, torch importing",
            "at most 2",
            waking,
            "s",
        ),
        Row("Threads and temporary files left behind", "at most 0", float(left), ""),
    ]


def _awake() -> Link:
    link = Link(partial(wake, "", 1))
    loop = QEventLoop()
    link.ready.connect(loop.quit)
    link.start()
    loop.exec()
    return link


def _train(link: Link, lane: str, chance: random.Random) -> None:
    """Train flat out for a random while."""
    from dgm_studio.families.diffusion import Diffusion  # after the worker has imported torch

    recipe = starting_recipe(Diffusion.entry(), "", DataSpec("eight-gaussians"), 7)
    link.send(Train(lane, recipe, ASKS, steps=None))
    run_events(0.05 + chance.uniform(0.0, LONGEST_WAIT))


def _until(link: Link, lane: str, state: str, request: Request) -> float:
    """Seconds from sending the request until the window hears of the state."""
    loop = QEventLoop()

    def hear(snapshot: Snapshot) -> None:
        if snapshot.lane == lane and snapshot.state == state:
            loop.quit()

    link.snapshot.connect(hear)
    limit = QTimer(singleShot=True, interval=round(1000 * PATIENCE))
    limit.timeout.connect(loop.quit)
    limit.start()
    begun = time.perf_counter()
    link.send(request)
    loop.exec()
    link.snapshot.disconnect(hear)
    return time.perf_counter() - begun


def _close_while_waking() -> float:
    """Seconds from the window's close to the end of the real process."""
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "trace.json"
        surroundings = {**os.environ, "DGM_STUDIO_HOME": home, "DGM_STUDIO_TRACE": str(file)}
        command = [sys.executable, "-c", _CLOSER, str(CLOSED_AFTER)]
        process = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE)
        ended = time.time()
        if process.returncode:
            raise RuntimeError(f"The program failed: {process.stderr}")
        return ended - float(json.loads(process.stdout))


_CLOSER = """
import sys, time
from PySide6.QtCore import QTimer
from dgm_studio import app

after = float(sys.argv.pop())
qt, preferences = app.start_qt()
window = app.make_window(preferences)

def close():
    assert not window.studio.link.worker.ready, "torch was there already"
    print(time.time(), flush=True)
    window.close()

window.painted.connect(lambda: QTimer.singleShot(round(1000 * after), close))
window.show()
code = qt.exec()
app.end(window)
sys.exit(code)
"""
