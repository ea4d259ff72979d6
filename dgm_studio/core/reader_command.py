"""How helper processes are started: by name, so that the window need not import what they run."""

from __future__ import annotations

import sys
from pathlib import Path

import dgm_studio

READER = "read-checkpoints"
"""The packaged program's hidden verb: it has no `python -m`."""
PROGRAM = "run-checkpoint-program"
"""The same for the process that runs a program out of a checkpoint after a person's consent."""
_MODULES = {READER: "dgm_studio.checkpoints.reader.__main__", PROGRAM: "dgm_studio.checkpoints.rebuild.program_runner"}
_START = "import sys; sys.path.append(sys.argv.pop()); from {module} import main; sys.exit(main())"


def reader_command() -> list[str]:
    """Program and arguments of the reader process (see checkpoints.reader for what it speaks)."""
    return _command(READER)


def program_command() -> list[str]:
    """Program and arguments of the process that runs a checkpoint's program (checkpoints.rebuild.program_runner)."""
    return _command(PROGRAM)


def _command(verb: str) -> list[str]:
    """`python -m` of its module, but it never imports from the working folder, which may be a stranger's (-P), and
    finds the studio where this one lies, installed or not."""
    if getattr(sys, "frozen", False):
        return [sys.executable, verb]
    home = str(Path(dgm_studio.__file__).resolve().parent.parent)
    return [sys.executable, "-P", "-c", _START.format(module=_MODULES[verb]), home]
