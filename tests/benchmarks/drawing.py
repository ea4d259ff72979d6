"""How fast the stage paints: 50,000 moving points, and all layers at once. Wants a real screen or Xvfb to
mean much."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme
from tests.benchmarks.row import Row
from tests.gui.stage.scenery import fill

SIZE = (1000, 700)
SECONDS = 2.0


def measure() -> list[Row]:
    """50,000 points redrawn every frame; one sample layer moving over all others at rest; all layers drawn
    anew."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    look = theme()
    look.apply(app)
    screen = QGuiApplication.platformName()
    stage = Stage(look)
    stage.resize(*SIZE)
    stage.show()
    while not stage.paints:  # a screen shows a window when it likes; before, nothing is painted
        app.processEvents()
    clouds = [np.random.default_rng(k).normal(size=(50_000, 2)).astype(np.float32) for k in range(8)]
    stage.show_layer("data", False)
    stage.layer("samples").set_film(clouds)
    points = _frame_seconds(app, stage, lambda k: stage.set_frame(k % len(clouds)))

    stage.show_layer("data", True)
    for layer in stage.layers:
        stage.show_layer(layer.id, True)
    stage.asks(64, 1.0)
    fill(stage, points=2_000)
    film = _frame_seconds(app, stage, lambda k: stage.set_frame(k % 41))

    def anew(_: int) -> None:
        for layer in stage.layers:
            layer.changed()

    everything = _frame_seconds(app, stage, anew)
    stage.hide()
    stage.deleteLater()
    app.processEvents()
    return [
        Row(f"50,000 points redrawn ({screen}, {SIZE[0]} x {SIZE[1]})", "at least 50", 1 / points, "frames/s"),
        Row("All layers, 2,000 samples with paths moving", "at most 16", 1e3 * film, "ms a frame"),
        Row("All layers drawn anew", "", 1e3 * everything, "ms a frame"),
    ]


def _frame_seconds(app: QApplication, stage: Stage, change: Callable[[int], None]) -> float:
    """Seconds a frame of changing and painting, at full speed."""
    for k in range(3):
        change(k)
        stage.viewport().repaint()
    begun, painted, k = time.perf_counter(), stage.paints, 0
    while time.perf_counter() - begun < SECONDS:
        change(k := k + 1)
        stage.viewport().repaint()
        app.processEvents()
    return (time.perf_counter() - begun) / (stage.paints - painted)


if __name__ == "__main__":
    for row in measure():
        print(f"{row.name:60} {row.asked:>14} {row.got:10.1f} {row.unit}")
