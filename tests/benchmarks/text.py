"""The Text panel's speed: unmasking, scrubbing, another temperature, training beside the painting window; and what a
minute of processor time is worth to each network of text.

Beside wall time stands processor time, which says what a busy machine would give were it free.
`DGM_BENCH_QUALITY=0` leaves the two minutes of training out, `DGM_BENCH_SPEED=0` all the rest.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from statistics import median

import numpy as np
import torch
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture
from dgm_studio.core.starting import starting_recipe
from dgm_studio.families import all_families
from dgm_studio.gui.panels.text.lane import TokenLane
from dgm_studio.gui.panels.text.panel import TextPanel
from dgm_studio.gui.window import MainWindow
from dgm_studio.lab.run import Run
from dgm_studio.lab.watcher import show
from tests.benchmarks.row import Row
from tests.benchmarks.studio import PATIENCE, open_studio, rate_beside, run_events, until

MODEL, CORPUS, TOKENS = "kjv-masked-word", "kjv", 64
FILMS, ROUNDS, VIEWS = 3, 4, 40
PAIRS, PHASE = 7, 4.0
BEATS, WARM = 220, 20
SECONDS, SHORT, WINDOWS = 60.0, 32, 6
NETWORKS = {"Token mixer": "masked-text", "Plain transformer": "masked-transformer"}
MASKED_SHARES = ("15% masked", "50% masked", "85% masked")


class Clock:
    """`with Clock() as clock`: wall and processor seconds of what stands below, of all threads."""

    wall = processor = 0.0

    def __enter__(self) -> Clock:
        self.wall, self.processor = -time.perf_counter(), -time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter()
        self.processor += time.process_time()

    @property
    def spent(self) -> tuple[float, float]:
        """Both."""
        return self.wall, self.processor


def measure() -> list[Row]:
    """The window's speed first, then training alone."""
    torch.set_num_threads(1)
    speed, quality = (os.environ.get(f"DGM_BENCH_{what}", "1") != "0" for what in ("SPEED", "QUALITY"))
    rows = [*in_window(), *beats()] if speed else []
    return rows + ([row for name in NETWORKS for row in after_a_minute(name)] if quality else [])


def in_window() -> list[Row]:
    """Films, scrubbing, another temperature and training, one after the other in one window."""
    with open_studio() as window:
        window.show_panel("text")
        panel = window.panel
        assert isinstance(panel, TextPanel)
        until(panel.settled)
        rows = [*unmasking(panel), *scrubbing(panel), *other_temperature(panel)]
        return [*rows, *training(window, panel)]


def unmasking(panel: TextPanel) -> list[Row]:
    """From the wish to the whole film, nothing locked; the last one stays."""
    mode, took = panel.film_mode, []
    for seed in range(FILMS):
        settings = {**mode.wish.settings, "steps": TOKENS}
        mode.wish = replace(mode.wish, source=MODEL, prompt="", length=TOKENS, seed=seed, settings=settings)
        with Clock() as clock:
            mode.shoot(play=False)
            until(lambda: not mode.lane.making)
        took.append(clock.spent)
    film = mode.film
    assert film is not None
    assert film.shape == (TOKENS + 1, TOKENS)
    wall, processor = np.median(took, 0)
    return [
        Row(f"{TOKENS} tokens unmasked in {TOKENS} steps", "at most 2", wall, "s"),
        Row("    processor time", "", processor, "s"),
    ]


def scrubbing(panel: TextPanel) -> list[Row]:
    """Frame by frame there and back, then in leaps, each painted before the next."""
    mode = panel.film_mode
    until(lambda: panel.settled() and len(mode.show.judge.known) == mode.player.length)
    run_events(0.5)
    last = mode.player.length - 1
    there = [*range(last + 1), *range(last - 1, -1, -1)]
    leaps = [(place * 23) % (last + 1) for place in range(last + 1)]
    rows = []
    for what, places in (("step by step", there), ("in leaps", leaps)):
        took, painted = [], mode.show.picture.first.paints
        for index in places * ROUNDS:
            with Clock() as clock:
                mode.show.seek(index)
                QApplication.processEvents()
            took.append(clock.spent)
        assert mode.show.picture.first.paints - painted >= 0.9 * len(took), "frames were not painted"
        wall, processor = 1e3 * np.array(took).T
        rows += [
            Row(f"Film of {TOKENS} tokens scrubbed {what}, median", "at most 16", float(np.median(wall)), "ms a frame"),
            Row("    p95", "at most 16", float(np.quantile(wall, 0.95)), "ms a frame"),
            Row("    processor time, median", "", float(np.median(processor)), "ms a frame"),
            Row("    processor time, p95", "", float(np.quantile(processor, 0.95)), "ms a frame"),
        ]
    return rows


