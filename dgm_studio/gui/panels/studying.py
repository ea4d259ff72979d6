"""What panels and modes of small scenes share: a list of scenes, a form for each, its plots, its numbers.

A scene is drawn again while a knob or a grip is dragged. Play goes on drawing rounds; R begins again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.reports import Failure, SketchPicture
from dgm_studio.core.sketch import Sketch
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.study_lane import StudyLane
from dgm_studio.gui.widgets.boxes import Hairline, Stack
from dgm_studio.gui.widgets.caption import Caption
from dgm_studio.gui.widgets.formula import Formula
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_board import PlotBoard
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.readings import Readings
from dgm_studio.gui.widgets.scene_list import SceneList
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "rounds"
FIRST_ROUNDS = 25
"""Drawn by themselves after every change; Play goes on from there."""
INTERVAL = "± 95 % interval"


class Filled(Protocol):
    """A column that parts are added to."""

    def add(self, widget: QWidget, /) -> None:
        """One more part below the others."""

    def finish(self) -> None:
        """Push everything up."""


class Studying:
    """One lane, one scene at a time; nothing about a scene is written here. A panel or a mode calls `_make_picture`
    and `_fill` when it is built, and says by the methods below what happens."""

    studio: Studio
    listed: str
    """The id of the panel whose scenes these are."""
    lane_name: ClassVar[str]
    track: ClassVar[tuple[str, str, str]]
    """What the track is called, what its rounds do, and why they cannot be taken back."""
    brief: ClassVar[bool] = False
    """Whether the form shows only the knobs that have an effect now."""

    def _fill(self, form: Filled, readouts: Filled, parent: QObject) -> None:
        """The columns, and the lane; the picture is made."""
        self._form, self._readouts = form, readouts
        self.lane = StudyLane(self.studio.link, self.lane_name, parent)
        self.current = ""
        self.knob_forms: dict[str, KnobForm] = {}
        self._looked_at = False
        self._endless = False
        self._held: dict[str, Any] = {}
        self.choices = SceneList()
        form.add(SectionHeader("Scene", above=0))
        form.add(self.choices)
        form.add(Hairline())
        self.numbers = SectionHeader("Numbers", note=INTERVAL, above=0)
        self.readings = Readings()
        self.source = Label("", 11.5, 400, "faint", wrap=True)
        self._fill_readouts()
        readouts.finish()
        self.choices.chosen.connect(self.show_scene)
        self.board_of_plots.edited.connect(self.turn)
        self.lane.sketched.connect(self._show_sketch)
        self.lane.failed.connect(self._lane_failed)
        self.lane.state_changed.connect(lambda _: self._clock_moved())

    # What the panel or the mode says.

    def _said(self, problem: Failure | str) -> None:
        """Something went wrong."""
        raise AssertionError(f"{type(self).__name__} says no failures")

    def _mended(self) -> None:
        """What went wrong holds no longer."""
        raise AssertionError(f"{type(self).__name__} says no failures")

    def _changed(self) -> None:
        """What a session keeps is another."""
        raise AssertionError(f"{type(self).__name__} keeps nothing")

    def _clock_moved(self) -> None:
        """`show_clock` has something else to say, or `title` has."""
        raise AssertionError(f"{type(self).__name__} has no clock")

    def _fill_readouts(self) -> None:
        """What stands in the right column."""
        for part in (self.numbers, self.readings, self.source):
            self._readouts.add(part)

    def _make_picture(self) -> QWidget:
        self.board_of_plots = PlotBoard()
        self.formula = Formula(15)
        self.caption = Caption("Waking the engine…")
        self.middle = QWidget()
        stack = Stack(self.middle, gap=10)
        stack.addWidget(self.formula)
        stack.addWidget(self.caption)
        stack.addWidget(self.board_of_plots, 1)
        return self.middle

    @property
    def plots(self) -> list[PlotCard]:
        """The cards in which something is drawn."""
        return self.board_of_plots.shown()

    # From the person.

    def show_scene(self, name: str) -> None:
        """Put another scene on."""
        self.current = name
        self.choices.set_current(name)
        for key, form in self.knob_forms.items():
            form.setVisible(key == name)
        assert self.studio.catalogue is not None
        entry = self.studio.catalogue.scenes[name]
        self.board_of_plots.offer({knob.name: knob for knob in entry.knobs}, self.values)
        self.formula.set_formula(entry.card.formula)
        self.formula.setVisible(bool(entry.card.formula))
        self.source.setText(f"Lecture {entry.card.lecture} · {entry.card.paper}")
        self._clock_moved()
        self._redraw()

    @property
    def title(self) -> str:
        """Of the scene that is shown."""
        catalogue = self.studio.catalogue
        return catalogue.scenes[self.current].card.title if self.current and catalogue is not None else ""

    def toggle_play(self) -> None:
        """Draw rounds without end, or stop."""
        if self.lane.picture is None:
            return
        self._endless = not self.lane.playing
        if self.lane.playing:
            self.lane.pause()
        else:
            self.lane.play()

    def step(self, by: int) -> None:
        """So many more rounds."""
        if by > 0 and self.lane.picture is not None:
            self.lane.play(by)

    def restart(self) -> None:
        """From the first round again."""
        self._redraw()

    def values(self) -> dict[str, Value]:
        """The knobs of the scene that is shown."""
        return self.knob_forms[self.current].values()

    def turn(self, edits: Mapping[str, Value]) -> None:
        """Set knobs from the plot; the form follows."""
        form = self.knob_forms[self.current]
        try:
            edits = {name: form.rows[name].knob.check(value) for name, value in edits.items()}
        except Refused as refusal:
            self._said(str(refusal))
            return
        form.set_values(edits)
        self._redraw()

    def _redraw(self) -> None:
        self._mended()
        if self._looked_at and self.current:
            self.lane.show(self.current, self.values(), None if self._endless else FIRST_ROUNDS)
        self._changed()

    # From the worker.

    def wake(self, catalogue: Catalogue) -> None:
        """The scenes it lists, and their knobs."""
        listed = {name: entry for name, entry in catalogue.scenes.items() if entry.panel == self.listed}
        self.choices.set_cards({name: entry.card for name, entry in listed.items()})
        for name, entry in listed.items():
            form = KnobForm("Knobs", "redraws from the first round", entry.knobs, brief=self.brief)
            form.setVisible(False)
            form.edited.connect(lambda *_: self._redraw())
            self.knob_forms[name] = form
            self._form.add(form)
        self._form.finish()
        self.caption.setText("")
        if self.knob_forms:
            self.show_scene(next(iter(self.knob_forms)))
            self.restore(self._held)

    def _show_sketch(self, picture: SketchPicture) -> None:
        if picture.ask.view != self.current:
            return
        sketch = picture.sketch
        self.board_of_plots.show_plots(sketch.plots)
        self.numbers.setVisible(bool(sketch.readings))
        doubtful = any(one.doubt is not None for one in sketch.readings)
        self.numbers.set_note(INTERVAL if doubtful else "")
        self._show_readings(sketch)
        self.caption.setText(sketch.caption)
        self._clock_moved()

    def _show_readings(self, sketch: Sketch) -> None:
        self.readings.show_readings(sketch.readings)

    def _lane_failed(self, failure: Failure) -> None:
        self._said(failure)
        self._clock_moved()

    def enter_clock(self, bar: TransportBar) -> None:
        """Put its track on the bar."""
        bar.add_track(TRACK, self.track[0], "accent", read_only=True)

    def show_clock(self, bar: TransportBar) -> None:
        """How many rounds are drawn, and whether more are coming."""
        bar.set_playing(self.lane.playing)
        picture = self.lane.picture
        if picture is not None:
            text = f"{self.count(picture)} · {picture.seconds:.1f} s"
            share = min(1.0, picture.step / FIRST_ROUNDS)
            bar.set_track(TRACK, self.track[1], text, share)

    def count(self, picture: SketchPicture) -> str:
        """How far it is, in words."""
        return f"{picture.sketch.repetitions:,} drawn"

    # The window's calls.

    def settled(self) -> bool:
        """The scene on show has drawn all its rounds."""
        picture = self.lane.picture
        if picture is None or self.lane.busy or self.lane.playing:
            return False
        return picture.ask.view == self.current and picture.step >= FIRST_ROUNDS

    def come(self) -> None:
        """A person looks: draw what was chosen, at the first visit."""
        self._looked_at = True
        self.board_of_plots.setFocus()
        if self.lane.picture is None or self.lane.picture.ask.view != self.current:
            self._redraw()

    def go_away(self) -> None:
        """Nobody looks: stop."""
        self._looked_at = False
        self._endless = False
        self.lane.pause()

    def export_dialog(self, parent: QWidget) -> QDialog:
        """The plots as a picture, their curves as a table."""
        from dgm_studio.gui.dialogs.export_plots import ExportPlots

        name = self.current or self.listed
        return ExportPlots(self.middle, [card.shown for card in self.plots if card.shown is not None], name, parent)

    def session(self) -> dict[str, Any]:
        """The scene, and every scene's knobs; before the engine is awake, what was restored."""
        if not self.knob_forms:
            return self._held
        return {"scene": self.current, "knobs": {name: form.values() for name, form in self.knob_forms.items()}}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse, once the engine has told what there is; what is missing, foreign or out of range stays."""
        self._held = held
        knobs = held.get("knobs")
        for name, form in self.knob_forms.items():
            values = knobs.get(name) if isinstance(knobs, dict) else None
            if isinstance(values, dict):
                try:
                    form.set_values(checked(tuple(row.knob for row in form.rows.values()), values))
                except Refused:
                    continue
        if held.get("scene") in self.knob_forms:
            self.show_scene(str(held["scene"]))


class StudyPanel(Studying, Panel):
    """A panel of nothing but scenes."""

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, ())
        self.listed = self.sign.id
        self._fill(self.form, self.readouts, self)
        self.chips.hide()  # a scene has plots, no layers
        self.stage.setParent(self)
        self.stage.hide()
        self.transport.speed.hide()  # rounds have no pace and no end to start again from
        self.transport.loop.hide()
        self.enter_clock(self.transport)
        self.transport.set_usable("The engine is waking; one moment.")

    def _picture(self) -> QWidget:
        return self._make_picture()

    def wake(self, catalogue: Catalogue) -> None:
        """Its scenes."""
        self.transport.set_usable(back=self.track[2])
        super().wake(catalogue)

    def activate(self) -> None:
        """A person looks."""
        self.come()

    def deactivate(self) -> None:
        """Nobody looks."""
        self.go_away()

    def _said(self, problem: Failure | str) -> None:
        if isinstance(problem, Failure):
            self.banner.fail(problem.sentence, (), problem.details)
        else:
            self.banner.fail(problem)

    def _mended(self) -> None:
        self.banner.hide()

    def _changed(self) -> None:
        self.session_changed.emit()

    def _clock_moved(self) -> None:
        self.subtitle.setText(self.title)
        self.show_clock(self.transport)
