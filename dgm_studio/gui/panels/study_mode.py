"""A mode of scenes: what gui/panels/studying.py does, in the three columns of a panel of modes."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dgm_studio.core.reports import Failure
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.panels.studying import Studying
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.transport_bar import TransportBar


class Part(QWidget):
    """A mode's share of a column."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = Stack(self, gap=8)

    def add(self, widget: QWidget) -> None:
        """One more part below the others."""
        self._stack.addWidget(widget)

    def finish(self) -> None:
        """Push everything up."""
        self._stack.addStretch(1)


class StudyMode(Studying, Mode):
    """The scenes that are listed under `listed`; a subclass says how they are named and counted."""

    restart_help = "Begin again from the first round (R)"

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.form, self.readouts = form, readouts = Part(), Part()
        self.picture = self._make_picture()
        self.stage = self.board_of_plots
        self._fill(form, readouts, self)

    def enter_bar(self, bar: TransportBar) -> None:
        """Its rounds."""
        self.enter_clock(bar)

    def show_on(self, bar: TransportBar) -> None:
        """The rounds as they stand."""
        self.show_clock(bar)

    def enter(self) -> None:
        """A person looks."""
        self.come()

    def leave(self) -> None:
        """Nobody looks."""
        self.go_away()

    def subtitle(self) -> str:
        """The scene that is shown."""
        return self.title

    def text(self) -> str:
        """The caption of the scene."""
        return self.caption.text()

    def _said(self, problem: Failure | str) -> None:
        self.failed.emit(problem)

    def _mended(self) -> None:
        self.cleared.emit()

    def _changed(self) -> None:
        self.kept.emit()

    def _clock_moved(self) -> None:
        self.changed.emit()
