"""The Scenes panel: a question of the lectures, its estimates redrawn while a knob is dragged, the exact answer beside.

Play goes on drawing repetitions, so that error bars shrink; R begins again.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.reports import Failure, SketchPicture
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.scenes import SIGN
from dgm_studio.gui.panels.scenes.choices import SceneList
from dgm_studio.gui.panels.scenes.readings import Readings
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.study_lane import StudyLane
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.section import SectionHeader

LANE, TRACK = "scene", "repetitions"
FIRST_ROUNDS = 25
"""Drawn by themselves after every change; Play goes on from there."""
PLOTS = 3


class ScenesPanel(Panel):
    """One lane, one scene at a time; nothing about a scene is written here."""

    sign = SIGN
    exports = False

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, ())
        self.lane = StudyLane(studio.link, LANE, self)
        self.current = ""
        self.knob_forms: dict[str, KnobForm] = {}
        self._active = False
        self._endless = False
        self._held: dict[str, Any] = {}
        self.choices = SceneList()
        self.form.add(SectionHeader("Scene", above=0))
        self.form.add(self.choices)
        self.form.add(Hairline())
        self.readings = Readings()
        self.readouts.add(SectionHeader("Numbers", note="± 95 % interval", above=0))
        self.readouts.add(self.readings)
        self.source = Label("", 11.5, 400, "faint", wrap=True)
        self.readouts.add(self.source)
        self.readouts.finish()
        self.chips.hide()  # a scene has plots, no layers
        self.stage.setParent(self)
        self.stage.hide()
        self.transport.speed.hide()  # repetitions have no pace and no end to start again from
        self.transport.loop.hide()
        self.transport.add_track(TRACK, "Repetitions", "accent", read_only=True)
        self.transport.set_usable("The engine is waking; one moment.")
        studio.awake.connect(self._wake)
        self.choices.chosen.connect(self.show_scene)
        self.lane.sketched.connect(self._show)
        self.lane.failed.connect(self._fail)
        self.lane.state_changed.connect(lambda _: self._show_progress())

    def _picture(self) -> QWidget:
        self.plots = [PlotCard(wide=place == 0) for place in range(PLOTS)]
        self.formula = Label("", 15, 500, wrap=True)
        self.caption = Label("Waking the engine…", 13, 400, "dim", wrap=True)
        middle = QWidget()
        stack = Stack(middle, gap=10)
        below = Row(gap=14)
        stack.addWidget(self.formula)
        stack.addWidget(self.caption)
        stack.addWidget(self.plots[0], 11)
        for card in self.plots[1:]:
            below.addWidget(card, 1)
        stack.addLayout(below, 9)
        return middle

    # From the person.

    def show_scene(self, name: str) -> None:
        """Put another scene on."""
        self.current = name
        self.choices.set_current(name)
        for key, form in self.knob_forms.items():
            form.setVisible(key == name)
        assert self.studio.catalogue is not None
        card = self.studio.catalogue.scenes[name].card
        self.subtitle.setText(card.title)
        self.formula.setText(card.formula)
        self.source.setText(f"Lecture {card.lecture} · {card.paper}")
        self._redraw()

    def toggle_play(self) -> None:
        """Draw repetitions without end, or stop."""
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
        """From the first repetition again."""
        self._redraw()

    def values(self) -> dict[str, Value]:
        """The knobs of the scene that is shown."""
        return self.knob_forms[self.current].values()

    def _redraw(self) -> None:
        self.banner.hide()
        if self._active and self.current:
            self.lane.show(self.current, self.values(), None if self._endless else FIRST_ROUNDS)
        self.session_changed.emit()

    # From the worker.

    def _wake(self, catalogue: Catalogue) -> None:
        listed = {name: entry for name, entry in catalogue.scenes.items() if entry.panel == self.sign.id}
        self.choices.set_cards({name: entry.card for name, entry in listed.items()})
        for name, entry in listed.items():
            form = KnobForm("Knobs", "redraws from the first repetition", entry.knobs)
            form.setVisible(False)
            form.edited.connect(lambda *_: self._redraw())
            self.knob_forms[name] = form
            self.form.add(form)
        self.form.finish()
        self.transport.set_usable(back="Repetitions cannot be taken back; R begins again")
        self.caption.setText("")
        self.show_scene(next(iter(self.knob_forms)))
        self.restore(self._held)

    def _show(self, picture: SketchPicture) -> None:
        if picture.ask.view != self.current:
            return
        sketch = picture.sketch
        for card, plot in zip(self.plots, sketch.plots, strict=False):
            card.set_plot(plot)
        self.readings.show_readings(sketch.readings)
        self.caption.setText(sketch.caption)
        self._show_progress()

    def _fail(self, failure: Failure) -> None:
        self.banner.fail(failure.sentence, (), failure.details)
        self._show_progress()

    def _show_progress(self) -> None:
        self.transport.set_playing(self.lane.playing)
        picture = self.lane.picture
        if picture is not None:
            text = f"{picture.sketch.repetitions:,} drawn · {picture.seconds:.1f} s"
            share = min(1.0, picture.step / FIRST_ROUNDS)
            self.transport.set_track(TRACK, "Repetitions: error bars shrink as 1/√R", text, share)

    # The window's calls.

    def settled(self) -> bool:
        """The scene on show has drawn all its rounds."""
        picture = self.lane.picture
        if picture is None or self.lane.busy or self.lane.playing:
            return False
        return picture.ask.view == self.current and picture.step >= FIRST_ROUNDS

    def activate(self) -> None:
        """Draw what was chosen, at the first visit."""
        self._active = True
        self.plots[0].plot.setFocus()
        if self.lane.picture is None or self.lane.picture.ask.view != self.current:
            self._redraw()

    def deactivate(self) -> None:
        """Nobody looks: stop."""
        self._active = False
        self._endless = False
        self.lane.pause()

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


PANEL = ScenesPanel
