"""The Text panel: three modes over one transport bar. Film, Train and Forward each fill the columns in their turn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.reports import Failure
from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.panels.text import SIGN
from dgm_studio.gui.panels.text.export import ExportText
from dgm_studio.gui.panels.text.film_mode import FilmMode
from dgm_studio.gui.panels.text.forward_mode import ForwardMode
from dgm_studio.gui.panels.text.mode import Mode
from dgm_studio.gui.panels.text.model_card import LIVE
from dgm_studio.gui.panels.text.train_mode import TRAIN_LANE, TrainMode
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.segments import Segments

MODES: tuple[type[Mode], ...] = (FilmMode, TrainMode, ForwardMode)


class TextPanel(Panel):
    """One mode is in front; the others keep what they have."""

    sign = SIGN

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, ())
        self.modes: dict[str, Mode] = {}
        self._held: dict[str, dict[str, Any]] = {}
        """What the last session kept for modes that are not built yet."""
        self._active = False
        self.segments = Segments([(one.id, one.word, one.tooltip) for one in MODES])
        self.head.insertWidget(self.head.count() - 1, self.segments)
        buttons = list(self.segments.buttons.values())
        for first, second in pairwise([self.fold_form, *buttons, self.fold_readouts]):
            QWidget.setTabOrder(first, second)
        self.chips.hide()  # they stand over the cells
        self.stage.setParent(self)
        self.stage.hide()
        self.film_mode = FilmMode(studio, TRAIN_LANE, self)
        self.mode: Mode = self.film_mode
        self._admit(self.film_mode)
        self.segments.chosen.connect(self.show_mode)
        self.film_mode.cells.train_wanted.connect(lambda: self.show_mode(TrainMode.id))
        self.transport.scrubbed.connect(lambda track, position: self.mode.scrub(track, position))
        self.transport.speed_changed.connect(lambda speed: self.mode.set_speed(speed))
        self.transport.loop_toggled.connect(lambda on: self.mode.set_loop(on))
        self.transport.set_usable("The engine is waking; one moment.")
        studio.awake.connect(self._wake)
        self.show_mode(self.film_mode.id)

    # The modes: Film at once, the others when there is time, or when a person goes there.

    def grow(self) -> bool:
        """The next of the modes that are not there yet."""
        missing = [one.id for one in MODES if one.id not in self.modes]
        if missing:
            self._mode(missing[0])
        return len(missing) > 1

    @property
    def train_mode(self) -> TrainMode:
        """Training, live."""
        mode = self._mode(TrainMode.id)
        assert isinstance(mode, TrainMode)
        return mode

    @property
    def forward_mode(self) -> ForwardMode:
        """The forward process."""
        mode = self._mode(ForwardMode.id)
        assert isinstance(mode, ForwardMode)
        return mode

    def _mode(self, name: str) -> Mode:
        if name not in self.modes:
            if name == TrainMode.id:
                train = TrainMode(self.studio, self)
                train.film_wanted.connect(self._film_live)
                train.told.connect(lambda: self.film_mode.set_live(train.live_text()))
                self.board.watch(train.run, "training text")
                self._admit(train)
            else:
                self._admit(ForwardMode(self.studio, self.film_mode, self))
        return self.modes[name]

    def _admit(self, mode: Mode) -> None:
        """A mode that was just made takes its place in the three columns."""
        self.modes[mode.id] = mode
        self.form.add(mode.form)
        self.pages.addWidget(mode.picture)
        self.readouts.add(mode.readouts)
        mode.form.setVisible(mode is self.mode)
        mode.readouts.setVisible(mode is self.mode)
        mode.changed.connect(self._show)
        mode.failed.connect(self._fail)
        mode.cleared.connect(self.banner.hide)
        mode.kept.connect(self.session_changed)
        self.board.stages.append(mode.stage)
        self._order_tabs()
        held = self._held.pop(mode.id, None)
        if held is not None:
            mode.restore(held)
        if self.studio.catalogue is not None:
            mode.wake(self.studio.catalogue)

    def _order_tabs(self) -> None:
        """The pictures were made after the bar below them: Tab reaches them where they stand."""
        before: QWidget = self.banner.details
        for mode in (self.modes[one.id] for one in MODES if one.id in self.modes):
            for part in mode.picture.findChildren(QWidget):
                if part.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    QWidget.setTabOrder(before, part)
                    before = part

    def _picture(self) -> QWidget:
        self.pages = QStackedWidget()
        return self.pages

    def show_mode(self, name: str) -> None:
        """Bring a mode to the front."""
        if self._active:
            self.mode.leave()
        self.mode = self._mode(name)
        self.segments.set_current(name)
        self.pages.setCurrentWidget(self.mode.picture)
        for mode in self.modes.values():
            mode.form.setVisible(mode is self.mode)
            mode.readouts.setVisible(mode is self.mode)
        self.transport.clear_tracks()
        self.mode.enter_bar(self.transport)
        self._dress_bar()
        if self._active:
            self.mode.enter()
        self._show()
        self.session_changed.emit()

    def _dress_bar(self) -> None:
        """What the bar can do in this mode."""
        bar, paced = self.transport, not self.mode.no_back
        if self.studio.catalogue is not None:
            bar.set_usable(back=self.mode.no_back)
            bar.restart.setToolTip(self.mode.restart_help)
        bar.speed.setVisible(paced)
        bar.loop.setVisible(paced)

    def _film_live(self) -> None:
        self.film_mode.set_live(self.train_mode.live_text())
        self.film_mode.choose(LIVE)
        self.show_mode(self.film_mode.id)

    def _wake(self, catalogue: Catalogue) -> None:
        self._dress_bar()
        for mode in self.modes.values():
            mode.wake(catalogue)
        self._show()

    def _fail(self, failure: object) -> None:
        if isinstance(failure, Failure):
            self.banner.fail(failure.sentence, (), failure.details)
        else:
            self.banner.tell(str(failure))

    def _show(self) -> None:
        if self.transport.tracks:
            self.mode.show_on(self.transport)
            if self.studio.catalogue is not None:
                self.transport.set_playable(self.mode.unplayable())
        self.subtitle.setText(self.mode.subtitle())

    # The window's calls.

    def activate(self) -> None:
        """The mode in front goes on."""
        self._active = True
        self.pages.setFocus()
        self.mode.enter()
        self._show()

    def deactivate(self) -> None:
        """Nobody looks."""
        self._active = False
        self.mode.leave()

    def toggle_play(self) -> None:
        """Space."""
        self.mode.toggle_play()

    def step(self, by: int) -> None:
        """Left and Right."""
        self.mode.step(by)

    def go(self, fraction: float) -> None:
        """Home and End."""
        self.mode.go(fraction)

    def restart(self) -> None:
        """R."""
        self.mode.restart()

    def drop(self, path: str) -> bool:
        """A text is learnt from, a checkpoint is opened in the film."""
        modes = (self.mode, *(self._mode(one.id) for one in MODES))
        taken = next((mode for mode in modes if mode.drop(path)), None)
        if taken is not None and taken is not self.mode:
            self.show_mode(taken.id)
        return taken is not None

    def own_run(self) -> FileDesk | None:
        """The training of text, if anybody was there."""
        return self.train_mode.files if TrainMode.id in self.modes else None

    def save(self, *, anew: bool) -> bool:
        """What the mode in front can save; never the run of points, which is not seen here."""
        self.mode.save(anew=anew)
        return True

    def press_layer(self, index: int) -> None:
        """1 to 9."""
        self.mode.press(index)

    def settled(self) -> bool:
        """All that is in front is shown as it now is."""
        return self.mode.settled()

    def demonstrate(self, steps: int) -> None:
        """For a picture: the film in its middle."""
        self.film_mode.show.show_middle()

    def export_dialog(self, parent: QWidget) -> QDialog:
        """The picture, or the words."""
        return ExportText(self.mode.picture, self.mode.text(), self.mode.id, parent)

    def session(self) -> dict[str, Any]:
        """The mode in front and what each keeps."""
        return {"mode": self.mode.id, **self._held, **{name: mode.session() for name, mode in self.modes.items()}}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        names = [one.id for one in MODES]
        for name in names:
            if isinstance(held.get(name), dict):
                if name in self.modes:
                    self.modes[name].restore(held[name])
                else:
                    self._held[name] = held[name]
        if held.get("mode") in names:
            self.show_mode(str(held["mode"]))


PANEL = TextPanel
