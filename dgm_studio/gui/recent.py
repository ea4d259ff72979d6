"""The files that were opened or saved last, newest first."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from dgm_studio.core.atomic import write_text
from dgm_studio.core.errors import Refused
from dgm_studio.gui.settings import data_folder

MOST = 10
_log = logging.getLogger(__name__)


class RecentFiles:
    """A list kept on disk, read anew each time, so that two windows share it."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @property
    def file(self) -> Path:
        """Where the list is kept."""
        return self._file or data_folder() / "recent.json"

    def show(self) -> tuple[Path, ...]:
        """The files that still exist, newest first, at most MOST; the missing ones are forgotten."""
        held = self._read()
        there = [path for path in held if path.exists()]  # a model may be a folder
        if there != held:
            self._write(there)
        return tuple(there)

    def add(self, path: Path | str) -> None:
        """Put a file first; it is never listed twice."""
        own = Path(path).expanduser().absolute()
        self._write([own, *(other for other in self._read() if other != own)][:MOST])

    def clear(self) -> None:
        """Forget all."""
        self._write([])

    def _read(self) -> list[Path]:
        try:
            held = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            _log.info("%s cannot be read and is begun anew: %s", self.file, error)
            return []
        if not isinstance(held, list):
            _log.info("%s is not a list of files and is begun anew.", self.file)
            return []
        return [Path(path) for path in held if isinstance(path, str)][:MOST]

    def _write(self, paths: list[Path]) -> None:
        try:
            write_text(self.file, json.dumps([str(path) for path in paths], indent=1))
        except Refused as reason:
            # A list of conveniences that cannot be kept must not stand in the way of the file itself.
            _log.info("%s", reason)
