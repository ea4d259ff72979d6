"""Gallery: samples of the open checkpoint by their seeds, beside those of others, or with one setting swept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import GAMMA, Making
from dgm_studio.core.knobs import Value
from dgm_studio.core.latents import DENOISES, PictureModelReport
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.elsewhere import OPENING, Way, way_from
from dgm_studio.gui.panels.checkpoints.file_card import ask_for_file
from dgm_studio.gui.panels.checkpoints.gallery_form import GalleryForm
from dgm_studio.gui.panels.checkpoints.gallery_lane import GalleryLane
from dgm_studio.gui.panels.checkpoints.gallery_readouts import GalleryReadouts, apart
from dgm_studio.gui.panels.checkpoints.gallery_state import GalleryState
from dgm_studio.gui.panels.checkpoints.gallery_view import GalleryView
from dgm_studio.gui.panels.checkpoints.gallery_wish import (
    CLASS,
    COUNT,
    FIRST,
    GalleryWish,
    Setting,
    Source,
)
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.panels.checkpoints.subject import Subject
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK, LANE = "pictures", "checkpoint-gallery"
SOON_MS = 200
"""A dragged knob is one gallery, not a hundred."""
ONE_COPY = "The file holds one copy of the weights."


class GalleryMode(Mode):
    """What is wanted is in `wish`; what is there, in `lane` by what it is made of."""

    id, word, tooltip = modes.GALLERY
    restart_help = "The same with the next seeds (R)"
    paced = False

    mode_wanted = Signal(str)
    """Another mode of the panel."""

    panel_wanted = Signal(str)
    """Another panel with the file that is open."""

    def __init__(self, studio: Studio, subject: Subject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.running = Running.of(subject, studio.link)
        self.lane = GalleryLane(studio.link, LANE, self)
        self.form: GalleryForm = GalleryForm(self.running)
        self.view = GalleryView()
        self.readouts: GalleryReadouts = GalleryReadouts()
        self.stage = self.view.grid
        self.empty = EmptyState("", "Look", "Go there")
        self.pages = QStackedWidget()
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.empty)
        self.picture = self.pages
        self.state = GalleryState(studio, self.running, self.lane)
        self.active = False
        self._known: PictureModelReport | None = None
        """The report that the form was built for."""
        self._settings: tuple[Setting, ...] = ()
        self._seen: Making | None = None
        """What is looked at, in the grid or among the pins."""
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self.make)
        self._connect()
        self._follow()

    def _connect(self) -> None:
        form, view, lane = self.form, self.view, self.lane
        self.running.changed.connect(self._follow)
        self.running.refused.connect(self._hear)
        self.running.rewritten.connect(lane.forget)
        lane.told.connect(self._told)
        lane.ended.connect(self._ended)
        lane.failed.connect(self.failed)
        self.form.settings_card.panel_wanted.connect(self.panel_wanted)
        form.knob_wanted.connect(self._change)
        form.sampling_wanted.connect(self._change_sampling)
        form.sources.add_wanted.connect(self.ask_for_source)
        form.sources.copies_wanted.connect(self.compare_copies)
        form.sources.removed.connect(self._remove)
        state = self.state
        view.grid.pressed.connect(lambda row, column: self._film(state.at(row, column)))
        view.grid.pinned.connect(lambda row, column: self._pin(state.at(row, column)))
        view.grid.looked.connect(lambda row, column: self._look())
        view.pins.pressed.connect(lambda row, column: self._film(state.pins.held[column].making))
        view.pins.pinned.connect(lambda row, column: self._pin(state.pins.held[column].making))
        view.pins.looked.connect(lambda row, column: self._look_at(state.pins.held[column].making))
        self.readouts.film_wanted.connect(lambda: self._film(self._seen))
        self.readouts.pin_wanted.connect(lambda: self._pin(self._seen))
        self.empty.clicked.connect(self._leave)

    @property
    def wish(self) -> GalleryWish:
        """What is wanted."""
        return self.state.wish

    # What is open.

    def _follow(self) -> None:
        """The file, or what was chosen of it, is another."""
        self.state.follow()
        self._show_state()
        if self.active and self.running.report is not None:
            self._soon.start()

    def _hear(self, said: object) -> None:
        if self.active:
            self.failed.emit(said)

    def _show_state(self) -> None:
        """The gallery, or why there is none."""
        way = way_from(self.running)
        there = way is None or self.state.report is not None
        self.pages.setCurrentIndex(0 if there else 1)
        self.form.show_own(there or way == Way(OPENING))
        if way is not None:
            self.empty.set_sentence(way.sentence)
            self.empty.button.setText(way.word)
            self.empty.button.setVisible(bool(way.word))
        self._show_form()
        self.refresh()

    def _show_form(self) -> None:
        state, report = self.state, self.state.report
        if report is not self._known:
            self._known, self._settings = report, state.settings()
            self.form.show_model(report, state.knobs(), self._settings, self.wish)
            self.readouts.show_model(report)
        self.form.sources.show_rows(list(map(state.head, self.wish.sources)), copies="" if state.copies() else ONE_COPY)

    def _leave(self) -> None:
        way = way_from(self.running)
        if way is not None and way.panel:
            self.panel_wanted.emit(way.panel)
        elif way is not None and way.mode:
            self.mode_wanted.emit(way.mode)

    # What is made.

    def make(self) -> None:
        """Make what is wanted and not there yet."""
        self._soon.stop()
        wanted = self.state.wanted()
        self.refresh()
        if self.active and wanted and self.studio.catalogue is not None:
            self.cleared.emit()
            self.lane.want(wanted)
        self.changed.emit()

    def _told(self) -> None:
        self._show_form()
        self.refresh()
        self.changed.emit()

    def _ended(self) -> None:
        """All is there, unless a model that was unknown can be asked more now."""
        self._show_form()
        if self.state.complete or self._soon.isActive():
            self.refresh()
            self.changed.emit()
        else:
            self.make()

    def refresh(self) -> None:
        """What is there, on the grid."""
        state = self.state
        setting = next((one for one in self._settings if one.id == self.wish.sweep), None)
        heads = list(map(state.head, self.wish.sources)) if self.wish.compared else []
        if not heads or len(heads) == len(state.rows):
            across = setting.title if setting is not None else "Seed"
            self.view.grid.show_cells(state.cells(setting), state.columns(setting), heads, across)
        self.view.show_pins([state.cell(one.making, None) for one in state.pins.held])
        self._show_apart()
        self._look()

    def _show_apart(self) -> None:
        pictures = [list(map(self.state.pixels, row)) for row in self.state.rows]
        lines = []
        for source, row in list(zip(self.wish.sources, pictures, strict=False))[1:]:
            far, pairs = apart(pictures[0], row)
            if pairs:
                lines.append((" ".join(filter(None, self.state.head(source))), far, pairs))
        self.readouts.show_apart(lines)

    # The picture that is looked at.

    def _look(self) -> None:
        self._look_at(self.state.at(*self.view.grid.current))
        self.changed.emit()

    def _look_at(self, making: Making | None) -> None:
        self._seen = making
        if making is None:
            self.readouts.look_at(None, None, None, pinned=False)
            return
        state = self.state
        report = state.report_of(making.source, making.choice)
        self.readouts.look_at(making, state.tile(making), report, pinned=state.pins.has(making))

    def _film(self, making: Making | None) -> None:
        """Its film in the mode beside; a model that makes its pictures in one go has none."""
        report = self.state.report_of(making.source, making.choice) if making is not None else None
        if making is not None and report is not None and DENOISES in report.can:
            self.running.film(making)
            self.mode_wanted.emit(modes.FILM.id)

    def _pin(self, making: Making | None) -> None:
        if making is None or self.state.pixels(making) is None:
            return
        try:
            self.state.pins.toggle(making, self.state.pixels(making))
        except Refused as refusal:
            self.failed.emit(str(refusal))
        self.refresh()
        self.kept.emit()

    # From the person.

    def _want(self, wish: GalleryWish) -> None:
        self.state.wish = wish
        self.form.show_wish(wish, self._settings)
        self.kept.emit()
        self._soon.start()

    def _change(self, name: str, value: Value) -> None:
        try:
            self._want(self.wish.changed(name, value, self._settings))
        except Refused as refusal:
            self.failed.emit(str(refusal))
            self.form.show_wish(self.wish, self._settings)

    def _change_sampling(self, name: str, value: Value) -> None:
        self._want(replace(self.wish, sampling={**self.wish.sampling, name: value}))

    # Rows.

    def ask_for_source(self) -> None:
        """One more checkpoint beside this one."""
        name = ask_for_file(self.pages, "Compare with another checkpoint")
        if name:
            self.add(name)

    def add(self, path: str) -> None:
        """Another file's row."""
        try:
            self.state.wish = self.wish.with_source(Source(path))
        except Refused as refusal:
            self.failed.emit(str(refusal))
            return
        self._show_form()
        self.kept.emit()
        self.make()

    def compare_copies(self) -> None:
        """EMA and raw, a row each."""
        self.state.compare_copies()
        self._show_form()
        self.make()

    def _remove(self, row: int) -> None:
        kept = tuple(one for place, one in enumerate(self.wish.sources) if place != row)
        self.state.wish = replace(self.wish, sources=kept)
        self._show_form()
        self.make()

    def drop(self, path: str) -> bool:
        """A file dropped while the gallery is in front and something is open stands beside it."""
        if not (self.active and self.running.path and self.running.report is not None):
            return False
        self.add(path)
        return True

    # The clock.

    def wake(self, catalogue: Catalogue) -> None:
        """The families' knobs are known."""
        self._known = None
        self._follow()

    def enter(self) -> None:
        """A person looks."""
        self.active = True
        self.running.set_looked_at(True)
        self._show_state()
        if self.running.report is not None:
            self.make()

    def leave(self) -> None:
        """Nobody looks: nothing is made."""
        self.active = False
        self.running.set_looked_at(False)
        self._soon.stop()
        self.lane.stop()

    def enter_bar(self, bar: TransportBar) -> None:
        """The picture that is looked at, of all."""
        bar.add_track(TRACK, "Pictures", "sample")

    def show_on(self, bar: TransportBar) -> None:
        """How many are there."""
        makings = [one for row in self.state.rows for one in row] if self.state.report is not None else []
        there = sum(self.lane.tile(one) is not None for one in makings)
        bar.set_playing(self.lane.making)
        text = f"{there} of {len(makings)}" if makings else ""
        why = "" if makings else "No model of pictures is open"
        bar.set_track(TRACK, "Pictures", text, max(0, self._place()), len(makings), bool(makings), why)

    def _place(self) -> int:
        row, column = self.view.grid.current
        return sum(map(len, self.state.rows[:row])) + column if row >= 0 else -1

    def unplayable(self) -> str:
        """Play makes what is missing."""
        return "" if self.state.rows and self.state.report is not None else "No model of pictures is open."

    def toggle_play(self) -> None:
        """Make what is missing, or leave off."""
        if self.lane.making:
            self.lane.stop()
            self.changed.emit()
        else:
            self.make()

    def step(self, by: int) -> None:
        """Another picture is looked at."""
        self._go(self._place() + by)

    def go(self, fraction: float) -> None:
        """The first, the last."""
        self._go(round(fraction * (sum(map(len, self.state.rows)) - 1)))

    def scrub(self, track: str, position: float) -> None:
        """Through all of them."""
        self._go(round(position))

    def _go(self, place: int) -> None:
        places = [(row, column) for row, makings in enumerate(self.state.rows) for column in range(len(makings))]
        if places:
            self.view.grid.look_at(*places[min(max(0, place), len(places) - 1)])

    def restart(self) -> None:
        """The next seeds."""
        self._want(replace(self.wish, first=self.wish.first + len(self.wish.seeds)))

    # The window's calls.

    def subtitle(self) -> str:
        """What is compared, or how many."""
        report = self.state.report
        if report is None:
            return "samples by their seeds"
        rows = len(self.wish.sources)
        return f"{report.title}" + (f" and {rows - 1} more" if rows > 1 else "")

    def settled(self) -> bool:
        """All that is wanted is there."""
        if self.running.report is None:
            return way_from(self.running) != Way(OPENING)
        return self.state.complete and not self._soon.isActive() and not self.lane.making

    def export_dialog(self, parent: QWidget) -> QDialog:
        """The pictures that are there, as a sheet or as numbers."""
        from dgm_studio.gui.panels.checkpoints.gallery_export import ExportGallery

        tiles = [[self.lane.tile(one) for one in row] for row in self.state.rows]
        return ExportGallery(self.pages, tiles, parent)

    def session(self) -> dict[str, Any]:
        """Seeds, class, guidance, and the favourites."""
        wish = self.wish
        own = {FIRST: wish.first, COUNT: wish.count, CLASS: wish.label, GAMMA: wish.gamma}
        return {**own, "pins": self.state.pins.to_json()}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays."""
        self.state.wish = self.wish.restored(held)
        self.form.show_wish(self.wish, self._settings)
        self.state.pins.restore(held.get("pins"))
        self.refresh()
