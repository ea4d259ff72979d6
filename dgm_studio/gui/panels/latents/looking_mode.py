"""What the modes have in common that look at the model that is open: its lane, and an empty place where it cannot."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.empty_state import EmptyState


class LookingMode(Mode):
    """`needs` is what the model must be able to do ("": any model will do), `without` the sentence where it cannot,
    `suits` a model that ships and can. A subclass builds `view`, what is seen of a model that can."""

    needs: ClassVar[str]
    without: ClassVar[str]
    suits: ClassVar[str]
    suits_word: ClassVar[str]

    open_wanted = Signal(str)
    """Open this model that ships."""

    def __init__(self, studio: Studio, lane: PictureLane, view: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio, self.lane = studio, lane
        self.catalogue: Catalogue | None = studio.catalogue
        self.active = False
        """Whether a person looks."""
        self.empty = EmptyState(self.without, self.suits_word, f"Open {self.suits}, which ships with the studio")
        self.empty.clicked.connect(lambda: self.open_wanted.emit(self.suits))
        self.pages = QStackedWidget()
        self.pages.addWidget(view)
        self.pages.addWidget(self.empty)
        self.picture = self.pages
        self._shown: PictureModelReport | None = None
        lane.opened.connect(lambda _: self._model())

    @property
    def report(self) -> PictureModelReport | None:
        """The model that is open, if it can what is needed."""
        report = self.lane.report
        return report if report is not None and self.able(report) else None

    def able(self, report: PictureModelReport) -> bool:
        """Whether that model can what is needed."""
        return not self.needs or self.needs in report.can

    @property
    def family(self) -> FamilyEntry | None:
        """The family of the model that is open."""
        report = self.lane.report
        return self.catalogue.pictures.get(report.family) if self.catalogue is not None and report is not None else None

    def wake(self, catalogue: Catalogue) -> None:
        """The families' knobs are known."""
        self.catalogue = catalogue
        self._model()

    def enter(self) -> None:
        """A person looks: what was opened meanwhile is shown."""
        self.active = True
        self._model()

    def leave(self) -> None:
        """Nobody looks; another model is shown when somebody does again."""
        self.active = False

    def _model(self) -> None:
        report = self.lane.report
        able = report is None or self.able(report)
        self.pages.setCurrentIndex(0 if able else 1)
        self.form.setEnabled(able)
        self.readouts.setEnabled(able)
        if self.active and self.catalogue is not None and report is not self._shown:
            self._shown = report
            if able and report is not None:
                self.show_model(report)
            else:
                self.forget()
            self.changed.emit()

    def frames(self) -> Array | None:
        """What of it is a film for a file, (n, c, h, w) of bytes; None for nothing."""
        return None

    def show_model(self, report: PictureModelReport) -> None:
        """Another model is open, and can what is needed."""

    def forget(self) -> None:
        """The model that is open cannot: nothing is shown."""

    def subtitle(self) -> str:
        """The model's title, or why nothing is seen."""
        report = self.lane.report
        return report.title if report is not None else "opening a model…"
