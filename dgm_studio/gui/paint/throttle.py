"""Saying that something changed, but not too often, and never losing the last change."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal


class Throttle(QObject):
    """`fired` follows `touch` at once, at most every `interval` ms; a change meanwhile is told after it."""

    fired = Signal()

    def __init__(self, interval: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waits = False
        self._timer = QTimer(self, interval=interval, singleShot=True)
        self._timer.timeout.connect(self._over)

    def touch(self) -> None:
        """Something changed."""
        if self._timer.isActive():
            self._waits = True
        else:
            self.flush()

    def flush(self) -> None:
        """Tell it now, whatever the clock says."""
        self._waits = False
        self._timer.start()
        self.fired.emit()

    def stop(self) -> None:
        """Forget what was not told yet."""
        self._waits = False
        self._timer.stop()

    def _over(self) -> None:
        if self._waits:
            self.flush()
