"""Who is filmed beside the studio's run: another program's model of points comes, is chosen otherwise, and goes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure
from dgm_studio.gui.file_kinds import CHECKPOINT, kind_of_file
from dgm_studio.gui.panels.trajectories.form import TrajectoriesForm
from dgm_studio.gui.panels.trajectories.subject import Guest


class Guests(QObject):
    """One at a time. What cannot be filmed leaves all as it was before."""

    came = Signal(bool)
    """Another guest, or the same chosen otherwise: whether its film is to play."""

    left = Signal()
    """The run is filmed again."""

    opened = Signal(object)
    """The PointModelReport of the guest."""

    refused = Signal(object)
    """A Failure: the file makes no points, or cannot be run so."""

    elsewhere = Signal(str)
    """A file that was dropped makes no points: it is to be looked into."""

    def __init__(self, form: TrajectoriesForm, parent: QObject) -> None:
        super().__init__(parent)
        self.now: Guest | None = None
        self._before: Guest | None = None
        """The guest as it was when a person chose otherwise."""
        form.choice_wanted.connect(self.choose)
        form.back_wanted.connect(self.leave)

    @property
    def opening(self) -> bool:
        """Whether nobody knows yet if the guest can be filmed as it is."""
        return self.now is not None and (self.now.report is None or self._before is not None)

    def receive(self, guest: Guest) -> None:
        """Film this file's model instead of the run's."""
        self.now, self._before = guest, None
        self.came.emit(True)

    def drop(self, path: str) -> bool:
        """Another program's file is filmed where it makes points; else it is looked into in the Checkpoints panel."""
        if kind_of_file(path) != CHECKPOINT:
            return False
        self.receive(Guest(path, dropped=True))
        return True

    def leave(self) -> None:
        """The run again."""
        self.now = self._before = None
        self.left.emit()

    def choose(self, name: str, value: str | None) -> None:
        """The guest is opened anew, as a person chose; None goes back to what was found."""
        if self.now is not None and self.now.report is not None:
            self._before = self._before or self.now
            self.now = self.now.chosen(name, value)
            self.came.emit(True)

    def take(self, report: PointModelReport) -> None:
        """The guest is open."""
        if self.now is not None:
            self.now, self._before = self.now.told(report), None
            self.opened.emit(report)

    def turn_away(self, failure: Failure) -> None:
        """It cannot be filmed, or not as it was chosen: what was there before is filmed again."""
        guest, before = self.now, self._before
        if before is not None:
            self.now, self._before = before, None
            self.came.emit(False)
        else:
            self.leave()
        if before is None and guest is not None and guest.dropped:
            self.elsewhere.emit(guest.path)
        else:
            self.refused.emit(failure)
