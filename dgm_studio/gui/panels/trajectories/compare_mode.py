"""Compare: up to four films side by side from the same noise, over one clock, and their errors."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.gui.file_desk import FILTER
from dgm_studio.gui.panels.race.grid import StageGrid
from dgm_studio.gui.panels.trajectories import modes
from dgm_studio.gui.panels.trajectories.compare_clock import frame_at, moments
from dgm_studio.gui.panels.trajectories.compare_errors import ErrorLanes, error_plot, slope_of
from dgm_studio.gui.panels.trajectories.compare_form import FILE, SHARED, CompareForm
from dgm_studio.gui.panels.trajectories.compare_lanes import SOLVER, STEPS, shared
from dgm_studio.gui.panels.trajectories.compare_lineup import Lineup, restored
from dgm_studio.gui.panels.trajectories.compare_readouts import CompareReadouts
from dgm_studio.gui.panels.trajectories.scrubbing import ScrubbedMode
from dgm_studio.gui.panels.trajectories.settings import TAILS
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.transport_bar import TransportBar

LAYERS = ("data", "samples", "density", "velocity", "paths")
FIRST_ON = ("data", "samples", "paths")
ERRORS = "errors"
"""The chip of the plot below the films."""
TRACK = "compare"
REFILM_MS = 200
FILMS, PLOT = 7, 4
"""How films and plot share the height."""


class CompareMode(ScrubbedMode):
    """One clock over all films: each shows the newest frame that has begun at that time."""

    id: ClassVar[str] = modes.COMPARE.id
    word: ClassVar[str] = modes.COMPARE.word
    tooltip: ClassVar[str] = modes.COMPARE.tooltip
    restart_help: ClassVar[str] = "Make all films anew with the same seed (R)"

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(studio, LAYERS, parent)
        self.settings: dict[str, Value] = {one.name: one.default for one in SHARED}
        self.current = 0
        """The film that is set in the form."""
        self.times = np.zeros(0)
        """Every moment of the common clock."""
        self._active = self._begun = self._measured = False
        self._common = ""
        """What the films have in common, in words."""
        self._time = 1.0
        """The moment that is shown while films are made again."""
        self._due: set[int] = set()
        """Films that a person has set otherwise."""
        self.grid = StageGrid(self.stage, LAYERS)
        self.plot = PlotCard(wide=True)
        self.column.addWidget(self.grid, FILMS)
        self.column.addWidget(self.plot, PLOT)
        self.form = self.inputs = CompareForm()
        self.readouts = self.numbers = CompareReadouts()
        self.lineup = Lineup(studio, self.grid, self.chips, self)
        self.errors = ErrorLanes(studio.link, self)
        self.chips.chips["samples"].set_label("Particles", "Show or hide particles")
        key = str(len(LAYERS) + 1)
        self.chips.add(ERRORS, "Error plot", "error", key, "Show or hide error against evaluations", on=True)
        for name in LAYERS:
            self.show_layer(name, name in FIRST_ON)
        self._soon = QTimer(self, singleShot=True, interval=REFILM_MS)
        self._soon.timeout.connect(self._shoot_due)
        self._connect()
        self.stage.set_message("Waking the engine…")
        self._show_form()

    def _connect(self) -> None:
        form, run = self.inputs, self.studio.run
        form.preset_wanted.connect(self.compare)
        form.again_wanted.connect(self.restart)
        form.setting_wanted.connect(self._set_shared)
        form.chosen.connect(self._choose)
        form.added.connect(self._add)
        form.removed.connect(self._remove)
        form.source_wanted.connect(self._set_source)
        form.sampling_wanted.connect(self._set_sampling)
        self.lineup.changed.connect(self._heard)
        self.lineup.advanced.connect(self._advance)
        self.lineup.failed.connect(self._refuse)
        self.errors.changed.connect(self._show_numbers)
        self.errors.failed.connect(self._refuse)
        run.opened.connect(lambda _: self._opened())
        run.reported.connect(lambda _: self._show_form())
        run.stepped.connect(lambda _: self._show_stale())
        theme().changed.connect(self._show_numbers)

    # From the person.

    def compare(self, preset: str) -> None:
        """Line up a comparison, and play it."""
        if self.lineup.take(preset):
            self.current = 0
            self.shoot(play=True)
            self.kept.emit()

    def restart(self) -> None:
        """All films again with the same seed."""
        self.shoot(play=True)

    def _set_shared(self, name: str, value: Value) -> None:
        self.settings[name] = value
        if name == TAILS.name:
            self._show_tails()
        else:
            self._due.update(range(len(self.lineup.contenders)))
            self._soon.start()
        self.kept.emit()

    def _choose(self, place: int) -> None:
        self.current = place
        self._show_form()

    def _add(self) -> None:
        if self.lineup.add(self.current):
            self.current = len(self.lineup.contenders) - 1
            self._changed(self.current)

    def _remove(self) -> None:
        self.lineup.remove(self.current)
        self.current = min(self.current, len(self.lineup.contenders) - 1)
        self.shoot(play=False)
        self.kept.emit()

    def _set_source(self, key: str) -> None:
        if key == FILE:
            key, _ = QFileDialog.getOpenFileName(self.picture, "A model to film", "", FILTER)
        if key:
            self.lineup.set_source(self.current, key)
            self._changed(self.current)
        self._show_form()

    def _set_sampling(self, name: str, value: Value) -> None:
        self.lineup.set_sampling(self.current, name, value)
        self._changed(self.current)

    def _changed(self, place: int) -> None:
        self._due.add(place)
        self._soon.start()
        self._show_form()
        self.kept.emit()

    # The films.

    def shoot(self, *, play: bool) -> None:
        """All films, of the models as they now are."""
        self._make(None, play=play)

    def _shoot_due(self) -> None:
        due, self._due = self._due, set()
        for place in sorted(one for one in due if one < len(self.lineup.contenders)):
            self._make(place, play=False)

    def _make(self, only: int | None, *, play: bool) -> None:
        if self.studio.catalogue is None or not self.lineup.contenders:
            return
        if len(self.times) and not self.player.playing and self.again is None:
            self._time = float(self.times[self.player.index])
        self._begun, self._measured, self.again = True, False, play
        self.player.pause()
        self.again = play
        self.cleared.emit()
        self.errors.forget()
        self.lineup.shoot(self.settings, only)
        for lane in self.lineup.lanes:
            lane.moving = self._moving
        self._show_tails()
        self.lineup.wake(self._active)
        self._advance()
        self._show_form()

    def _moving(self) -> bool:
        return self.player.playing

    def _opened(self) -> None:
        """Another run: what is offered now, filmed when a person looks."""
        if self.studio.catalogue is None:
            return
        self.lineup.refresh()
        self.current = min(self.current, max(0, len(self.lineup.contenders) - 1))
        if self._active:
            self.shoot(play=False)
        else:
            self._begun = False

    def _heard(self) -> None:
        """A film began, ended, was judged: when all are, their errors are measured."""
        if self._active and self._begun and not self._measured and not self.lineup.making and self._wants_errors:
            self._measured = True
            self.errors.measure(self.lineup.entries(), int(self.settings["count"]), int(self.settings["seed"]))
        self._advance()
        self._show_form()

    @property
    def _wants_errors(self) -> bool:
        return self.chips.chips[ERRORS].isChecked()

    def _advance(self) -> None:
        """More frames: the clock goes as far as every film that is being made."""
        lanes = self.lineup.lanes
        making = [lane for lane in lanes if not lane.complete]
        until = min((float(lane.clock[-1]) if len(lane.clock) else -1.0 for lane in making), default=np.inf)
        self.times = moments([lane.clock for lane in lanes], until)
        total = max((len(self.times), *(lane.film.total for lane in making)))
        self.player.set_length(len(self.times), total)
        if self.again and len(self.times) > 1:
            self.again = None
            self.player.seek(0)
            self.player.play()
        elif self.again is False:
            self.player.seek(frame_at(self.times, self._time))
            if not making:
                self.again = None
        self.show_frame()

    def _refuse(self, failure: object) -> None:
        self.failed.emit(failure)

    # Showing.

    def show_frame(self) -> None:
        """Every film at the moment of the clock."""
        if len(self.times):
            time = float(self.times[min(self.player.index, len(self.times) - 1)])
            for lane in self.lineup.lanes:
                lane.show_moment(time)
        self.changed.emit()

    def show_layer(self, name: str, on: bool) -> None:
        """On every stage."""
        super().show_layer(name, on)
        for stage in self._stages():
            stage.show_layer(name, on)

    def _toggle_layer(self, name: str, on: bool) -> None:
        if name == ERRORS:
            self.show_errors(on)
            self.layers_kept()
            return
        for stage in self._stages():
            stage.show_layer(name, on)
        self.layers_kept()

    def show_errors(self, on: bool) -> None:
        """The plot below the films, measured when it is first wanted."""
        self.chips.chips[ERRORS].setChecked(on)
        self.plot.setVisible(on)
        self._heard()

    def _stages(self) -> list[Any]:
        return list(self.grid.each()) if hasattr(self, "grid") else [self.stage]

    def _show_tails(self) -> None:
        for lane in self.lineup.lanes:
            lane.set_tails(int(self.settings[TAILS.name]))

    def _show_form(self) -> None:
        """The form, the lines above the films, the numbers."""
        lineup, form = self.lineup, self.inputs
        form.show_shared(self.settings)
        if self.studio.catalogue is None or not lineup.contenders:
            return
        heads, here = lineup.heads(), self.current
        common = shared(lineup.words(), ("", SOLVER, STEPS))
        noise = f"{len(heads)} films from the same noise"
        self._common = f"{noise}: {common}" if common else noise
        form.show_presets(lineup.preset, lineup.reasons())
        form.show_films(heads, here)
        form.show_sources(lineup.sources(), lineup.key_of(here))
        if knobs := lineup.knobs(here):
            form.show_sampling(lineup.key_of(here), knobs, lineup.sampling(here), lineup.idle(here), lineup.unfit(here))
        report = lineup.lanes[here].report
        form.show_remark(report.remark if report is not None else "")
        for place, (label, head) in enumerate(zip(self.grid.heads, heads, strict=False)):
            label.setText(f"{place + 1}  {head}")
            label.set_tint(theme().class_colour(place).name())
        self._show_stale()
        self._show_numbers()
        self.changed.emit()

    def _show_stale(self) -> None:
        if self._active and self.studio.catalogue is not None:
            self.inputs.show_stale(self.lineup.stale())

    def _show_numbers(self) -> None:
        if self.studio.catalogue is None or not self.lineup.contenders:
            return
        lanes, heads = self.lineup.lanes, self.lineup.heads()
        tones = [theme().class_colour(place).name() for place in range(len(lanes))]
        self.numbers.show_lanes(heads, [lane.measures for lane in lanes], self.lineup.making)
        curves, seen = [], set()
        for place in range(len(lanes)):
            points = self.errors.of(place)
            self.numbers.show_order(place, slope_of(points), points, busy=self.errors.busy)
            curve = self.errors.curve_of.get(place)
            if points and curve not in seen:
                seen.add(curve)
                curves.append((heads[place], tones[place], points))
        films = [
            (head, tone, lane.measures)
            for head, tone, lane in zip(heads, tones, lanes, strict=True)
            if lane.measures is not None
        ]
        self.plot.set_plot(error_plot(curves, films))

    # The panel's calls.

    def wake(self, catalogue: Catalogue) -> None:
        """What can be compared is known."""
        self.stage.set_message("")
        if not self.lineup.contenders:
            self.lineup.refresh()
        self._show_form()
        if self._active:
            self.enter()

    def enter(self) -> None:
        """Film, if nothing is filmed yet or what was is another model's; else show what there is."""
        self._active = True
        if self.studio.catalogue is None:
            return
        if not self._begun or self.lineup.stale():
            self.shoot(play=not self._begun)
            return
        self.lineup.wake(True)
        self.show_frame()
        self._heard()

    def leave(self) -> None:
        """Nobody looks: nothing moves, nothing is asked for."""
        self._active = False
        self.player.pause()
        self.lineup.wake(False)

    def enter_bar(self, bar: TransportBar) -> None:
        """One clock over all."""
        super().enter_bar(bar)
        bar.add_track(TRACK, "Sampling", "sample")

    def show_on(self, bar: TransportBar) -> None:
        """The moment, and how far the films are."""
        bar.set_playing(self.player.playing)
        index, count = self.player.index, len(self.times)
        text, reason = "", ""
        if count:
            making = [lane for lane in self.lineup.lanes if not lane.complete]
            busy = f" · filming {len(making)} of {len(self.lineup.contenders)}" if making else ""
            text = f"t = {self.times[min(index, count - 1)]:.2f} · moment {index + 1} / {count}{busy}"
        if count < 2:
            reason = "Nothing is filmed yet"
        bar.set_track(TRACK, "Sampling", text, max(0, index), self.player.total, not reason, reason)

    def unplayable(self) -> str:
        """Without films there is nothing to play."""
        return "" if len(self.times) > 1 or self.lineup.making else "Nothing is filmed yet"

    def subtitle(self) -> str:
        """What the films have in common."""
        return self._common

    def settled(self) -> bool:
        """All films made, judged and shown, and their errors measured."""
        begun = self._begun or not self._active
        quiet = begun and not (self._soon.isActive() or self.lineup.making or self.errors.busy or self.player.playing)
        return quiet and self.again is None and all(lane.pictures.complete() for lane in self.lineup.lanes)

    def session(self) -> dict[str, Any]:
        """Who is compared, and how."""
        return {
            **super().session(),
            "films": [one.held() for one in self.lineup.contenders],
            "preset": self.lineup.preset,
            "settings": dict(self.settings),
            "errors": self._wants_errors,
        }

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays."""
        super().restore(held)
        films = restored(held.get("films"))
        if films:
            self.lineup.contenders = list(films)
            self.lineup.preset = str(held.get("preset", ""))
        settings = held.get("settings")
        if isinstance(settings, dict):
            known = {one.name: settings[one.name] for one in SHARED if one.name in settings}
            with suppress(Refused):
                self.settings = checked(SHARED, known)
        if isinstance(held.get("errors"), bool):
            self.show_errors(held["errors"])
        self._show_form()
