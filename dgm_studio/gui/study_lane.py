"""The window's side of a small scene: what was asked for last, and the newest sketch of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import SketchPicture
from dgm_studio.core.requests import Pause, Play, Study
from dgm_studio.core.snapshot import DONE, PAUSED, PLAYING, Snapshot
from dgm_studio.gui.link import Link

Wish = tuple[str, dict[str, Value], int | None]
"""Scene, knobs, and the rounds to draw at once (None: without end)."""


class StudyLane(QObject):
    """While a knob is dragged the latest wish wins: the next one is sent as soon as the last has shown its first
    sketch, so that every move is seen and none is queued."""

    sketched = Signal(object)
    """A SketchPicture of the scene that was asked for last."""

    failed = Signal(object)
    state_changed = Signal(str)

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.state = PAUSED
        self.picture: SketchPicture | None = None
        self._link = link
        self._sent = 0
        self._awaiting = False
        self._wish: Wish | None = None
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def playing(self) -> bool:
        """Whether rounds are being drawn."""
        return self.state == PLAYING

    @property
    def busy(self) -> bool:
        """Whether what was asked for last has not been shown yet."""
        return self._awaiting or self._wish is not None

    def show(self, scene: str, knobs: dict[str, Value], rounds: int | None) -> None:
        """Begin this scene with these knobs, as soon as the last wish has been seen."""
        self._wish = (scene, dict(knobs), rounds)
        if not self._awaiting:
            self._send()

    def play(self, rounds: int | None = None) -> None:
        """So many more rounds, or without end."""
        self._link.send(Play(self.name, rounds))

    def pause(self) -> None:
        """Stop after the slice that runs."""
        if self._wish is not None:
            self._wish = (*self._wish[:2], 1)
        self._link.send(Pause(self.name))

    def _send(self) -> None:
        if self._wish is None:
            return
        scene, knobs, rounds = self._wish
        self._wish, self._awaiting = None, True
        self._sent = self._link.send(Study(self.name, scene, knobs, steps=rounds))

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened < self._sent or snapshot.state == DONE:
            return
        for picture in snapshot.pictures.values():
            if isinstance(picture, SketchPicture):
                self._awaiting = False
                self.picture = picture
                self.sketched.emit(picture)
        if snapshot.state != self.state:
            self.state = snapshot.state
            self.state_changed.emit(self.state)
        if not self._awaiting:
            self._send()

    def _fail(self, lane: str, failure: object) -> None:
        if lane == self.name or getattr(failure, "request", 0) == self._sent:
            self._awaiting = False
            self.failed.emit(failure)
            self._send()
