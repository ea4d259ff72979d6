"""The programs that a person let run: by SHA-256 alone, never by name or folder, until they take it back (R15)."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from dgm_studio.core.atomic import write_text
from dgm_studio.core.errors import Refused
from dgm_studio.gui.settings import data_folder

_HASH = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


class Consents:
    """A list kept on disk, read anew each time: what one window takes back holds in the other."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    @property
    def file(self) -> Path:
        """Where the list is kept."""
        return self._file or data_folder() / "consents.json"

    def held(self) -> tuple[str, ...]:
        """All of them; none where the file cannot be read: then a person is asked again."""
        try:
            found = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            _log.info("%s cannot be read; consents are asked for again: %s", self.file, error)
            return ()
        return tuple(one for one in found if isinstance(one, str) and _HASH.fullmatch(one)) if isinstance(
            found, list
        ) else ()  # fmt: skip

    def add(self, sha256: str) -> None:
        """Remember one."""
        self._write([*(one for one in self.held() if one != sha256), sha256])

    def revoke(self) -> None:
        """Take all back."""
        self._write([])

    def _write(self, hashes: list[str]) -> None:
        try:
            write_text(self.file, json.dumps(hashes, indent=1))
        except Refused as reason:  # it holds for the file that is open; next time a person is asked again
            _log.info("%s", reason)
