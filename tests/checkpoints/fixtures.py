"""The fixture builder: every kind of file of the study's table 1.1, small, random, by its own program's writer.

`made("lightning")` is the path of a file (or folder) made once a session. A new kind is a function `(folder) -> path`
under `@fixture("its-name")` in one of the `fixtures_*` modules beside this one.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

Maker = Callable[[Path], Path]

FIXTURES: dict[str, Maker] = {}
"""Every kind by its name; filled by `kinds()`."""

MODULES = ("torch_files", "families", "folders", "programs", "pickles")


def fixture(name: str) -> Callable[[Maker], Maker]:
    """Puts a maker among the FIXTURES."""

    def put(maker: Maker) -> Maker:
        assert name not in FIXTURES, name
        FIXTURES[name] = maker
        return maker

    return put


@cache
def kinds() -> tuple[str, ...]:
    """The names of all fixtures."""
    for module in MODULES:
        import_module(f"tests.checkpoints.fixtures_{module}")
    return tuple(FIXTURES)


@cache
def _room() -> Path:
    room = Path(tempfile.mkdtemp(prefix="dgm-fixtures-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    return room


@cache
def made(name: str) -> Path:
    """Where the fixture of this name lies; it is made at the first call."""
    assert name in kinds(), f"no fixture {name}; there are {', '.join(kinds())}"
    folder = _room() / name
    folder.mkdir()
    return FIXTURES[name](folder)