def other_temperature(panel: TextPanel) -> list[Row]:
    """From the request to the candidates that show the answer; every request has another step and temperature."""
    mode, took = panel.film_mode, []
    for k in range(VIEWS):
        mode.show.seek((k * 23) % mode.player.length)
        run_events(0.02)
        at = mode.show.at
        assert at is not None
        with Clock() as clock:
            _until_recalled(mode.lane, at.step, 0.5 + 0.02 * k)
        took.append(clock.spent)
    wall, processor = 1e3 * np.array(took).T
    return [
        Row("The same step at another temperature, median", "at most 50", float(np.median(wall)), "ms"),
        Row("    p95", "at most 50", float(np.quantile(wall, 0.95)), "ms"),
        Row("    processor time, median", "", float(np.median(processor)), "ms"),
    ]


def _until_recalled(lane: TokenLane, step: int, temperature: float) -> None:
    loop, patience = QEventLoop(), QTimer(singleShot=True, interval=round(1e3 * PATIENCE))
    lane.recalled.connect(loop.quit)
    patience.timeout.connect(loop.quit)
    patience.start()
    lane.recall((step,), {"temperature": temperature})
    loop.exec()
    lane.recalled.disconnect(loop.quit)
    assert patience.isActive(), "there was no answer"


def training(window: MainWindow, panel: TextPanel) -> list[Row]:
    """The default run in the Train mode, losses and samples painted, in pairs with a bare loop of the same Fit."""
    panel.show_mode("train")
    run = panel.train_mode.run
    until(lambda: run.recipe is not None and panel.settled())
    bare = Run(_recipe("masked-text"))
    rates, shares = [], []
    for _ in range(PAIRS):
        _rest(panel)
        with Clock() as clock:
            alone = _bare_rate(bare)
        step_costs = clock.processor / (alone * clock.wall)
        begun, window_begun = run.step, time.thread_time()
        with Clock() as clock:
            beside = rate_beside(window, PHASE, run)
        worker = clock.processor - (time.thread_time() - window_begun)
        rates.append((alone, beside))
        shares.append((run.step - begun) * step_costs / worker)
    tokens = TOKENS * bare.fit.training.batch
    alone, beside = np.median(rates, 0)
    kept = median(ours / theirs for theirs, ours in rates)
    return [
        Row("Text trained beside the window, of a bare loop", "at least 0.85", kept, ""),
        Row("    beside the window", "", tokens * beside, "tokens/s"),
        Row("    the bare loop", "", tokens * alone, "tokens/s"),
        Row("    the steps' part of the worker's processor time", "", median(shares), ""),
    ]


def _rest(panel: TextPanel) -> None:
    """Until the worker has nothing to do: held-out losses and a sample follow a pause."""
    for _ in range(2):
        until(panel.settled)
        run_events(0.5)
    until(panel.settled)


def _bare_rate(run: Run) -> float:
    """Whole steps a second, with nothing else in the process at work."""
    begun, steps = time.perf_counter(), run.fit.step
    for _ in run.fit.beats():
        if time.perf_counter() - begun > PHASE:
            break
    return (run.fit.step - steps) / (time.perf_counter() - begun)


def beats() -> list[Row]:
    """How long one beat of the default run lasts, bare."""
    run, took = Run(_recipe("masked-text")), []
    going = run.beats()
    for _ in range(BEATS):
        with Clock() as clock:
            next(going)
        took.append(clock.spent)
    wall, processor = 1e3 * np.array(took[WARM:]).T
    return [
        Row("A beat of training a model of text, median", "at most 50", float(np.median(wall)), "ms"),
        Row("    p99", "", float(np.quantile(wall, 0.99)), "ms"),
        Row("    processor time, median", "", float(np.median(processor)), "ms"),
        Row("    processor time, p99", "at most 50", float(np.quantile(processor, 0.99)), "ms"),
    ]


def after_a_minute(network: str) -> list[Row]:
    """Held-out cross-entropies after SECONDS of processor time, WINDOWS windows of SHORT tokens a step."""
    recipe = _recipe(NETWORKS[network])
    design, training = {**recipe.design, "length": SHORT}, {**recipe.training, "batch": WINDOWS}
    run = Run(replace(recipe, design=design, training=training))
    begun = time.process_time()
    for _ in run.beats():
        if time.process_time() - begun > SECONDS:
            break
    found = next(report for report in show(run.scene(), Ask("held_out")) if isinstance(report, Picture)).numbers
    steps = Row(f"{network}, {SHORT} tokens, {SECONDS:.0f} s of processor time", "", float(run.fit.step), "steps")
    return [steps, *(Row(f"    held-out cross-entropy, {at}", "", found[at], "nats") for at in MASKED_SHARES)]


def _recipe(preset: str) -> Recipe:
    return starting_recipe(all_families()["masked-text"].entry(), preset, DataSpec(CORPUS), 7)
