"""Compare: up to four films side by side from the same noise, over one clock, and their errors."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.gui.file_desk import FILTER
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.panels.race.grid import StageGrid
from dgm_studio.gui.panels.trajectories import modes
from dgm_studio.gui.panels.trajectories.compare_clock import frame_at, moments
from dgm_studio.gui.panels.trajectories.compare_form import FILE, SHARED, CompareForm
from dgm_studio.gui.panels.trajectories.compare_lineup import Lineup, restored
from dgm_studio.gui.panels.trajectories.compare_pane import ComparePane
from dgm_studio.gui.panels.trajectories.compare_scores import Scores
from dgm_studio.gui.panels.trajectories.scrubbing import ScrubbedMode
from dgm_studio.gui.panels.trajectories.settings import COLOUR, TAILS
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.transport_bar import TransportBar

LAYERS = ("data", "samples", "density", "velocity", "paths")
FIRST_ON = ("data", "samples", "paths")
ERRORS = "errors"
"""The chip of the plot below the films."""
TRACK = "compare"
DRAWN_ONLY = (TAILS.name, COLOUR.name)
"""What changes no film."""
REFILM_MS = 200


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
        self._active = self._begun = False
        self._heads: list[str] = []
        self._common = ""
        """What the films have in common, in words."""
        self._time = 1.0
        """The moment that is shown while films are made again."""
        self._due: set[int] = set()
        """Films that a person has set otherwise."""
        self.grid = StageGrid(self.stage, LAYERS)
        self.form = self.inputs = CompareForm()
        self.lineup = Lineup(studio, self.grid, self.chips, lambda: self.player.playing, self)
        self.scores = Scores(self.lineup, studio.link, self)
        self.readouts = self.scores.table
        self.pane = ComparePane(self.grid, self.scores.plot)
        self.column.addWidget(self.pane, 1)
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
        self.lineup.failed.connect(self.failed)
        self.scores.failed.connect(self.failed)
        run.opened.connect(lambda _: self._opened())
        run.reported.connect(lambda _: self._show_form())
        run.stepped.connect(lambda _: self._show_stale())
        theme().changed.connect(self._show_form)
        self.grid.picked.connect(self._choose)

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
        if name in DRAWN_ONLY:
            self._show_drawing()
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
        self._begun = True
        self.player.pause()
        self.again = play
        self.cleared.emit()
        self.scores.begin()
        self.lineup.shoot(self.settings, only)
        self._show_drawing()
        self._advance()
        self._show_form()

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
        if self._active and self._begun:
            self.scores.follow(int(self.settings["count"]), int(self.settings["seed"]))
        self._show_drawing()
        self._advance()
        self._show_form()

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

    # Showing.

    def show_frame(self) -> None:
        """Every film at the moment of the clock."""
        if len(self.times):
            time = float(self.times[min(self.player.index, len(self.times) - 1)])
            for lane in self.lineup.lanes:
                lane.show_moment(time)
        self._show_heads()
        self.changed.emit()

    def show_layer(self, name: str, on: bool) -> None:
        """On every stage."""
        super().show_layer(name, on)
        for stage in self.grid.each():
            stage.show_layer(name, on)

    def _toggle_layer(self, name: str, on: bool) -> None:
        if name == ERRORS:
            self.show_errors(on)
            self.layers_kept()
            return
        for stage in self.grid.each():
            stage.show_layer(name, on)
        self.layers_kept()

    def show_errors(self, on: bool) -> None:
        """The plot below the films, measured when it is first wanted."""
        self.chips.chips[ERRORS].setChecked(on)
        self.scores.set_wanted(on)
        self._heard()

    def _show_drawing(self) -> None:
        lanes = self.lineup.lanes
        longest = max((lane.film.total for lane in lanes), default=0)
        for lane in lanes:
            lane.set_tails(int(self.settings[TAILS.name]), longest)
            lane.set_colour(str(self.settings[COLOUR.name]))

    def _show_form(self) -> None:
        """The form, the lines above the films, the numbers."""
        lineup, form = self.lineup, self.inputs
        form.show_shared(self.settings)
        if self.studio.catalogue is None or not lineup.contenders:
            return
        heads, here = lineup.heads(), self.current
        self._common = lineup.common()
        form.show_presets(lineup.preset, lineup.reasons())
        form.show_films(heads, here)
        form.show_sources(lineup.sources(), lineup.key_of(here))
        if knobs := lineup.knobs(here):
            form.show_sampling(lineup.key_of(here), knobs, lineup.sampling(here), lineup.idle(here), lineup.unfit(here))
        report = lineup.lanes[here].report
        form.show_remark(report.remark if report is not None else "")
        self._heads = heads
        for place, label in enumerate(self.grid.heads):
            label.set_tint(theme().class_colour(place).name())
        self._show_heads()
        self._show_stale()
        self.scores.show(heads)
        self.changed.emit()

    def _show_heads(self) -> None:
        """Which film it is, what tells it from the others, and the time of what is shown of it."""
        frames = [lane.frame for lane in self.lineup.lanes]
        self.pane.arrange()
        self.pane.show_heads(self._heads, [None if one is None else one.t for one in frames])

    def _show_stale(self) -> None:
        if self._active and self.studio.catalogue is not None:
            self.inputs.show_stale(self.lineup.stale())

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
        self.lineup.wake(True)
        if not self._begun or self.lineup.stale():
            self.shoot(play=not self._begun)
            return
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
            busy = f"filming {len(making)} of {len(self.lineup.contenders)}" if making else ""
            text = f"t = {self.times[min(index, count - 1)]:.2f} · {busy or f'frame {index + 1} / {count}'}"
        if count < 2:
            reason = "Nothing is filmed yet"
        bar.set_track(TRACK, "Sampling", text, max(0, index), self.player.total, not reason, reason)

    def unplayable(self) -> str:
        """Without films there is nothing to play."""
        return "" if len(self.times) > 1 or self.lineup.making else "Nothing is filmed yet"

    def subtitle(self) -> str:
        """What the films have in common."""
        return self._common

    def film_source(self) -> FilmSource | None:
        """All moments as they are seen; as arrays, the film that is set in the form."""
        lanes = self.lineup.lanes
        if not len(self.times) or not lanes or not lanes[self.current].film.frames:
            return None
        return FilmSource(
            film=lanes[self.current].film.film,
            frames=len(self.times),
            index=self.player.index,
            show=self.seek,
            ready=lambda: all(lane.painted for lane in self.lineup.lanes),
        )

    def export_dialog(self, parent: QWidget) -> QDialog:
        """All films side by side, and the plot below them."""
        from dgm_studio.gui.dialogs.export import ExportDialog

        return ExportDialog(self.pane, self.film_source(), parent)

    def settled(self) -> bool:
        """All films made, judged and shown, and their errors measured."""
        begun = self._begun or not self._active
        quiet = begun and not (self._soon.isActive() or self.lineup.making or self.scores.busy or self.player.playing)
        return quiet and self.again is None and all(lane.painted for lane in self.lineup.lanes)

    def session(self) -> dict[str, Any]:
        """Who is compared, and how."""
        return {
            **super().session(),
            "films": [one.held() for one in self.lineup.contenders],
            "preset": self.lineup.preset,
            "settings": dict(self.settings),
            "errors": self.scores.wanted,
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
