"""Film: the open checkpoint's pictures come out of noise, with all that was concluded of it beside them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from dgm_studio.core.latents import COLUMNS, DENOISES, GUIDED, UNCONDITIONAL, PictureModelReport
from dgm_studio.gui.panels.checkpoints import modes
from dgm_studio.gui.panels.checkpoints.elsewhere import Way, way_from
from dgm_studio.gui.panels.checkpoints.previews import Previews
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.panels.checkpoints.settings_card import SettingsCard
from dgm_studio.gui.panels.checkpoints.subject import Subject
from dgm_studio.gui.panels.latents.denoise_mode import DenoiseMode
from dgm_studio.gui.studio import Studio

ONE_GO = "This model makes its pictures in one go: there is nothing to film. The Gallery shows what it makes."


class FilmMode(DenoiseMode):
    """Denoise over a lane of the panel's own; the settings stand first in its form."""

    id, word, tooltip = modes.FILM
    film_lane = "checkpoint-film"

    mode_wanted = Signal(str)
    """Another mode of the panel."""

    panel_wanted = Signal(str)
    """Another panel with the file that is open."""

    def __init__(self, studio: Studio, subject: Subject, parent: QObject | None = None) -> None:
        self.running = Running.of(subject, studio.link)
        self.previews = Previews(self.running, studio.link)
        super().__init__(studio, self.running.lane, parent)
        self.settings = SettingsCard(self.running)
        self.form.put_first(self.settings)
        self.view.put_first(self.previews)
        self.settings.panel_wanted.connect(self.panel_wanted)
        self.empty.clicked.disconnect()
        self.empty.clicked.connect(self._leave)
        self.running.changed.connect(self._model)
        self.running.refused.connect(self._hear)
        self._model()

    # What is open.

    def _way(self) -> Way | None:
        report = self.running.report
        if report is not None and DENOISES not in report.can:
            return Way(ONE_GO, "Show the gallery", "", modes.GALLERY.id)
        return way_from(self.running) if self.lane.report is None else None

    def _model(self) -> None:
        """Also while nothing is open there are words."""
        super()._model()
        way = self._way()
        self.pages.setCurrentIndex(0 if way is None else 1)
        self.form.setEnabled(True)  # the settings can mend what cannot be opened
        self.form.show_own(way is None)
        self.view.show_own(self.previews.unsure() is None)
        if way is not None:
            self.empty.set_sentence(way.sentence)
            self.empty.button.setText(way.word)
            self.empty.button.setVisible(bool(way.word))

    def _hear(self, said: object) -> None:
        if self.active:
            self.failed.emit(said)

    def _leave(self) -> None:
        way = self._way()
        if way is not None and way.panel:
            self.panel_wanted.emit(way.panel)
        elif way is not None and way.mode:
            self.mode_wanted.emit(way.mode)

    def enter(self) -> None:
        """The model is opened when a person comes."""
        super().enter()
        self.running.set_looked_at(True)
        self.previews.set_active(True)
        self._film_wanted()

    def leave(self) -> None:
        """Nobody looks."""
        super().leave()
        self.running.set_looked_at(False)
        self.previews.set_active(False)

    def show_model(self, report: PictureModelReport) -> None:
        """A first film, or that of the picture somebody pressed in the gallery."""
        super().show_model(report)
        self._film_wanted()

    def shoot(self, *, play: bool) -> None:
        """Not before it is known what the network predicts: the previews ask."""
        if self.previews.unsure() is None:
            super().shoot(play=play)
        else:
            self.forget()

    def _film_wanted(self) -> None:
        """The film of one picture: its noise, its class, its sampler."""
        if self.report is None or self.running.report is not self.report:
            return
        making = self.running.take_film()
        if making is None:
            return
        wanted = (UNCONDITIONAL,) if making.label < 0 else (GUIDED,)
        self.on = [one.id for one in COLUMNS if one.id in wanted]
        self.view.chips.set_on(self.on)
        label = making.label if making.label >= 0 else self.wish.label
        self.wish = replace(
            self.wish, label=label, gamma=making.gamma, count=1, seed=making.seed, sampling=dict(making.sampling)
        )
        self.looked = (wanted[0], 0)
        self.form.sampling.set_values({**self.report.sampling, **making.sampling})
        self._show_wish()
        self.shoot(play=True)

    def settled(self) -> bool:
        """The film is whole and stands, or there is none."""
        way = self._way()
        if way is not None:
            return not self.lane.opening
        if self.previews.unsure() is not None:
            return not self.previews.lane.making
        return super().settled()

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What is seen, and the film frame by frame."""
        from dgm_studio.gui.panels.latents.export import ExportStrip

        return ExportStrip(self.picture, self.frames(), "film", parent)

    def subtitle(self) -> str:
        """The model's title, or what there will be."""
        return self.lane.report.title if self.lane.report is not None else "pictures come out of noise"
