"""Training a model of pictures in front of the class: what it makes and reconstructs, losses, speed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.dataspec import DataSpec, PictureSet
from dgm_studio.core.picture_requests import ReadPictures
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture, Refusal, RunReport
from dgm_studio.core.table import FONTS
from dgm_studio.gui.panels.latents import modes
from dgm_studio.gui.panels.latents.lane import TRAIN_LANE
from dgm_studio.gui.panels.latents.train_form import PictureTrainingForm
from dgm_studio.gui.panels.latents.train_views import PAIRS, TrainingPicture, TrainingReadouts
from dgm_studio.gui.panels.live_training import LiveTraining
from dgm_studio.gui.studio import Studio

READ_LANE = "latents-folder"
OWN = {"facts": Ask("picture_facts"), "bars": Ask("picture_bars")}
"""What shows a capability that only some families have."""
ALWAYS = sys.maxsize
"""The step of a picture that is refused: there will be no newer one."""
SAMPLES, AGAIN = Ask("picture_samples", count=12), Ask("reconstructions", count=PAIRS)


class TrainMode(LiveTraining):
    """Learns pictures; what it shows is asked for only while a person looks."""

    id, word, tooltip = modes.TRAIN
    lane, first = TRAIN_LANE, ("vae", "fashion-mnist")
    idle_words = "learn pictures, live"

    look_wanted = Signal()
    """Open the live run in the other modes."""

    form: PictureTrainingForm

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(studio, PictureTrainingForm(), parent)
        self.picture: TrainingPicture = TrainingPicture()
        self.readouts: TrainingReadouts = TrainingReadouts()
        self.stage = self.picture.samples
        self._path = ""
        """The folder or file that was read last."""
        self._shown: dict[Ask, int] = {}
        """The step that each picture shows."""
        self._shows: tuple[str, ...] = ()
        self.run.values.connect(self.picture.append)
        self.run.picture.connect(self._picture)
        self.run.refusal.connect(self._refuse)
        self.form.folder_wanted.connect(self.choose_folder)
        self.form.font_wanted.connect(self.choose_font)
        self.form.again_wanted.connect(self._read_again)
        self.readouts.look.clicked.connect(self.look_wanted)
        self.readouts.save.clicked.connect(self.files.save_as)

    # The run.

    def families(self) -> Mapping[str, FamilyEntry]:
        """Those of pictures."""
        return self.catalogue.pictures if self.catalogue is not None else {}

    def wake(self, catalogue: Catalogue) -> None:
        """Menus; the first run waits until a person comes."""
        self.catalogue = catalogue
        self.form.offer(catalogue.pictures, {key: entry.card for key, entry in catalogue.picture_sets.items()})
        if self.active:
            self.begin()

    def choose_folder(self) -> None:
        """Ask for a folder of pictures."""
        name = QFileDialog.getExistingDirectory(self.form, "Open a folder of pictures", str(Path.home()))
        if name:
            self.read_pictures(name)

    def choose_font(self) -> None:
        """Ask for a font."""
        pattern = f"Fonts ({' '.join(f'*{ending}' for ending in FONTS)})"
        name, _ = QFileDialog.getOpenFileName(self.form, "Open a font", str(Path.home()), pattern)
        if name:
            self.read_pictures(name)

    def read_pictures(self, path: str) -> None:
        """Learn from a folder or a font of one's own; the worker reads and judges it."""
        self._path = path
        self.read(ReadPictures(READ_LANE, path, self.form.side, self.form.channels, steps=None))

    def _read_again(self) -> None:
        if self._path:
            self.read_pictures(self._path)

    def drop(self, path: str) -> bool:
        """A folder of pictures, or a font, of one's own."""
        if Path(path).is_dir() or path.lower().endswith(FONTS):
            self.read_pictures(path)
            return True
        return False

    def own(self, value: object) -> DataSpec | None:
        """Pictures."""
        return DataSpec(value.title, pictures=value) if isinstance(value, PictureSet) else None

    # Reports.

    def clear(self) -> None:
        """Neither curves nor pictures, nor what only the family before had."""
        self._shows = ()
        self._shown = {}
        self.readouts.own.show_run((), "")
        self.picture.clear()
        self.readouts.clear()

    def show_losses(self, values: Mapping[str, tuple[Array, Array]]) -> None:
        """Those of the batches."""
        self.picture.append(values)

    def show_facts(self, report: RunReport) -> None:
        """Sizes."""
        recipe = report.recipe
        if report.shows != self._shows:
            self._shows = report.shows
            title = self.families()[recipe.family].card.title
            self.readouts.own.show_run([name for name in report.shows if name in OWN], title)
        lines = {
            "Weights": f"{report.parameters:,}",
            "Data": self.studio.title_of(recipe.data_now()),
            "Batch": f"{recipe.training_now().get('batch', '–')} pictures",
            "Seed": str(recipe.seed),
        }
        self.readouts.facts.set_items(lines.items())

    def show_speed(self, rate: float, recipe: Recipe) -> None:
        """Pictures a second."""
        pictures = rate * int(recipe.training_now().get("batch", 0))
        self.readouts.speed.set_value(f"{pictures:,.0f}", f"{rate:,.1f} steps/s")

    def _picture(self, picture: Picture) -> None:
        self._shown[picture.ask] = picture.step
        if picture.ask == SAMPLES:
            self.picture.show_samples(picture)
        elif picture.ask == AGAIN:
            self.picture.show_again(picture)
            self.readouts.show_error(picture.numbers["error"], picture.step)
        else:
            name = next(name for name, ask in OWN.items() if ask == picture.ask)
            self.readouts.own.accept(replace(picture, ask=Ask(name)))

    def _refuse(self, refusal: Refusal) -> None:
        self._shown[refusal.ask] = ALWAYS
        if refusal.ask == AGAIN:
            self.picture.refuse(refusal.reason)
            self.readouts.set_reconstructs(False)
        elif refusal.ask == SAMPLES:
            self.failed.emit(refusal.reason)

    def settled(self) -> bool:
        """The run stands, and its pictures are of its present step."""
        fresh = all(self._shown.get(ask, -1) >= self.run.step for ask in (SAMPLES, AGAIN))
        return super().settled() and (fresh or not self.active)

    def state(self) -> None:
        """A run that nobody looks at draws nothing."""
        super().state()
        own = tuple(OWN[name] for name in self._shows if name in OWN)
        self.run.look((SAMPLES, AGAIN, *own) if self.active else ())
