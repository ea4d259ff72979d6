"""How often scene 1 of the Divergences panel is redrawn while a grip is dragged: every measure, all plots. And how
long the point value of exact W2 takes, beside POT's own."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from dgm_studio.core.arrays import Array
from dgm_studio.core.aside import end_warm
from dgm_studio.core.slow import finish
from dgm_studio.data.laws import PointsLaw
from dgm_studio.gui.panels.studying import StudyPanel
from dgm_studio.measures.measure import Measure
from dgm_studio.measures.transport import PIVOTS
from dgm_studio.measures.w2 import MEASURE as W2
from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, run_events, until

SECONDS = 4.0
CASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("the line, main measures", {}),
    ("the line, all measures", {"shown": "all"}),
    ("the plane, main measures", {"space": "plane"}),
    ("the plane, distances", {"space": "plane", "shown": "distances"}),
)


PLANE_POINTS, LINE_POINTS, ROUNDS = 2_000, 200_000, 5


def measure() -> list[Row]:
    """What is asked of the panel's speed: redraws under a hand, and exact transport."""
    return [*dragging(), *transport()]


def transport() -> list[Row]:
    """The best of some rounds, ours and POT's in turn; ours is what the panel calls, by way of the warm helper."""
    import ot
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(PLANE_POINTS, 2)), rng.normal(size=(PLANE_POINTS, 2)) + 1
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(lambda: value(W2, x, y)))
        theirs.append(seconds(lambda: ot.emd2([], [], cdist(x, y, "sqeuclidean"), numItermax=PIVOTS)))
    wide = [rng.normal(size=(LINE_POINTS, 1)) for _ in range(2)]
    line = min(seconds(lambda: value(W2, *wide)) for _ in range(ROUNDS))
    end_warm()
    return [
        Row(f"Exact W2 of {PLANE_POINTS:,} + {PLANE_POINTS:,} points, of POT's time", "at most 1.5",
            min(ours) / min(theirs), ""),
        Row("  POT itself", "", 1e3 * min(theirs), "ms"),
        Row(f"W2 on the line, {LINE_POINTS:,} + {LINE_POINTS:,} points", "at most 50", 1e3 * line, "ms"),
    ]  # fmt: skip


def value(measure: Measure, x: Array, y: Array) -> float:
    """The point value of the usual estimator for clouds of this dimension."""
    way = next(one for one in measure.estimators if x.shape[1] in one.dims)
    law = PointsLaw(x, "points")
    return finish(way.function(x, y, law, law, np.random.default_rng(0)))


def seconds(call: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def dragging() -> list[Row]:
    """Redraws a second, each with every shown measure, while the mouse moves all the time; beside each the processor
    time of one redraw, which says what a busy machine would give were it free."""
    rows = []
    with open_studio() as window:
        window.show_panel("divergences")
        panel = window.panel
        assert isinstance(panel, StudyPanel)
        panel.show_scene("two-distributions")
        until(lambda: panel.lane.picture is not None and not panel.lane.busy)
        dragged(panel)  # libraries load at their first use
        for words, knobs in CASES:
            panel.show_scene("two-distributions")
            panel.knob_forms[panel.current].reset_values()
            panel.turn(knobs)
            until(lambda: not panel.lane.busy)
            run_events(1.0)
            updates, seconds, processor = dragged(panel)
            name = f"Two distributions dragged: {words}"
            rows.append(Row(name, "at least 30", updates / seconds, "redraws/s"))
            rows.append(Row(f"  processor time: {words}", "", 1e3 * processor / max(1, updates), "ms a redraw"))
    return rows


def dragged(panel: StudyPanel) -> tuple[int, float, float]:
    """Redraws, wall seconds and processor seconds while q's first grip circles under the mouse."""
    handle = next(one for one in panel.plots[0].hand.handles if one.accessibleName() == "Middle of q")
    seen: list[object] = []
    panel.lane.sketched.connect(seen.append)
    start = handle.mapToGlobal(handle.rect().center())
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    begun, processor = time.perf_counter(), time.process_time()

    def move() -> None:
        now = time.perf_counter() - begun
        at = start + QPoint(round(90 * math.sin(3 * now)), round(30 * math.cos(3 * now)))
        QTest.mouseMove(handle, handle.mapFromGlobal(at))

    mouse = QTimer(interval=8, timerType=Qt.TimerType.PreciseTimer)  # it tells where it is 125 times a second
    mouse.timeout.connect(move)
    mouse.start()
    run_events(SECONDS)  # as the program waits: asleep, not asking again and again
    mouse.stop()
    spent, took = time.process_time() - processor, time.perf_counter() - begun
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    panel.lane.sketched.disconnect(seen.append)
    return len(seen), took, spent
