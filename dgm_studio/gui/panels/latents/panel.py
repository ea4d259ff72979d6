"""The Latents panel: one open model of pictures, and modes that look at it; Train has a model of its own."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.file_desk import FILTER, SUFFIX, FileDesk
from dgm_studio.gui.panels.latents import SIGN, modes
from dgm_studio.gui.panels.latents.lane import LANE, TRAIN_LANE, PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.panels.latents.model_card import ModelCard, first_source
from dgm_studio.gui.panels.latents.scrub_mode import ScrubMode
from dgm_studio.gui.panels.mode import Mode, ModeSign
from dgm_studio.gui.panels.mode_panel import ModePanel
from dgm_studio.gui.panels.model_picker import LIVE

if TYPE_CHECKING:
    from dgm_studio.gui.panels.latents.train_mode import TrainMode


class LatentsPanel(ModePanel):
    """The model card stands over the forms of the modes that look at the open model."""

    sign = SIGN
    kinds: ClassVar[tuple[type[Mode] | ModeSign, ...]] = (
        modes.SCRUB, modes.CODES, modes.STYLES, modes.DENOISE, modes.TRAIN, modes.MEASURE,
    )  # fmt: skip

    def prepare(self) -> None:
        """The lane and the card, which all modes share."""
        self.source = ""
        """A shipped model's name, a path, or LIVE."""
        self.lane = PictureLane(self.studio.link, LANE, self)
        self.card = ModelCard()
        self.form.add(self.card)
        self.card.picked.connect(self.choose)
        self.card.open_wanted.connect(self.choose_file)
        self.card.button.pressed.connect(self._offer)
        self.lane.opened.connect(self._opened)
        self.lane.failed.connect(self._refused)

    def read(self, name: str) -> None:
        """One file, one mode."""
        importlib.import_module(f"{__package__}.{name}_mode")

    def make(self, name: str) -> Mode:
        """Looking modes share the lane; Train opens its run in it."""
        kind = getattr(importlib.import_module(f"{__package__}.{name}_mode"), f"{name.capitalize()}Mode")
        if name == modes.TRAIN.id:
            train: TrainMode = kind(self.studio, self)
            train.look_wanted.connect(self._look_live)
            self.board.watch(train.run, "training pictures")
            return train
        mode: LookingMode = kind(self.studio, self.lane, parent=self)
        mode.open_wanted.connect(self.choose)
        return mode

    @property
    def scrub_mode(self) -> ScrubMode:
        """Scrubbing."""
        return cast(ScrubMode, self.mode_of(modes.SCRUB.id))

    @property
    def train_mode(self) -> TrainMode:
        """Training, live."""
        return cast("TrainMode", self.mode_of(modes.TRAIN.id))

    def show_mode(self, name: str) -> None:
        """The card is of the open model: it goes where Train has its own."""
        super().show_mode(name)
        self.card.setVisible(name != modes.TRAIN.id)

    # The model that is open.

    def wake(self, catalogue: Catalogue) -> None:
        """The families are known by name; the first model is opened if a person is here."""
        self.card.catalogue = catalogue
        super().wake(catalogue)
        self.card.show_source(self.source or first_source())
        if self._active:
            self.provide()

    def activate(self) -> None:
        """The first model is opened when a person comes."""
        super().activate()
        self.provide()

    def provide(self) -> None:
        """Open a model, if none is open or on its way."""
        if self.studio.catalogue is not None and self.lane.report is None and not self.lane.opening:
            source = self.source or first_source()
            if source:
                self.choose(source)

    def choose(self, source: str, choice: Mapping[str, str] | None = None) -> None:
        """Another model, with what was chosen of its file elsewhere."""
        self.source = source
        self.card.show_source(source)
        if self.studio.catalogue is None:
            return
        self.banner.hide()
        self.lane.open(TRAIN_LANE if source == LIVE else source, choice)
        self._show()
        self.session_changed.emit()

    def choose_file(self) -> None:
        """Ask for a checkpoint."""
        name, _ = QFileDialog.getOpenFileName(self, "Open a model of pictures", "", FILTER)
        if name:
            self.studio.recent.add(name)
            self.choose(name)

    def _opened(self, report: PictureModelReport) -> None:
        self.card.show_model(report)
        self._show()

    def _refused(self, failure: object) -> None:
        """What could not be opened is not what is shown: that stays, or the first model is opened beside the
        sentence."""
        report = self.lane.report
        if report is not None and not self.lane.opening:
            self.source = self.card.source = LIVE if report.source == TRAIN_LANE else report.source
            self.card.show_model(report)
        elif report is None and self.source not in ("", first_source()):
            self.choose(first_source())
        self._fail(failure)

    def _offer(self) -> None:
        pictures = filter(self.studio.draws_pictures, self.studio.recent.show())
        live = self.train_mode.live_text() if modes.TRAIN.id in self.modes else ""
        self.card.offer(pictures, live)

    def _look_live(self) -> None:
        self.card.offer((), self.train_mode.live_text())
        self.choose(LIVE)
        self.show_mode(modes.SCRUB.id)

    # The window's calls.

    def drop(self, path: str) -> bool:
        """A checkpoint of pictures is opened; else the modes are asked."""
        if path.lower().endswith(SUFFIX):
            if not self.studio.draws_pictures(path):
                return False
            self.studio.recent.add(path)
            self.choose(path)
            if self.mode.id == modes.TRAIN.id:
                self.show_mode(modes.SCRUB.id)
            return True
        return super().drop(path)

    def look(self, path: str, choice: Mapping[str, str]) -> None:
        """Whatever it is: what cannot be opened says why."""
        self.choose(path, choice)
        if self.mode.id == modes.TRAIN.id:
            self.show_mode(modes.SCRUB.id)

    def own_run(self) -> FileDesk | None:
        """The training of pictures, if anybody was there."""
        return self.train_mode.files if modes.TRAIN.id in self.modes else None

    def demonstrate(self, steps: int) -> None:
        """For a picture: on the path, between two places."""
        self.scrub_mode.demonstrate(steps)

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What is seen, and the path or the film of Denoise frame by frame."""
        from dgm_studio.gui.panels.latents.export import ExportStrip

        frames = self.mode.frames() if isinstance(self.mode, LookingMode) else None
        return ExportStrip(self.mode.picture, frames, self.mode.id, parent)

    def session(self) -> dict[str, Any]:
        """With the model that is open."""
        return {**super().session(), "source": "" if self.source == LIVE else self.source}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        source = held.get("source")
        if isinstance(source, str):
            self.source = source
        super().restore(held)


PANEL = LatentsPanel
