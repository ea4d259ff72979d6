"""A panel of several modes over one transport bar: each mode fills the three columns in its turn."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDialog, QStackedWidget, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.reports import Failure
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.panels.mode import Mode, ModeSign
from dgm_studio.gui.panels.panel import Panel
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.segments import Segments

LEAST_SUBTITLE = 70
"""Design pixels that are worth a subtitle."""


class ModePanel(Panel):
    """One mode is in front; the others keep what they have. The first of `kinds` is made at once, the others when there
    is time, or when a person goes there."""

    kinds: ClassVar[tuple[type[Mode] | ModeSign, ...]]

    def __init__(self, studio: Studio, board: StatusBoard) -> None:
        super().__init__(studio, board, ())
        self.modes: dict[str, Mode] = {}
        self._held: dict[str, dict[str, Any]] = {}
        """What the last session kept for modes that are not built yet."""
        self._active = False
        self._read: set[str] = set()
        self.segments = Segments([(one.id, one.word, one.tooltip) for one in self.kinds], gap=3)
        self.head.insertWidget(self.head.count() - 1, self.segments)
        items = (self.head.itemAt(index) for index in range(self.head.count()))
        self._over = [one for item in items if item is not None and (one := item.widget()) is not None]
        """What stands over the middle."""
        self.pages.installEventFilter(self)
        buttons = list(self.segments.buttons.values())
        for first, second in pairwise([self.fold_form, *buttons, self.fold_readouts]):
            QWidget.setTabOrder(first, second)
        self.chips.hide()  # they stand over the picture
        self.stage.setParent(self)
        self.stage.hide()
        self.prepare()
        self.mode = self.make(self.kinds[0].id)
        self._admit(self.mode)
        self.segments.chosen.connect(self.show_mode)
        self.transport.scrubbed.connect(lambda track, position: self.mode.scrub(track, position))
        self.transport.speed_changed.connect(lambda speed: self.mode.set_speed(speed))
        self.transport.loop_toggled.connect(lambda on: self.mode.set_loop(on))
        self.transport.set_usable("The engine is waking; one moment.")
        self.show_mode(self.mode.id)

    def prepare(self) -> None:
        """Make what the modes share, before the first of them."""

    def read(self, name: str) -> None:
        """Import what `make` needs for that mode, where that is not here yet."""

    def make(self, name: str) -> Mode:
        """A new mode of that id, connected to the others it speaks with."""
        raise AssertionError(f"{type(self).__name__} does not make its modes")

    # The modes.

    def grow(self) -> bool:
        """The next of the modes that are not there yet: read in one turn, built in another."""
        missing = [one.id for one in self.kinds if one.id not in self.modes]
        if missing and missing[0] not in self._read:
            self._read.add(missing[0])
            self.read(missing[0])
            return True
        if missing:
            self.mode_of(missing[0])
        return len(missing) > 1

    def mode_of(self, name: str) -> Mode:
        """The mode of that id, made when it is first wanted."""
        if name not in self.modes:
            self._admit(self.make(name))
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
        if self.studio.catalogue is not None and self.woken:
            mode.wake(self.studio.catalogue)

    def _order_tabs(self) -> None:
        """The pictures were made after the bar below them: Tab reaches them where they stand."""
        before: QWidget = self.banner.details
        for mode in (self.modes[one.id] for one in self.kinds if one.id in self.modes):
            for part in mode.picture.findChildren(QWidget):
                if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.window() is self.window():
                    QWidget.setTabOrder(before, part)
                    before = part

    def _picture(self) -> QWidget:
        self.pages = QStackedWidget()
        return self.pages

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        """The middle has another width: where the modes' buttons would wrap, they have the subtitle's room."""
        if event.type() == QEvent.Type.Resize and watched is self.pages:
            beside = [one for one in self._over if one is not self.subtitle]
            need = sum(one.sizeHint().width() + self.head.spacing() for one in beside)
            self.subtitle.setVisible(self.pages.width() >= need + theme().px(LEAST_SUBTITLE))
        return super().eventFilter(watched, event)

    def show_mode(self, name: str) -> None:
        """Bring a mode to the front."""
        if self._active:
            self.mode.leave()
        self.mode = self.mode_of(name)
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
        bar, paced = self.transport, self.mode.paced and not self.mode.no_back
        if self.studio.catalogue is not None:
            bar.set_usable(back=self.mode.no_back)
            bar.restart.setToolTip(self.mode.restart_help)
        bar.speed.setVisible(paced)
        bar.loop.setVisible(paced)

    def wake(self, catalogue: Catalogue) -> None:
        """Each mode that is there."""
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
        """The mode in front is asked first, then the others."""
        modes = (self.mode, *(self.mode_of(one.id) for one in self.kinds))
        taken = next((mode for mode in modes if mode.drop(path)), None)
        if taken is not None and taken is not self.mode:
            self.show_mode(taken.id)
        return taken is not None

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
        """For a picture: what the mode in front is for."""
        self.mode.demonstrate(steps)

    def film(self) -> FilmSource | None:
        """That of the mode in front."""
        return self.mode.film_source()

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What of the mode in front is to be written, and where."""
        return self.mode.export_dialog(parent)

    def session(self) -> dict[str, Any]:
        """The mode in front and what each keeps."""
        return {"mode": self.mode.id, **self._held, **{name: mode.session() for name, mode in self.modes.items()}}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        names = [one.id for one in self.kinds]
        for name in names:
            if isinstance(held.get(name), dict):
                if name in self.modes:
                    self.modes[name].restore(held[name])
                else:
                    self._held[name] = held[name]
        if held.get("mode") in names:
            self.show_mode(str(held["mode"]))
