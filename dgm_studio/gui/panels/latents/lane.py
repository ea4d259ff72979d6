"""The window's side of the picture lane: the model that is open, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.picture_requests import OpenPictures
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel, Request
from dgm_studio.core.snapshot import PLAYING, Snapshot
from dgm_studio.gui.link import Link

LANE, TRAIN_LANE = "latents", "latents-train"
"""The model that is looked at, and the one that is trained here."""
Then = Callable[[Any], None]


class PictureLane(QObject):
    """One open model by name. All modes share it; an answer to a model that was replaced is dropped."""

    opened = Signal(object)
    """A PictureModelReport: another model is open."""

    reported = Signal(object)
    """Any other report of the lane: a StripPart, a Score."""

    worked = Signal(bool)
    """Whether the worker is at something for this lane."""

    failed = Signal(object)
    """A Failure of the lane, or of a request whose asker does not take it."""

    def __init__(self, link: Link, name: str = LANE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.report: PictureModelReport | None = None
        """Of the model that is open."""
        self.opening = self.working = False
        self._link = link
        self._sent = self._current = -1
        """The requests that open the model that was wanted last, and the one that is open."""
        self._asked: dict[int, tuple[Then, Then | None]] = {}
        self._turns: dict[str, tuple[Request, Then] | None] = {}
        """Kinds of which one is on its way, with the newest that was wanted meanwhile."""
        link.hasten(name)
        link.snapshot.connect(self._take)
        link.answered.connect(self._answer)
        link.failed.connect(self._fail)

    def open(self, source: str, choice: Mapping[str, str] | None = None) -> None:
        """Open a model: a path, a shipped model's name, or the name of a training lane; `choice` is what a person
        chose of a file's settings (core.picture_requests.OpenPictures)."""
        self.opening = True
        self._asked.clear()
        self._turns.clear()
        self._sent = self._link.send(OpenPictures(self.name, source, dict(choice or {}), steps=None))

    def can(self, *capabilities: str) -> bool:
        """Whether the open model can any of these."""
        return self.report is not None and any(one in self.report.can for one in capabilities)

    def ask(self, request: Request, then: Then, otherwise: Then | None = None) -> int:
        """Send a request; `then` gets the value of its answer, `otherwise` its Failure (without: `failed` tells it)."""
        self._asked[request.id] = (then, otherwise)
        return self._link.send(request)

    def newest(self, key: str, request: Request, then: Then) -> None:
        """One request of kind `key` is on its way; when its answer is there, the newest wanted meanwhile is sent, and
        what was wanted between is never computed."""
        if key in self._turns:
            self._turns[key] = (request, then)
            return
        self._turns[key] = None
        failed = self.failed.emit
        self.ask(request, lambda value: self._ended(key, then, value), lambda why: self._ended(key, failed, why))

    def busy(self, *keys: str) -> bool:
        """Whether a request of one of these kinds (none named: any request at all) is on its way."""
        return any(key in self._turns for key in keys) if keys else bool(self._asked)

    def tell(self, request: Request) -> int:
        """Send what is answered by reports, or not at all; its id."""
        return self._link.send(request)

    def close(self) -> None:
        """Forget the model."""
        self.opening = False
        self.report = None
        self._asked.clear()
        self._turns.clear()
        self._link.send(Cancel(self.name))

    def _ended(self, key: str, then: Then, value: Any) -> None:
        """One of this kind is there: the next goes first, then this one is shown."""
        waiting = self._turns.pop(key, None)
        if waiting is not None:
            self.newest(key, *waiting)
        then(value)

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened != self._sent:
            return
        for report in snapshot.reports:
            if isinstance(report, PictureModelReport):
                self.report, self.opening, self._current = report, False, snapshot.opened
                self.opened.emit(report)
            elif self.report is not None:
                self.reported.emit(report)
        working = snapshot.state == PLAYING or snapshot.watching
        if working != self.working:
            self.working = working
            self.worked.emit(working)

    def _answer(self, request: int, value: object) -> None:
        asked = self._asked.pop(request, None)
        if asked is not None:
            asked[0](value)

    def _fail(self, lane: str, failure: Failure) -> None:
        asked = self._asked.pop(failure.request, None)
        refused = failure.request == self._sent
        if refused:
            self.opening, self._sent = False, self._current  # the model before stays open
        if asked is not None and asked[1] is not None:
            asked[1](failure)
        elif asked is not None or refused or lane == self.name:
            self.failed.emit(failure)
