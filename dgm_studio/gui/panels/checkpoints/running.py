"""The model of the file that is open: opened by the worker when somebody wants to see what it makes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.gallery import Making
from dgm_studio.core.inspection import CONSENT, NOTHING, PICTURES, Conclusion
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.reports import Failure
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.checkpoints.folder_watch import FolderWatch
from dgm_studio.gui.panels.checkpoints.subject import Subject
from dgm_studio.gui.panels.latents.lane import PictureLane

LANE = "checkpoint"
ASSUMED, YOURS = "assumed", "your choice"
"""How the source of a conclusion begins that nothing in the file speaks for, and that of a person's choice."""
Asked = tuple[str, dict[str, str]]
"""A path, and what was chosen of it."""


class Running(QObject):
    """One for a subject: Film and Gallery share it. Nothing is opened before `provide`."""

    changed = Signal()
    """Another file, inspection or choice; the model was opened or refused."""

    refused = Signal(object)
    """A Failure: a choice cannot be built; the model before stays. Or a sentence."""

    rewritten = Signal(str)
    """The path of a file that was written anew and is opened again."""

    def __init__(self, subject: Subject, link: Link) -> None:
        super().__init__(subject)
        self.subject = subject
        self.lane = PictureLane(link, LANE, self)
        self.failure: Failure | None = None
        """Why the file's model is not open."""
        self.found: dict[str, Conclusion] = {}
        """What was concluded before a person chose, by name: what Reset goes back to."""
        self.wanted: Making | None = None
        """The picture whose film somebody wants to see."""
        self.watch = FolderWatch(self)
        self.following = False
        """Whether a newer file is opened by itself."""
        self.before = ""
        """The file that was open before a newer one took its place."""
        self._path = subject.path
        self._looked_at = self._opening = False
        self._watched = ""
        self._asked: Asked | None = None
        self._has: Asked | None = None
        """What the lane was last asked to open, and what it has open."""
        self.lane.opened.connect(self._take)
        self.lane.failed.connect(self._fail)
        self.watch.newer.connect(self._newer)
        subject.changed.connect(self._follow)
        self._follow()

    @classmethod
    def of(cls, subject: Subject, link: Link) -> Running:
        """The subject's own, made when it is first wanted."""
        return subject.findChild(cls) or cls(subject, link)

    @property
    def path(self) -> str:
        """The file."""
        return self.subject.path

    @property
    def choice(self) -> dict[str, str]:
        """What a person chose instead of what was found."""
        return self.subject.choice

    @property
    def report(self) -> PictureModelReport | None:
        """Of its model of pictures, while that is open as it is chosen now."""
        return self.lane.report if self._has == (self.path, self.choice) else None

    @property
    def makes(self) -> str:
        """What its model makes (core.inspection); NOTHING while that is not known, or where nothing can run it."""
        if self.report is not None:
            return PICTURES
        best = self.subject.inspection.best if self.subject.inspection is not None else None
        return best.makes if best is not None else NOTHING

    @property
    def settings(self) -> tuple[Conclusion, ...]:
        """What its model is built with: as it is open, else as the best candidate has it. What a person confirmed is
        their choice, also where it is what was found."""
        if self.report is not None and self.report.settings:
            own = self.report.settings
        else:
            best = self.subject.inspection.best if self.subject.inspection is not None else None
            own = best.settings if best is not None else ()
        return tuple(replace(one, source=YOURS) if one.name in self.choice else one for one in own)

    # What is done with it.

    def provide(self) -> None:
        """Open the model, if that is not open or on its way; once the reader has said what the file is."""
        inspection = self.subject.inspection
        unsaid = inspection is None or not inspection.candidates  # the reader could not say: the worker does
        fit = self.subject.judged and (self.makes == PICTURES or unsaid or CONSENT in self.choice)
        if self.path and fit and self._asked != (self.path, self.choice):
            self._asked, self.failure = (self.path, dict(self.choice)), None
            self._opening = True
            self.lane.open(self.path, self.choice)

    def choose(self, name: str, value: str) -> None:
        """Build the model with this setting; choosing what was found takes the choice back, but what was only assumed
        is a choice when a person confirms it."""
        found = self.found.get(name)
        kept = {key: one for key, one in self.choice.items() if key != name}
        same = found is not None and str(found.value) == value and not found.source.startswith(ASSUMED)
        self._change(kept if same else {**kept, name: value})

    def reset(self, name: str) -> None:
        """Back to what was found."""
        self._change({key: one for key, one in self.choice.items() if key != name})

    def film(self, making: Making) -> None:
        """Film mode is to show this picture's film: its file is the one that is open then, in that copy."""
        self.wanted = making
        if making.source != self.path:
            self.subject.open(making.source)
        self._change(dict(making.choice))

    def take_film(self) -> Making | None:
        """What is to be filmed, once."""
        wanted, self.wanted = self.wanted, None
        return wanted

    def set_looked_at(self, on: bool) -> None:
        """Whether a person sees what it makes: then the folder is watched, and the model is opened."""
        self._looked_at = on
        self.watch.set_on(on)
        if on:
            self.provide()

    def set_following(self, on: bool) -> None:
        """The switch."""
        self.following = on
        self.changed.emit()

    def move_to(self, path: str) -> None:
        """A newer file takes the place of this one, or the same that was written anew: all that was chosen stays, and
        what is seen does until the new model is open."""
        choice, self.before = dict(self.choice), self.path
        self._path, self._asked, self.found = path, None, {}
        self.subject.open(path)
        self.subject.choice = choice
        self.rewritten.emit(path)
        if self._looked_at:
            self.provide()
        self.changed.emit()

    def _change(self, choice: dict[str, str]) -> None:
        if choice != self.choice:
            self.subject.choice = choice
            self.provide()
            self.changed.emit()

    # What comes.

    def _newer(self, path: str) -> None:
        name = Path(path).name
        if self.following:
            self.move_to(path)
            self.refused.emit(f"{name} has just been written; it is open now, with the same seeds.")
        else:
            self.refused.emit(
                f"{name} has just been written. Switch on 'Follow the folder' to open what comes, or open it."
            )

    def _follow(self) -> None:
        """Another file: its model is not open."""
        if self._watched != self.path:
            self._watched = self.path
            self.watch.begin(self.path)
            self.watch.set_on(self._looked_at)
        if self.path != self._path:
            self._path, self.found = self.path, {}
            self.failure = self._asked = self._has = None
            self.before = ""
            if self.lane.report is not None or self.lane.opening:
                self.lane.close()
        self._keep(self.settings)
        if self._looked_at:
            self.provide()
        self.changed.emit()

    def _take(self, report: PictureModelReport) -> None:
        self.failure, self._has, self._opening = None, self._asked, False
        self._keep(report.settings)
        self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        """Where a choice was refused, the model before stays open, and with it the choice that it has."""
        if self.lane.opening or not self._opening:
            return
        self._opening = False
        if self._has is not None and self._has[0] == self.path:
            self.subject.choice, self._asked = dict(self._has[1]), self._has
            self.refused.emit(failure)
        else:
            self.failure = failure
            if self.lane.report is not None:  # the file before is still seen
                self.refused.emit(failure)
        self.changed.emit()

    def _keep(self, settings: tuple[Conclusion, ...]) -> None:
        """The first conclusion of each name that nobody chose is what was found."""
        for one in settings:
            if one.name not in self.choice:
                self.found.setdefault(one.name, one)
