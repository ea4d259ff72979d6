"""The studio: what all panels share. The link to the engine, the catalogue, the run under study, the preferences."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.catalogue import Catalogue, FamilyEntry
from dgm_studio.core.checkpoint_head import family_of, head_of
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.requests import Device, Remember
from dgm_studio.core.snapshot import DESK
from dgm_studio.core.starting import starting_recipe
from dgm_studio.engine.backend import Backend
from dgm_studio.gui import settings
from dgm_studio.gui.link import Link
from dgm_studio.gui.recent import RecentFiles
from dgm_studio.gui.run_lane import RunLane
from dgm_studio.gui.settings import Preferences
from dgm_studio.gui.theme.theme import theme

FIRST_FAMILY, FIRST_SEED = "diffusion", 7
_log = logging.getLogger(__name__)


class Studio(QObject):
    """Owns the worker's link and the run; panels read it and send through it."""

    awake = Signal(object)
    """The Catalogue has arrived."""

    notice = Signal(str)
    """A sentence for the person that is no failure."""

    preferences_changed = Signal(object)

    closing = Signal()
    """Everything ends now: who has a process or a timer of its own ends it."""

    def __init__(self, factory: Callable[[], Backend], preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.preferences = preferences
        self.catalogue: Catalogue | None = None
        self.recent = RecentFiles()
        self.link = Link(factory, self)
        self.link.set_frame_cap(preferences.frames_per_second)
        self.run = RunLane(self.link, parent=self)
        self.link.ready.connect(self._wake)

    def start(self) -> None:
        """Wake the engine; called after the first paint."""
        self.link.start()

    def close(self) -> None:
        """End the worker and every clock; nothing runs afterwards."""
        self.closing.emit()
        for timer in self.findChildren(QTimer):
            timer.stop()
        # While torch is still being imported the thread cannot be ended: the roof then ends the process at once.
        self.link.close(timeout=2.0 if self.link.worker.ready else 0.0)

    def fresh_recipe(
        self, family: str, preset: str = "", data: DataSpec | None = None, seed: int = FIRST_SEED
    ) -> Recipe:
        """Step 0 of a family's preset on `data`."""
        assert self.catalogue is not None
        return starting_recipe(self.catalogue.families[family], preset, data or DataSpec(), seed)

    def title_of(self, data: DataSpec) -> str:
        """What to call a data set."""
        if data.points is None and data.text is None and data.pictures is None and self.catalogue is not None:
            if data.name in self.catalogue.data:
                return self.catalogue.data[data.name].card.title
            if data.name in self.catalogue.corpora:
                return self.catalogue.corpora[data.name].title
            if data.name in self.catalogue.picture_sets:
                return self.catalogue.picture_sets[data.name].card.title
        return data.title

    def writes_text(self, checkpoint: str | Path) -> bool:
        """Whether the file holds a model of text, which only the Text panel can show."""
        return self.catalogue is not None and family_of(checkpoint) in self.catalogue.texts

    def kind_of(self, checkpoint: str | Path) -> str:
        """What the file's model is of, where that is seen in a panel of its own: "text", "pictures"; "" for points."""
        return "text" if self.writes_text(checkpoint) else "pictures" if self.draws_pictures(checkpoint) else ""

    def draws_pictures(self, checkpoint: str | Path) -> bool:
        """Whether the file holds a model of pictures, which only the Latents panel can show."""
        return head_of(checkpoint).pictures

    def model_title(self) -> str:
        """What to call the run's model: its preset's title."""
        return self.title_of_model(self.run.recipe) if self.run.recipe is not None else ""

    def title_of_model(self, recipe: Recipe) -> str:
        """What to call a recipe's model."""
        if self.catalogue is None:
            return ""
        entry = self._entry_of(recipe, self.catalogue)
        return next((one.title for one in entry.presets if one.id == recipe.preset), entry.card.title)

    @staticmethod
    def _entry_of(recipe: Recipe, catalogue: Catalogue) -> FamilyEntry:
        """An id may be both a family of points and one of pictures: the data decide."""
        drawn = recipe.data.pictures is not None or recipe.data.name in catalogue.picture_sets
        found = {**catalogue.families, **catalogue.texts}
        return catalogue.pictures[recipe.family] if drawn else found[recipe.family]

    def change_preferences(self, changed: Preferences) -> None:
        """Take effect at once, and be kept; a file that cannot be written is said, the change still holds."""
        before, self.preferences = self.preferences, changed
        look = theme()
        look.set_preference(changed.theme)
        look.set_presenter_scale(changed.presenter_scale)
        look.motion = "off" if changed.reduced_motion else "system"
        self.link.set_frame_cap(changed.frames_per_second)
        if self.catalogue is not None and (before.device, before.threads) != (changed.device, changed.threads):
            self._move()
        if self.catalogue is not None and before.time_machine != changed.time_machine:
            self.link.send(Remember(DESK, changed.time_machine))
        try:
            settings.save(changed)
        except Refused as refusal:
            self.notice.emit(str(refusal))
        self.preferences_changed.emit(changed)

    @property
    def device(self) -> str:
        """Where models compute: the preference, else the machine's best."""
        devices = self.catalogue.devices if self.catalogue is not None else ()
        chosen = self.preferences.device
        return chosen if chosen in devices else (devices[0] if devices else "")

    def _move(self) -> None:
        self.link.send(Device(DESK, self.device, self.preferences.threads))

    def _wake(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        if self.preferences.device not in (settings.AUTO, *catalogue.devices):
            _log.info(
                "The device %s is not on this machine; %s is used.", self.preferences.device, catalogue.devices[0]
            )
            self.preferences = replace(self.preferences, device=settings.AUTO)
        self.link.send(Remember(DESK, self.preferences.time_machine))
        self.awake.emit(catalogue)
