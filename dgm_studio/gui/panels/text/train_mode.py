"""Training a model of text in front of the class: losses, speed, and a sentence that is drawn again as it learns."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture, RunReport
from dgm_studio.core.requests import ReadText
from dgm_studio.core.starting import starting_recipe
from dgm_studio.core.unmasking import Unmasking
from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.lane import TokenLane, Wish
from dgm_studio.gui.panels.text.mode import Mode
from dgm_studio.gui.panels.text.training_form import SEED, TrainingForm
from dgm_studio.gui.panels.text.training_views import TrainingPicture, TrainingReadouts, is_held_out
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRAIN_LANE, SAMPLE_LANE, READ_LANE, TRACK = "text-train", "text-sample", "text-file", "training"
FIRST_FAMILY, FIRST_CORPUS = "masked-text", "kjv"
ASKS = (Ask("held_out"),)
"""What tells the losses on held-out text."""
SAMPLE_MS = 4_000
SAMPLE_STEPS = 12
"""Few, so that the sample takes little from the training."""


class TrainMode(Mode):
    """One run of its own beside the Train panel's; it is opened when a person first comes here."""

    id, word, tooltip = "train", "Train", "Train a model of text live, and watch what it writes"
    restart_help = "Back to step 0 (R)"
    no_back = "Training cannot be stepped back here; R begins again."

    film_wanted = Signal()
    told = Signal()
    """What the live training is called has changed."""

    def __init__(self, studio: Studio, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self.run = RunLane(studio.link, TRAIN_LANE, self)
        self.sample = TokenLane(studio.link, SAMPLE_LANE, self)
        self.form: TrainingForm = TrainingForm()
        self.picture: TrainingPicture = TrainingPicture()
        self.readouts: TrainingReadouts = TrainingReadouts()
        self.stage = self.picture.card.cells[0]
        self.files = FileDesk(studio, self.form, self.run)
        self.catalogue: Catalogue | None = None
        self._active = False
        self._reading = 0
        self._fresh = ""
        """The title of a text that was read, until its run stands."""
        self._sampled_at = -1
        self._clock: tuple[float, int] | None = None
        self._samples = QTimer(self, interval=SAMPLE_MS)
        self._samples.timeout.connect(self._resample)
        self._connect()

    def _connect(self) -> None:
        run, form = self.run, self.form
        run.opened.connect(self._opened)
        run.reported.connect(self._reported)
        run.values.connect(self._values)
        run.picture.connect(self._picture)
        run.stepped.connect(self._stepped)
        run.state_changed.connect(lambda _: self._state())
        run.failed.connect(self.failed)
        run.saved.connect(lambda _: self.told.emit())
        self.files.told.connect(self.failed.emit)
        form.data_wanted.connect(lambda data: self._rebuild(data=data))
        form.family_wanted.connect(self._change_family)
        form.knob_wanted.connect(self._change_knob)
        form.seed_wanted.connect(lambda seed: self._rebuild(seed=seed))
        form.file_wanted.connect(self.choose_file)
        self.readouts.film.clicked.connect(self.film_wanted)
        self.readouts.save.clicked.connect(self.files.save_as)
        self.sample.begun.connect(self._drawn)
        self.sample.grown.connect(lambda: self._drawn(self.sample.film))
        self.sample.failed.connect(self.failed)
        self._studio.link.answered.connect(self._answered)
        self._studio.link.failed.connect(self._refused)

    # The run.

    def wake(self, catalogue: Catalogue) -> None:
        """Menus; the first run waits until a person comes."""
        self.catalogue = catalogue
        self.form.offer(catalogue.texts, catalogue.corpora)
        if self._active:
            self._begin()

    def enter(self) -> None:
        """Show what is trained, and draw from it."""
        self._active = True
        if self.run.recipe is None and self.run.coming is None:
            self._begin()
        self._state()

    def leave(self) -> None:
        """Training goes on; nobody sees samples."""
        self._active = False
        self._samples.stop()

    def _begin(self) -> None:
        families = self.catalogue.texts if self.catalogue is not None else {}
        if FIRST_FAMILY in families:
            self._train(starting_recipe(families[FIRST_FAMILY], "", DataSpec(FIRST_CORPUS), int(SEED.default)))

    def _train(self, recipe: Recipe) -> None:
        self.cleared.emit()
        self.run.asks = ASKS
        self.run.train(recipe)
        self.changed.emit()

    def _rebuild(self, **changes: Any) -> None:
        recipe = self.run.coming or self.run.recipe
        if recipe is not None:
            self._train(replace(recipe, training=recipe.training_now(), edits=(), step=0, **changes))

    def _change_family(self, family: str, preset: str) -> None:
        recipe = self.run.coming or self.run.recipe
        if self.catalogue is None:
            return
        data, seed = (recipe.data_now(), recipe.seed) if recipe else (DataSpec(FIRST_CORPUS), int(SEED.default))
        self._train(starting_recipe(self.catalogue.texts[family], preset, data, seed))

    def _change_knob(self, group: str, name: str, value: Value) -> None:
        if group == "training":
            self.run.change(group, name, value)
        elif self.run.recipe is not None:
            self._rebuild(design={**self.run.recipe.design, name: value})

    def choose_file(self) -> None:
        """Ask for a text."""
        name, _ = QFileDialog.getOpenFileName(self.form, "Open a text", str(Path.home()), "Text (*.txt)")
        if name:
            self.read(name)

    def read(self, path: str) -> None:
        """Learn from a file of one's own; the worker reads and judges it."""
        self.cleared.emit()
        self._reading = self._studio.link.send(ReadText(READ_LANE, path, steps=None))

    def drop(self, path: str) -> bool:
        """A text of one's own."""
        if path.lower().endswith(".txt"):
            self.read(path)
            return True
        return False

    def save(self, *, anew: bool) -> None:
        """Write the run to its own file, or to another one."""
        if self.run.recipe is None:
            self.failed.emit("Nothing is trained yet: there is nothing to save.")
        elif anew:
            self.files.save_as()
        else:
            self.files.save()

    # Reports.

    def _answered(self, request: int, value: object) -> None:
        if request == self._reading and isinstance(value, TextSet):
            self.form.offer_own(value)
            self._rebuild(data=DataSpec(value.title, text=value))
            self._fresh = value.title

    def _refused(self, lane: str, failure: Any) -> None:
        if failure.request and failure.request in (self._reading, self.run.opening):
            self._fresh = ""
            self.failed.emit(failure)
            if self.run.recipe is not None:
                self.form.show_recipe(self.run.recipe)

    def _opened(self, report: RunReport) -> None:
        self.picture.clear()
        self.readouts.clear()
        self.sample.forget()
        self._sampled_at, self._clock = -1, None
        if report.restored_losses:
            self.picture.append(report.restored_losses)
        self._reported(report)
        self._state()
        self._resample()
        if self._fresh and report.recipe.data_now().title == self._fresh:
            self.failed.emit(f"{self._fresh} is read: Play trains a new model on it.")
            self._fresh = ""

    def _reported(self, report: RunReport) -> None:
        self.form.show_recipe(report.recipe)
        recipe = report.recipe
        self.readouts.facts.set_items(
            {
                "Weights": f"{report.parameters:,}",
                "Window": f"{recipe.design.get('length', '–')} tokens",
                "Vocabulary": f"{recipe.design.get('vocabulary', '–'):,} at most",
                "Batch": f"{recipe.training_now().get('batch', '–')} windows",
            }.items()
        )
        self.told.emit()
        self.changed.emit()

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

    def _stepped(self, step: int) -> None:
        now, recipe = time.perf_counter(), self.run.recipe
        if self._clock is not None and recipe is not None and step > self._clock[1] and now > self._clock[0]:
            tokens = int(recipe.design.get("length", 0)) * int(recipe.training_now().get("batch", 0))
            rate = (step - self._clock[1]) / (now - self._clock[0])
            self.readouts.speed.set_value(f"{rate * tokens:,.0f}", f"{rate:,.1f} steps/s")
        if self._clock is None or now - self._clock[0] > 1.0:
            self._clock = (now, step)
        self.told.emit()
        self.changed.emit()

    def _state(self) -> None:
        if not self.run.playing:
            self._clock = None
        if self._active and self.run.playing:
            self._samples.start()
        else:
            self._samples.stop()
            self._resample()
        self.changed.emit()

    def _resample(self) -> None:
        """Another sentence, if it has learned since the last."""
        if not self._active or self.run.recipe is None or self.sample.making or self.run.step == self._sampled_at:
            return
        self._sampled_at = self.run.step
        settings = {**asdict(Unmasking()), "steps": SAMPLE_STEPS}
        self.sample.unmask(Wish(TRAIN_LANE, settings, int(SEED.default)))

    def _drawn(self, film: TokenFilm | None) -> None:
        if film is not None and film.moments:
            self.picture.cells.show_film(film, len(film.moments) - 1)
            self.picture.header.set_note(f"after step {max(0, self._sampled_at):,}")

    # The clock.

    def live_text(self) -> str:
        """What the model card calls it."""
        recipe = self.run.recipe
        if recipe is None or self.catalogue is None:
            return ""
        title = self.catalogue.texts[recipe.family].card.title
        return f"{title} on {self._studio.title_of(recipe.data_now())}, step {self.run.step:,}"

    def enter_bar(self, bar: TransportBar) -> None:
        """One track, which only tells."""
        bar.add_track(TRACK, "Training", "accent", read_only=True)

    def show_on(self, bar: TransportBar) -> None:
        """Step and loss."""
        bar.set_playing(self.run.playing)
        there = self.run.recipe is not None
        text = f"step {self.run.step:,}" if there else "building the model" if self.run.coming else ""
        bar.set_track(TRACK, "Training", text, 0.0, 0, there, "" if there else "Nothing is trained yet")

    def subtitle(self) -> str:
        """What learns from what."""
        return self.live_text() or ("building the model…" if self.run.coming else "learn a text, live")

    def toggle_play(self) -> None:
        """Train, or pause."""
        if self.run.recipe is None:
            return
        if self.run.playing:
            self.run.pause()
        else:
            self.run.play()

    def step(self, by: int) -> None:
        """So many steps on."""
        if by > 0 and self.run.recipe is not None:
            self.run.play(by)

    def restart(self) -> None:
        """From step 0."""
        self._rebuild()

    def text(self) -> str:
        """What it writes now."""
        film = self.sample.film
        return film.text(len(film.moments) - 1) if film is not None and film.moments else ""

    def settled(self) -> bool:
        """The run stands and its sample is drawn."""
        run = self.run
        return run.recipe is not None and not run.playing and not run.watching and not self.sample.making
