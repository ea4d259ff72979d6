"""The Film mode of Trajectories: how fast a film is made, how fast it is scrubbed, and what memory it takes."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import torch
from PySide6.QtWidgets import QApplication

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.film import MOST_BYTES
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families import families
from dgm_studio.gui.panels.trajectories.film_mode import FilmMode
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.window import MainWindow
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.run import Run
from tests.benchmarks.row import Row
from tests.benchmarks.studio import open_studio, until

STEPS = 50
ROUNDS = 3
"""Of each measurement; the best of a film, all frames of scrubbing."""
SEEN = ("data", "samples", "velocity")


def measure() -> list[Row]:
    """A film of the default network in the worker's own room; then the real window."""
    rows = [_making()]
    with open_studio() as window:
        window.show_panel("trajectories")
        panel = window.panel
        assert isinstance(panel, TrajectoriesPanel)
        film = panel.film_mode
        for name in film.layer_ids:
            film.show_layer(name, name in SEEN)
        film.inputs.setting_wanted.emit("tails", 6)
        until(film.settled)
        for count, asked in ((2_000, "at most 16"), (20_000, "at most 33")):
            film.inputs.sampling_wanted.emit("solver", "heun")
            film.inputs.sampling_wanted.emit("steps", STEPS)
            film.inputs.setting_wanted.emit("count", count)
            until(partial(_filmed, film, count))
            rows += _scrubbing(window, film, f"{count:,} particles", asked)
        rows += [
            Row(f"Film of 20,000 x {STEPS} in memory", f"at most {MOST_BYTES / 2**20:.0f}", _megabytes(film), "MB"),
        ]
    return rows


def _making() -> Row:
    torch.set_num_threads(1)  # as the worker does
    run = Run(starting_recipe(families()["diffusion"].entry(), "", DataSpec("eight-gaussians"), 0))
    scene = run.scene()
    scene.sampling = run.sampling_with({"solver": "heun", "steps": STEPS})
    best = float("inf")
    for seed in range(ROUNDS):
        begun = time.perf_counter()
        made = sum(
            isinstance(one, FrameReport) for one in FilmTask(scene, Shoot("film", "run", {}, 2_000, seed)).beats()
        )
        best = min(best, time.perf_counter() - begun)
        assert made == STEPS + 1
    return Row(f"Film of 2,000 particles, {STEPS} Heun steps", "at most 0.4", best, "s")


def _filmed(film: FilmMode, count: int) -> bool:
    """Whether the film of so many particles stands there, with all that is seen of it."""
    return film.settled() and len(film.lane.frames[0].x) == count


def _scrubbing(window: MainWindow, film: FilmMode, what: str, asked: str) -> list[Row]:
    """95 of 100 frames are painted in so much, before the next is asked for: there and back, with tails and field."""
    for index in range(film.player.length):  # all that the model shows on the way is known then
        film.seek(index)
        until(film.settled)
    wall, own = [], []
    there = list(range(film.player.length))
    for index in (there + there[::-1]) * ROUNDS:
        begun, used = time.perf_counter(), time.thread_time()
        film.seek(index)
        film.stage.viewport().repaint()
        QApplication.processEvents()
        wall.append(time.perf_counter() - begun)
        own.append(time.thread_time() - used)
    return [
        Row(f"Scrubbing {what}, tails and field, 95 of 100 frames", asked, 1e3 * float(np.quantile(wall, 0.95)), "ms"),
        Row("  of which the window's own", "", 1e3 * float(np.quantile(own, 0.95)), "ms"),
    ]


def _megabytes(film: FilmMode) -> float:
    return film.lane.nbytes / 2**20
