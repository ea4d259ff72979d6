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


class TextPanel(Panel):
    """One mode is in front; the others keep what they have."""

    sign = SIGN

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, ())
        self.film_mode = FilmMode(studio, TRAIN_LANE, self)
        self.train_mode = TrainMode(studio, self)
        self.forward_mode = ForwardMode(studio, self.film_mode, self)
        self.modes: dict[str, Mode] = {one.id: one for one in (self.film_mode, self.train_mode, self.forward_mode)}
        self.mode: Mode = self.film_mode
        self._active = False
        self.segments = Segments([(one.id, one.word, one.tooltip) for one in self.modes.values()])
        self.head.insertWidget(self.head.count() - 1, self.segments)
        buttons = list(self.segments.buttons.values())
        for first, second in pairwise([self.fold_form, *buttons, self.fold_readouts]):
            QWidget.setTabOrder(first, second)
        self.chips.hide()  # they stand over the cells
        self.stage.setParent(self)
        self.stage.hide()
        for mode in self.modes.values():
            self.form.add(mode.form)
            self.pages.addWidget(mode.picture)
            self.readouts.add(mode.readouts)
            mode.changed.connect(self._show)
            mode.failed.connect(self._fail)
            mode.cleared.connect(self.banner.hide)
            mode.kept.connect(self.session_changed)
        self._order_tabs()
        self.segments.chosen.connect(self.show_mode)
        self.film_mode.cells.train_wanted.connect(lambda: self.show_mode(self.train_mode.id))
        self.train_mode.film_wanted.connect(self._film_live)
        self.train_mode.told.connect(self._live)
        self.transport.scrubbed.connect(lambda track, position: self.mode.scrub(track, position))
        self.transport.speed_changed.connect(lambda speed: self.mode.set_speed(speed))
        self.transport.loop_toggled.connect(lambda on: self.mode.set_loop(on))
        self.transport.set_usable("The engine is waking; one moment.")
        board.watch(self.train_mode.run, "training text")
        for picture in (self.film_mode.cells, self.train_mode.picture, self.forward_mode.picture):
            board.stages.append(picture.card.cells[0])  # a second lane moves with the first
        studio.awake.connect(self._wake)
        self.show_mode(self.film_mode.id)

    def _order_tabs(self) -> None:
        """The pictures were made after the bar below them: Tab reaches them where they stand."""
        before: QWidget = self.banner.details
        for mode in self.modes.values():
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
        self.mode = self.modes[name]
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
        self._live()
        self.film_mode.choose(LIVE)
        self.show_mode(self.film_mode.id)

    def _live(self) -> None:
        """What the live training is called on the model card."""
        self.film_mode.set_live(self.train_mode.live_text())

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
        taken = next((mode for mode in (self.mode, *self.modes.values()) if mode.drop(path)), None)
        if taken is not None and taken is not self.mode:
            self.show_mode(taken.id)
        return taken is not None

    def own_run(self) -> FileDesk:
        """The training of text."""
        return self.train_mode.files

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
        return {"mode": self.mode.id, **{name: mode.session() for name, mode in self.modes.items()}}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        for name, mode in self.modes.items():
            if isinstance(held.get(name), dict):
                mode.restore(held[name])
        if held.get("mode") in self.modes:
            self.show_mode(str(held["mode"]))


PANEL = TextPanel
