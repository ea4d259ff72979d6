"""The figures of a model as they arrive, and the training pictures nearest to its samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import (
    CODES,
    DECODES,
    DENOISES,
    SEED,
    CodeGrid,
    Nearest,
    PictureModelReport,
    Placed,
    Score,
    Spot,
)
from dgm_studio.core.picture_requests import Assess, FindNearest, Place, ReadCode
from dgm_studio.core.reports import Failure, Report
from dgm_studio.gui.panels.latents import modes
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.panels.latents.measure_form import SEED as SEED_KNOB
from dgm_studio.gui.panels.latents.measure_form import MeasureForm
from dgm_studio.gui.panels.latents.measure_readouts import MeasureReadouts
from dgm_studio.gui.panels.latents.measure_views import NEAREST, MeasurePicture
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "figures"
COUNT = 8
"""Samples whose nearest training pictures are looked for."""
NO_DATA = "The pictures that this model learnt from are not here: nothing can be compared with them."
NO_SAMPLES = "This model draws a picture pixel by pixel, too slowly to look for copies here."


class MeasureMode(LookingMode):
    """Figures are measured when a person asks for them, for they take the worker a while."""

    id, word, tooltip = modes.MEASURE
    restart_help = "Measure with the next seed (R)"
    no_back = "Figures come one after the other; there is no way back to fewer of them."
    needs = ""
    without = "No model is open."
    suits, suits_word = "fashion-vae", "Open the VAE"

    def __init__(self, studio: Studio, lane: PictureLane, parent: QObject | None = None) -> None:
        self.form: MeasureForm = MeasureForm()
        self.view = MeasurePicture()
        self.readouts: MeasureReadouts = MeasureReadouts()
        super().__init__(studio, lane, self.view, parent)
        self.stage = self.view.pictures
        self.seed = int(SEED_KNOB.default)
        self.running = False
        self.looking = False
        """Whether samples are drawn and compared."""
        self._asked = 0
        self._round = 0
        self._drawn = 0
        form = self.form
        form.wanted.connect(self.measure)
        form.copies_wanted.connect(self._look_again)
        form.seed_wanted.connect(self._reseed)
        lane.reported.connect(self._report)
        lane.failed.connect(self._lane_failed)

    # The model.

    def show_model(self, report: PictureModelReport) -> None:
        """Its samples' neighbours at once; its figures on demand."""
        self.forget()
        self.readouts.show_model(report)
        self._look()

    def forget(self) -> None:
        """Nothing is shown."""
        self._round += 1
        self.running = self.looking = False
        self.form.set_running(False)
        self.view.clear()
        self.view.clear_nearest()
        self.readouts.show_scores(())

    # The figures.

    def measure(self, on: bool) -> None:
        """Measure all of them, or stop."""
        if self.report is None:
            return
        self.cleared.emit()
        self.running = on
        self.form.set_running(on)
        if on:
            self.view.clear()
        self._asked = self.lane.tell(Assess(self.lane.name, on, self.seed))
        self.changed.emit()

    def _report(self, report: Report) -> None:
        if isinstance(report, Score):
            self.view.add(report)
            self.readouts.show_scores(self.view.scores.values())
            if report.done >= report.total:
                self._stop()
            self.changed.emit()

    def _stop(self) -> None:
        self.running = False
        self.form.set_running(False)

    def _lane_failed(self, failure: Failure) -> None:
        if failure.request == self._asked and self.running:
            self._stop()
            self.changed.emit()

    # Copies.

    def _look(self) -> None:
        """Draw samples, then ask for their nearest training pictures."""
        report = self.report
        if report is None:
            return
        self._round += 1
        turn = self._round
        seeds = [self._drawn + k for k in range(COUNT)]
        if not report.count:
            self.view.clear_nearest(report.remark or NO_DATA)
        elif DECODES in report.can or DENOISES in report.can:
            self.looking = True
            spots = tuple(Spot(SEED, seed=seed) for seed in seeds)
            self.lane.ask(Place(self.lane.name, spots), lambda placed: self._placed(placed, turn), self._fail)
        elif CODES in report.can:
            self.looking = True
            self._draw(seeds, [], turn)
        else:
            self.view.clear_nearest(NO_SAMPLES)
        self.form.copies.setEnabled(self.looking)  # else there is nothing to look for

    def _placed(self, placed: Placed, turn: int) -> None:
        self._compare(placed.reconstructed, turn)

    def _draw(self, seeds: list[int], made: list[Array], turn: int) -> None:
        """One code of the prior after the other."""
        if turn != self._round:
            return
        if len(made) == len(seeds):
            self._compare(np.stack(made), turn)
            return

        def take(grid: CodeGrid) -> None:
            self._draw(seeds, [*made, grid.reconstructed], turn)

        self.lane.ask(ReadCode(self.lane.name, Spot(SEED, seed=seeds[len(made)])), take, self._fail)

    def _compare(self, samples: Array, turn: int) -> None:
        if turn == self._round:
            request = FindNearest(self.lane.name, samples, NEAREST)
            self.lane.ask(request, lambda nearest: self._found(samples, nearest, turn), self._fail)

    def _found(self, samples: Array, nearest: Nearest, turn: int) -> None:
        if turn == self._round:
            self.looking = False
            self.view.show_nearest(samples, nearest)
            self.readouts.show_nearest(nearest)
            self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        self.looking = False
        self.view.clear_nearest(failure.sentence)
        self.changed.emit()

    def _look_again(self) -> None:
        self._drawn += COUNT
        self._look()

    def _reseed(self, seed: int) -> None:
        self.seed = seed
        if self.running:
            self.measure(True)

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """One track, which only tells."""
        bar.add_track(TRACK, "Figures", "accent", read_only=True)

    def show_on(self, bar: TransportBar) -> None:
        """How many are known."""
        scores = list(self.view.scores.values())
        done, total = (scores[-1].done, scores[-1].total) if scores else (0, 0)
        bar.set_playing(self.running)
        text = f"{done} of {total} figures" if scores else "measuring" if self.running else ""
        there = self.report is not None
        bar.set_track(TRACK, "Figures", text, done, total, there, "" if there else "No model is open")

    def toggle_play(self) -> None:
        """Measure, or stop."""
        self.measure(not self.running)

    def restart(self) -> None:
        """With other samples."""
        self.seed = (self.seed + 1) % int(SEED_KNOB.high or 1)
        self.form.seed.set_values({SEED_KNOB.name: self.seed})
        self.measure(True)

    # The window's calls.

    def settled(self) -> bool:
        """What was asked for is there."""
        if self.report is None:
            return self.lane.report is not None
        return not self.running and not self.looking

    def session(self) -> dict[str, Any]:
        """The seed."""
        return {"seed": self.seed}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        seed = held.get("seed")
        if isinstance(seed, int) and 0 <= seed <= int(SEED_KNOB.high or 0):
            self.seed = seed
            self.form.seed.set_values({SEED_KNOB.name: seed})
