"""What a person wants of the run: live edits go to it at once, what rebuilds it is gathered into one fresh recipe."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.settings import data_folder
from dgm_studio.gui.studio import Studio

GATHER_MS = 120
"""A dragged slider is one rebuild, not a hundred."""

BRIEF_SECONDS = 2.0
"""A run that was rebuilt again so soon was on the way to another: what stood before it stays the one that is kept."""


def kept_file() -> Path:
    """Where the run before the last rebuild is kept, so that it can be brought back."""
    return data_folder() / "before-rebuild.safetensors"


class Wishes(QObject):
    """`pause_at` is where training pauses by itself: at each multiple of it."""

    wanted = Signal(object)
    """A Recipe that will be built in a moment: show it."""

    rebuilt = Signal(int)
    """A run was built; one of so many unsaved steps, replaced by it or just before, is kept in `kept_file()`."""

    def __init__(self, studio: Studio, pause_at: int, parent: QObject) -> None:
        super().__init__(parent)
        self.pause_at = pause_at
        self._studio = studio
        self._run = studio.run
        self._recipe: Recipe | None = None
        self._built_at = -math.inf
        self._kept = 0
        self._soon = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._soon.timeout.connect(self.build)

    @property
    def pending(self) -> bool:
        """Whether a rebuild is about to happen."""
        return self._recipe is not None

    def steps_to_go(self) -> int:
        """Until the next pause."""
        return self.pause_at - self._run.step % self.pause_at

    def data(self, data: DataSpec) -> None:
        """Other data: a live edit of a run that has begun, else a fresh run; of other columns always a fresh one."""
        if self._run.recipe is None:
            return
        if self._run.step == 0 or self._other_columns(data) or self.pending or self._run.coming is not None:
            self._want(replace(self._base(), data=data))
        else:
            self._run.change_data(data)

    def _other_columns(self, data: DataSpec) -> bool:
        """Whether a model that was built for the present data cannot go on with these."""
        catalogue, recipe = self._studio.catalogue, self._run.recipe
        assert catalogue is not None
        assert recipe is not None
        return catalogue.columns(data) != catalogue.columns(recipe.data_now())

    def family(self, family: str, preset: str) -> None:
        """Another family or preset on the present data; its knobs start at the preset's values."""
        if self._run.recipe is not None:
            base = self._base()
            self._want(self._studio.fresh_recipe(family, preset, base.data, base.seed))

    def knob(self, group: str, name: str, value: Value) -> None:
        """Design rebuilds; Training takes effect at the next step; Sampling only resamples."""
        if self._run.recipe is None:
            return
        if group == "design" or self.pending:
            base = self._base()
            values = {"design": base.design, "training": base.training, "sampling": base.sampling}[group]
            changed = {group: {**values, name: value}}
            self._want(replace(base, **changed))  # type: ignore[arg-type]
        else:
            self._run.change(group, name, value)

    def seed(self, seed: int) -> None:
        """Rebuilds."""
        if self._run.recipe is not None:
            self._want(replace(self._base(), seed=seed))

    def teacher(self, recipe: Recipe | None) -> None:
        """Begin with the teacher of `recipe`, with its design and data; None: with an own one. Rebuilds."""
        if self._run.recipe is None:
            return
        base = self._base()
        if recipe is None:
            self._want(replace(base, teacher=""))
        else:
            self._want(replace(base, design=recipe.design, data=recipe.data, teacher=recipe.teacher))

    def now(self) -> Recipe | None:
        """Step 0 of what stands in the form."""
        return self._base() if self._run.recipe is not None else None

    def restart(self) -> None:
        """The same recipe at step 0, with the knobs and data as they stand now."""
        if self._run.recipe is not None:
            self._want(self._base())
            self.build()

    def build(self) -> None:
        """Build what is wanted, now; go on playing if it was."""
        self._soon.stop()
        if self._recipe is None:
            return
        recipe, self._recipe = self._recipe, None
        now = time.monotonic()
        if self._run.coming is None and now - self._built_at > BRIEF_SECONDS:
            self._kept = self._run.unsaved
            if self._kept:
                self._run.save(str(kept_file()), keep=False)
        self._built_at = now
        self._run.train(recipe, steps=self.pause_at if self._run.playing else 0)
        if self._kept:
            self.rebuilt.emit(self._kept)

    def bring_back(self) -> None:
        """The run before the last rebuild."""
        self._built_at = -math.inf
        self._run.open(str(kept_file()))

    def _base(self) -> Recipe:
        """Step 0 of what stands in the form: live edits become the start."""
        if self._recipe is not None:
            return self._recipe
        if self._run.coming is not None:
            return self._run.coming
        recipe = self._run.recipe
        assert recipe is not None
        return replace(recipe, training=recipe.training_now(), data=recipe.data_now(), edits=(), step=0)

    def _want(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self.wanted.emit(recipe)
        self._soon.start()
