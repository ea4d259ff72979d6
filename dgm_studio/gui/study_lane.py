"""The window's side of a small scene: what was asked for last, and the newest sketch of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import SketchPicture
from dgm_studio.core.requests import Pause, Play, Study
from dgm_studio.core.snapshot import DONE, PAUSED, PLAYING, Snapshot
from dgm_studio.gui.link import Link

STILLNESS = 100
"""Milliseconds without a new wish after which a hand is taken to rest."""

Wish = tuple[str, dict[str, Value], int | None]
"""Scene, knobs, and the rounds to draw at once (None: without end)."""


class StudyLane(QObject):
    """While a knob is dragged the latest wish wins: each draws one round, and the next wish is sent as soon as its
    sketch is here, so that every move is seen and none is queued. Only the last wish goes on to its other rounds."""

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
        self._more: int | None = 0
        """Rounds of the wish that was sent that are still to be asked for."""
        self._stillness = QTimer(self, singleShot=True, interval=STILLNESS)
        self._stillness.timeout.connect(self._rest)
        link.hasten(name)
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def playing(self) -> bool:
        """Whether rounds are being drawn, or will be without anybody asking."""
        return self.state == PLAYING or self._more != 0

    @property
    def busy(self) -> bool:
        """Whether what was asked for last has not been shown yet."""
        return self._awaiting or self._wish is not None

    def show(self, scene: str, knobs: dict[str, Value], rounds: int | None) -> None:
        """Begin this scene with these knobs, as soon as the last wish has been seen."""
        self._wish = (scene, dict(knobs), rounds)
        self._stillness.stop()
        if not self._awaiting:
            self._send()

    def play(self, rounds: int | None = None) -> None:
        """So many more rounds, or without end."""
        self._link.send(Play(self.name, rounds))

    def pause(self) -> None:
        """Stop after the slice that runs."""
        self._more = 0
        self._stillness.stop()
        if self._wish is not None:
            self._wish = (*self._wish[:2], 1)
        self._link.send(Pause(self.name))

    def _send(self) -> None:
        if self._wish is None:
            return
        scene, knobs, rounds = self._wish
        self._wish, self._awaiting = None, True
        self._more = None if rounds is None else rounds - 1
        self._sent = self._link.send(Study(self.name, scene, knobs, steps=1))

    def _go_on(self) -> None:
        """The first sketch is here: the next wish, asked for before anything is painted, so that the worker draws
        meanwhile; or in a moment the rest of this one."""
        self._awaiting = False
        if self._wish is not None:
            self._send()
        elif self._more != 0:
            self._stillness.start()

    def _rest(self) -> None:
        """Nothing has been wished for a while: the other rounds."""
        more, self._more = self._more, 0
        if more != 0:
            self.play(more)

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened < self._sent or snapshot.state == DONE:
            return
        before, self.state = (self.state, self._more), snapshot.state
        for picture in snapshot.pictures.values():
            if isinstance(picture, SketchPicture):
                if self._awaiting:
                    self._go_on()
                self.picture = picture
                self.sketched.emit(picture)
        if (self.state, self._more) != before:
            self.state_changed.emit(self.state)

    def _fail(self, lane: str, failure: object) -> None:
        if lane == self.name or getattr(failure, "request", 0) == self._sent:
            self._awaiting, self._more = False, 0
            if self._wish is None:
                self._link.send(Pause(self.name))  # what was shown before must not go on unseen
            self.failed.emit(failure)
            self._send()
