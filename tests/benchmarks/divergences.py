"""How often scene 1 of the Divergences panel is redrawn while a grip is dragged: every measure, all plots."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dgm_studio.gui.panels.studying import StudyPanel
from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, run_events, until

SECONDS = 4.0
CASES: tuple[tuple[str, dict[str, str]], ...] = (
    ("the line, main measures", {}),
    ("the line, all measures", {"shown": "all"}),
    ("the plane, main measures", {"space": "plane"}),
    ("the plane, distances", {"space": "plane", "shown": "distances"}),
)


def measure() -> list[Row]:
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
            rows.append(Row(f"  processor time: {words}", "", 1e3 * processor / updates, "ms a redraw"))
    return rows


def dragged(panel: StudyPanel) -> tuple[int, float, float]:
    """Redraws, wall seconds and processor seconds while q's first grip circles under the mouse."""
    handle = next(one for one in panel.plots[0].hand.handles if one.accessibleName() == "Middle of q")
    seen: list[object] = []
    panel.lane.sketched.connect(seen.append)
    start = handle.mapToGlobal(handle.rect().center())
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    begun, processor, last = time.perf_counter(), time.process_time(), 0.0
    while (now := time.perf_counter() - begun) < SECONDS:
        if now - last >= 0.008:  # a mouse tells where it is 125 times a second
            last = now
            at = start + QPoint(round(90 * math.sin(3 * now)), round(30 * math.cos(3 * now)))
            QTest.mouseMove(handle, handle.mapFromGlobal(at))
        QApplication.processEvents()
        time.sleep(0.0005)
    spent, took = time.process_time() - processor, time.perf_counter() - begun
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=handle.rect().center())
    panel.lane.sketched.disconnect(seen.append)
    return len(seen), took, spent
