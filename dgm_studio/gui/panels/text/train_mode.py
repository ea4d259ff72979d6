"""Training a model of text in front of the class: losses, speed, and a sentence that is drawn again as it learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture, RunReport
from dgm_studio.core.requests import ReadText
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.gui.panels.live_training import LiveTraining
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.lane import TokenLane, Wish
from dgm_studio.gui.panels.text.training_form import TextTrainingForm
from dgm_studio.gui.panels.text.training_views import TrainingPicture, TrainingReadouts, is_held_out
from dgm_studio.gui.panels.training_form import SEED
from dgm_studio.gui.studio import Studio

TRAIN_LANE, SAMPLE_LANE, READ_LANE = "text-train", "text-sample", "text-file"
SAMPLE_MS = 4_000
SAMPLE_STEPS = 12
"""Few, so that the sample takes little from the training."""


class TrainMode(LiveTraining):
    """Learns a text, and writes a sentence now and then."""

    tooltip = "Train a model of text live, and watch what it writes"
    lane, first = TRAIN_LANE, ("masked-text", "kjv")
    asks = (Ask("held_out"),)
    idle_words = "learn a text, live"

    film_wanted = Signal()

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        form = TextTrainingForm()
        super().__init__(studio, form, parent)
        self.sample = TokenLane(studio.link, SAMPLE_LANE, self)
        self.picture: TrainingPicture = TrainingPicture()
        self.readouts: TrainingReadouts = TrainingReadouts()
        self.stage = self.picture.card.cells[0]
        self._sampled_at = -1
        self._samples = QTimer(self, interval=SAMPLE_MS)
        self._samples.timeout.connect(self._resample)
        self.run.values.connect(self._values)
        self.run.picture.connect(self._picture)
        form.file_wanted.connect(self.choose_file)
        self.readouts.film.clicked.connect(self.film_wanted)
        self.readouts.save.clicked.connect(self.files.save_as)
        self.sample.begun.connect(self._drawn)
        self.sample.grown.connect(lambda: self._drawn(self.sample.film))
        self.sample.failed.connect(self.failed)

    # The run.

    def families(self) -> Mapping[str, FamilyEntry]:
        """Those of text."""
        return self.catalogue.texts if self.catalogue is not None else {}

    def wake(self, catalogue: Catalogue) -> None:
        """Menus; the first run waits until a person comes."""
        self.catalogue = catalogue
        self.form.offer(catalogue.texts, catalogue.corpora)
        if self.active:
            self.begin()

    def choose_file(self) -> None:
        """Ask for a text."""
        name, _ = QFileDialog.getOpenFileName(self.form, "Open a text", str(Path.home()), "Text (*.txt)")
        if name:
            self.read(ReadText(READ_LANE, name, steps=None))

    def drop(self, path: str) -> bool:
        """A text of one's own."""
        if path.lower().endswith(".txt"):
            self.read(ReadText(READ_LANE, path, steps=None))
            return True
        return False

    def own(self, value: object) -> DataSpec | None:
        """A text."""
        return DataSpec(value.title, text=value) if isinstance(value, TextSet) else None

    # Reports.

    def clear(self) -> None:
        """Neither curves nor a sentence."""
        self.picture.clear()
        self.readouts.clear()
        self.sample.forget()
        self._sampled_at = -1

    def show_losses(self, values: Mapping[str, tuple[Array, Array]]) -> None:
        """Those of the batches and those of held-out text."""
        self.picture.append(values)

    def show_facts(self, report: RunReport) -> None:
        """Sizes."""
        recipe = report.recipe
        self.readouts.facts.set_items(
            {
                "Weights": f"{report.parameters:,}",
                "Window": f"{recipe.design.get('length', '–')} tokens",
                "Vocabulary": f"{recipe.design.get('vocabulary', '–'):,} at most",
                "Batch": f"{recipe.training_now().get('batch', '–')} windows",
            }.items()
        )

    def show_speed(self, rate: float, recipe: Recipe) -> None:
        """Tokens a second."""
        tokens = int(recipe.design.get("length", 0)) * int(recipe.training_now().get("batch", 0))
        self.readouts.speed.set_value(f"{rate * tokens:,.0f}", f"{rate:,.1f} steps/s")

    def _values(self, values: dict[str, tuple[Array, Array]]) -> None:
        self.picture.append(values)
        for name, (steps, own) in values.items():
            if is_held_out(name) and len(own):
                self.readouts.show_held_out(name, float(own[-1]), int(steps[-1]))

    def _picture(self, picture: Picture) -> None:
        """What the worker measured on held-out text: one number for each share of masks."""
        for name, value in picture.numbers.items():
            self.picture.held_out.append(name, [float(picture.step)], [float(value)])
            self.readouts.show_held_out(name, float(value), int(picture.step))

    def state(self) -> None:
        """While it trains and is seen a sentence comes every few seconds."""
        super().state()
        if self.active and self.run.playing:
            self._samples.start()
        else:
            self._samples.stop()
            self._resample()

    def _resample(self) -> None:
        """Another sentence, if it has learned since the last."""
        if not self.active or self.run.recipe is None or self.sample.making or self.run.step == self._sampled_at:
            return
        self._sampled_at = self.run.step
        settings = {**asdict(Unmasking()), "steps": SAMPLE_STEPS}
        self.sample.unmask(Wish(TRAIN_LANE, settings, int(SEED.default)))

    def _drawn(self, film: TokenFilm | None) -> None:
        if film is not None and film.moments:
            self.picture.cells.show_film(film, len(film.moments) - 1)
            self.picture.header.set_note(f"after step {max(0, self._sampled_at):,}")

    def text(self) -> str:
        """What it writes now."""
        film = self.sample.film
        return film.text(len(film.moments) - 1) if film is not None and film.moments else ""

    def settled(self) -> bool:
        """The run stands and its sample is drawn."""
        return super().settled() and not self.sample.making
