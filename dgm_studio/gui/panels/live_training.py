"""Training in front of the class, in a panel that looks at what was trained: one run of its own, its curves, its
pace."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import RunReport
from dgm_studio.core.requests import Opening
from dgm_studio.core.starting import starting_recipe
from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.panels.training_form import SEED, TrainingForm
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "training"


class LiveTraining(Mode):
    """One run beside the Train panel's; it is opened when a person first comes here. A subclass shows its curves, and
    reads own data."""

    id, word = "train", "Train"
    restart_help = "Back to step 0 (R)"
    no_back = "Training cannot be stepped back here; R begins again."

    lane: ClassVar[str]
    """The name of the lane that trains."""
    first: ClassVar[tuple[str, str]]
    """The family and the data that are offered first."""
    asks: ClassVar[tuple[Ask, ...]] = ()
    """What the run shows beside its losses."""
    idle_words: ClassVar[str]
    """The subtitle before anything is trained."""

    told = Signal()
    """What the live training is called has changed."""

    form: TrainingForm

    def __init__(self, studio: Studio, form: TrainingForm, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.studio, self.form = studio, form
        self.run = RunLane(studio.link, self.lane, self)
        self.files = FileDesk(studio, form, self.run)
        self.catalogue: Catalogue | None = None
        self.active = False
        """Whether a person looks."""
        self._reading = 0
        self._fresh = ""
        """The title of own data that were read, until their run stands."""
        self._clock: tuple[float, int] | None = None
        run = self.run
        run.opened.connect(self._opened)
        run.reported.connect(self._reported)
        run.stepped.connect(self._stepped)
        run.state_changed.connect(lambda _: self.state())
        run.failed.connect(self.failed)
        run.saved.connect(lambda _: self.told.emit())
        self.files.told.connect(self.failed.emit)
        form.data_wanted.connect(lambda data: self.rebuild(data=data))
        form.family_wanted.connect(self._change_family)
        form.knob_wanted.connect(self._change_knob)
        form.seed_wanted.connect(lambda seed: self.rebuild(seed=seed))
        studio.link.answered.connect(self._answered)
        studio.link.failed.connect(self._refused)

    # What a subclass says.

    def families(self) -> Mapping[str, FamilyEntry]:
        """Those that can be trained here; none before the engine is awake."""
        return {}

    def own(self, value: object) -> DataSpec | None:
        """What was read, as data; None where it is nothing of this panel's."""
        return None

    def clear(self) -> None:
        """Another run: nothing of the one before is shown."""

    def show_losses(self, values: Mapping[str, tuple[Array, Array]]) -> None:
        """The curves so far of a run that was opened."""

    def show_facts(self, report: RunReport) -> None:
        """What the run is."""

    def show_speed(self, rate: float, recipe: Recipe) -> None:
        """How many steps a second it makes."""

    # The run.

    def enter(self) -> None:
        """Show what is trained."""
        self.active = True
        if self.run.recipe is None and self.run.coming is None:
            self.begin()
        self.state()

    def leave(self) -> None:
        """Training goes on; nobody sees it."""
        self.active = False
        self.state()

    def begin(self) -> None:
        """The first run, at step 0, as soon as the engine is awake."""
        family, data = self.first
        if family in self.families():
            self.train(starting_recipe(self.families()[family], "", DataSpec(data), int(SEED.default)))

    def train(self, recipe: Recipe) -> None:
        """Build this run."""
        self.cleared.emit()
        self.run.asks = self.asks
        self.run.train(recipe)
        self.changed.emit()

    def rebuild(self, **changes: Any) -> None:
        """Another run, which differs from the present one by these fields of its recipe."""
        recipe = self.run.coming or self.run.recipe
        if recipe is not None:
            self.train(replace(recipe, training=recipe.training_now(), edits=(), step=0, **changes))

    def _change_family(self, family: str, preset: str) -> None:
        recipe = self.run.coming or self.run.recipe
        data, seed = (recipe.data_now(), recipe.seed) if recipe else (DataSpec(self.first[1]), int(SEED.default))
        self.train(starting_recipe(self.families()[family], preset, data, seed))

    def _change_knob(self, group: str, name: str, value: Value) -> None:
        if group == "training":
            self.run.change(group, name, value)
        elif self.run.recipe is not None:
            self.rebuild(design={**self.run.recipe.design, name: value})

    def read(self, request: Opening) -> None:
        """Learn from own data; the worker reads and judges them."""
        self.cleared.emit()
        self._reading = self.studio.link.send(request)

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
        data = self.own(value) if request == self._reading else None
        if data is not None:
            self.form.offer_own(data)
            self.rebuild(data=data)
            self._fresh = data.title

    def _refused(self, lane: str, failure: Any) -> None:
        if failure.request and failure.request in (self._reading, self.run.opening):
            self._fresh = ""
            self.failed.emit(failure)
            if self.run.recipe is not None:
                self.form.show_recipe(self.run.recipe)

    def _opened(self, report: RunReport) -> None:
        self._clock = None
        self.clear()
        if report.restored_losses:
            self.show_losses(report.restored_losses)
        self._reported(report)
        self.state()
        if self._fresh and report.recipe.data_now().title == self._fresh:
            self.failed.emit(f"{self._fresh} is read: Play trains a new model on it.")
            self._fresh = ""

    def _reported(self, report: RunReport) -> None:
        self.form.show_recipe(report.recipe)
        self.show_facts(report)
        self.told.emit()
        self.changed.emit()

    def _stepped(self, step: int) -> None:
        now, recipe = time.perf_counter(), self.run.recipe
        if self._clock is not None and recipe is not None and step > self._clock[1] and now > self._clock[0]:
            self.show_speed((step - self._clock[1]) / (now - self._clock[0]), recipe)
        if self._clock is None or now - self._clock[0] > 1.0:
            self._clock = (now, step)
        self.told.emit()
        self.changed.emit()

    def state(self) -> None:
        """It runs or stands, is seen or not."""
        if not self.run.playing:
            self._clock = None
        self.changed.emit()

    # The clock.

    def live_text(self) -> str:
        """What the model card calls it."""
        recipe = self.run.recipe
        if recipe is None or recipe.family not in self.families():
            return ""
        title = self.families()[recipe.family].card.title
        return f"{title} on {self.studio.title_of(recipe.data_now())}, step {self.run.step:,}"

    def enter_bar(self, bar: TransportBar) -> None:
        """One track, which only tells."""
        bar.add_track(TRACK, "Training", "accent", read_only=True)

    def show_on(self, bar: TransportBar) -> None:
        """The step."""
        bar.set_playing(self.run.playing)
        there = self.run.recipe is not None
        text = f"step {self.run.step:,}" if there else "building the model" if self.run.coming else ""
        bar.set_track(TRACK, "Training", text, 0.0, 0, there, "" if there else "Nothing is trained yet")

    def subtitle(self) -> str:
        """What learns from what."""
        return self.live_text() or ("building the model…" if self.run.coming else self.idle_words)

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
        self.rebuild()

    def settled(self) -> bool:
        """The run stands, and what it shows is of its present step."""
        return self.run.recipe is not None and not self.run.playing and not self.run.watching
