"""How the reader process is started: by name, so that the window need not import what it runs."""

from __future__ import annotations

import sys
from pathlib import Path

import dgm_studio

READER = "read-checkpoints"
"""The packaged program's hidden verb: it has no `python -m`."""
_START = (
    "import sys; sys.path.append(sys.argv.pop()); "
    "from dgm_studio.checkpoints.reader.__main__ import main; sys.exit(main())"
)


def reader_command() -> list[str]:
    """Program and arguments of the reader process (see checkpoints.reader for what it speaks).

    It is `python -m dgm_studio.checkpoints.reader`, but never imports from the working folder, which may be a
    stranger's (-P), and finds the studio where this one lies, installed or not.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, READER]
    home = str(Path(dgm_studio.__file__).resolve().parent.parent)
    return [sys.executable, "-P", "-c", _START, home]
