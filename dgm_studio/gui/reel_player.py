"""The reel player: which frame of a film is shown, and when the next one comes."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SECONDS = 2.0
"""How long a film lasts at speed 1, however many frames it has."""
USUAL_CAP = 60
"""Frames a second at most, until the preferences say otherwise."""
GENTLE_TICK_MS = 33
"""While a model trains: a frame painted costs the training about its own length, for both need the interpreter."""


class ReelPlayer(QObject):
    """An index into frames 0 to length - 1, with speed and loop. Frames may be added while it plays."""

    moved = Signal(int)
    stopped = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.index = 0
        self.length = 0
        self.total = 0
        """Frames there will be: more than `length` while the film is still being made."""
        self.speed = 1.0
        self.loop = False
        self._place = 0.0
        self._last = 0.0
        self._cap, self._gentle = USUAL_CAP, False
        self._timer = QTimer(self, interval=1000 // USUAL_CAP, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def playing(self) -> bool:
        """Whether it moves by itself."""
        return self._timer.isActive()

    def set_length(self, length: int, total: int = 0) -> None:
        """A film of so many frames, of `total` in the end; the index stays where it can.

        A film that is being made keeps the pace of the whole, and waits at its newest frame.
        """
        self.length, self.total = length, max(length, total)
        if self.index >= length:
            self.index = max(0, length - 1)
            self._place = float(self.index)

    def set_speed(self, speed: float) -> None:
        """A factor of the usual pace."""
        self.speed = speed

    def set_frame_cap(self, frames_per_second: int) -> None:
        """At most so many frames a second, at the same pace."""
        self._cap = frames_per_second
        self._retime()

    def set_gentle(self, on: bool) -> None:
        """Show fewer frames a second, at the same pace, and leave the time to what trains."""
        self._gentle = on
        self._retime()

    def _retime(self) -> None:
        self._timer.setInterval(max(1000 // self._cap, GENTLE_TICK_MS if self._gentle else 0))

    def set_loop(self, loop: bool) -> None:
        """Start again at the end."""
        self.loop = loop

    def seek(self, index: int) -> None:
        """Show that frame, the nearest one where there are fewer."""
        index = max(0, min(index, self.length - 1))
        self._place = float(index)
        if index != self.index:
            self.index = index
            self.moved.emit(index)

    def play(self) -> None:
        """Move on, from the start if it stands at the end."""
        if self.length < 2:
            return
        if self.index >= self.total - 1:
            self.seek(0)
        self._last = time.perf_counter()
        self._timer.start()

    def pause(self) -> None:
        """Stay."""
        if self._timer.isActive():
            self._timer.stop()
            self.stopped.emit()

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def _tick(self) -> None:
        now = time.perf_counter()
        pace = (self.total - 1) / SECONDS * self.speed
        place = self._place + (now - self._last) * pace
        self._last = now
        end, whole = self.length - 1, self.length == self.total
        if place >= end and self.loop and whole:
            place = place % end if end > 0 else 0.0
        self._place = min(place, float(end))
        index = int(self._place)
        if index != self.index:
            self.index = index
            self.moved.emit(index)
        if self._place >= end and whole and not self.loop:
            self.pause()
