"""The Text panel: three modes over one transport bar. Film, Train and Forward each fill the columns in their turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.panels.mode_panel import ModePanel
from dgm_studio.gui.panels.model_picker import LIVE
from dgm_studio.gui.panels.text import SIGN
from dgm_studio.gui.panels.text.export import ExportText
from dgm_studio.gui.panels.text.film_mode import FilmMode
from dgm_studio.gui.panels.text.forward_mode import ForwardMode
from dgm_studio.gui.panels.text.train_mode import TRAIN_LANE, TrainMode


class TextPanel(ModePanel):
    """A film of a sentence, the live training of a model of text, the corruption of a sentence."""

    sign = SIGN
    kinds: ClassVar[tuple[type[Mode], ...]] = (FilmMode, TrainMode, ForwardMode)

    def make(self, name: str) -> Mode:
        """The film learns of the live training; both others use it."""
        if name == FilmMode.id:
            film = FilmMode(self.studio, TRAIN_LANE, self)
            film.cells.train_wanted.connect(lambda: self.show_mode(TrainMode.id))
            return film
        if name == ForwardMode.id:
            return ForwardMode(self.studio, self.film_mode, self)
        train = TrainMode(self.studio, self)
        train.film_wanted.connect(self._film_live)
        train.told.connect(lambda: self.film_mode.set_live(train.live_text()))
        self.board.watch(train.run, "training text")
        return train

    @property
    def film_mode(self) -> FilmMode:
        """The film."""
        mode = self.mode_of(FilmMode.id)
        assert isinstance(mode, FilmMode)
        return mode

    @property
    def train_mode(self) -> TrainMode:
        """Training, live."""
        mode = self.mode_of(TrainMode.id)
        assert isinstance(mode, TrainMode)
        return mode

    @property
    def forward_mode(self) -> ForwardMode:
        """The forward process."""
        mode = self.mode_of(ForwardMode.id)
        assert isinstance(mode, ForwardMode)
        return mode

    def _film_live(self) -> None:
        self.film_mode.set_live(self.train_mode.live_text())
        self.film_mode.choose(LIVE)
        self.show_mode(self.film_mode.id)

    def look(self, path: str, choice: Mapping[str, str]) -> None:
        """Its film, as it was chosen there; what cannot be opened says why."""
        self.film_mode.choose(path, choice)
        self.show_mode(self.film_mode.id)

    def own_run(self) -> FileDesk | None:
        """The training of text, if anybody was there."""
        return self.train_mode.files if TrainMode.id in self.modes else None

    def demonstrate(self, steps: int) -> None:
        """For a picture: the film in its middle."""
        self.film_mode.show.show_middle()

    def export_dialog(self, parent: QWidget) -> QDialog:
        """The picture, or the words."""
        return ExportText(self.mode.picture, self.mode.text(), self.mode.id, parent)


PANEL = TextPanel
