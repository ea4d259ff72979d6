"""Looks once a second whether a training run has written a newer checkpoint beside the open file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.newer_files import NewerFiles, Stamp, stamps

EVERY_MS = 1_000


class FolderWatch(QObject):
    """Asleep unless `set_on`. A system's own notices of changed files miss network folders, and come while a file is
    still being written; looking misses nothing."""

    newer = Signal(str)
    """The path of a file that is new or changed, and at rest."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = ""
        self._files = NewerFiles({})
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self.look)

    def begin(self, path: str) -> None:
        """The file whose folder is watched; a folder itself, and a model that ships, have no neighbours to come."""
        self.path = path if Path(path).is_file() else ""
        self._files = NewerFiles(self._stamps())

    def set_on(self, on: bool) -> None:
        """Whether anybody looks."""
        if on and self.path:
            self._timer.start()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Once."""
        found = self._files.look(self._stamps())
        if found:
            self.newer.emit(found)

    def _stamps(self) -> dict[str, Stamp]:
        own = Path(self.path)
        return stamps(own.parent, own.suffix.lower()) if self.path else {}
