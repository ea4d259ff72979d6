"""Reads files in a process that notes what Python is asked to do: `python -m ... LIST WARM`, two lists of paths.

Prints JSON: what happened beside opening files for reading, and the code or kind of each file.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.opening import all_formats, open_checkpoint
from dgm_studio.core.inspection import RefusedFile

QUIET = ("os.listdir", "os.scandir", "pathlib.Path.glob", "builtins.id")
"""Looking at names only."""


def outcome(path: Path) -> str:
    """The kind of the file once it is opened and read, or the code of its refusal."""
    try:
        opened = open_checkpoint(path)
        for name in list(opened.tensors)[:4]:
            opened.read(name)
        return opened.kind
    except RefusedFile as refused:
        return refused.code


def main(paths: list[Path], warm: list[Path]) -> None:
    """`warm` are harmless files of the same kinds: what the standard library imports at its first use is imported
    while they are read."""
    all_formats()
    for path in warm:
        outcome(path)
    # A name that does not print and a text that is no UTF-8 need codecs, which Python imports when first asked for.
    "\u202e".encode("unicode_escape")
    with suppress(RuntimeError):  # and whose home a path names is looked up in a module of the system's own
        Path("~nobody-of-this-name").expanduser()
    seen: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if (
            event == "open"
            and arguments[1] in ("r", "rb", None)
            and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
        ):
            return
        if event not in QUIET:
            seen.append(f"{event} {arguments!r}"[:200])

    sys.addaudithook(watch)
    found = {str(path): outcome(path) for path in paths}
    happened = list(seen)
    sys.stdout.write(json.dumps({"happened": happened, "found": found, "torch": "torch" in sys.modules}))


if __name__ == "__main__":
    main(*(list(map(Path, json.loads(Path(one).read_text()))) for one in sys.argv[1:3]))
