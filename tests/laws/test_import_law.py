"""The arrows of import (DESIGN.md): the compute tower never meets Qt, the window tower never torch."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.modules import HOUSE, Module, modules

ROOF = {"dgm_studio.cli", "dgm_studio.__main__", "dgm_studio.app", "dgm_studio.wake", "dgm_studio"}
TORCH = {"torch", "safetensors"}
QT = {"PySide6", "shiboken6", "pyqtgraph"}

ROOMS: dict[str, set[str]] = {
    "core": set(),
    "data": {"core"},
    "export": {"core"},
    "engine": {"core"},
    "paths": {"core", "data"},
    "nets": {"core"},
    "measures": {"core", "data", "nets"},  # discriminators and critics are ways to a measure
    "solvers": {"core", "data", "paths"},
    "families": {"core", "data", "measures", "nets", "paths", "solvers"},
    "checkpoints": {"core", "data", "nets", "paths", "solvers", "families"},
    "lab": {
        "core", "data", "measures", "nets", "paths", "solvers", "families", "checkpoints", "engine", "export",
    },
    "gui": {"core", "engine", "export"},
}  # fmt: skip
"""Which rooms a room may import, beside itself."""

LIBRARIES: dict[str, set[str]] = {
    "core": {"numpy"},
    # Pillow sets the letters of a word and reads silhouettes; scipy.special, imported where it is used, has quantiles.
    "data": {"numpy", "PIL", "scipy"},
    "export": {"numpy", "PIL", "av"},
    "engine": {"numpy"},
    "paths": {"numpy", "torch"},
    "nets": {"numpy", "torch"},
    "measures": {"numpy", "torch", "scipy", "ot"},  # both imported where they are called
    "solvers": {"numpy", "torch"},
    "families": {"numpy", "torch", "scipy"},  # scipy: exact minibatch transport, imported where it is chosen
    # The optional libraries are imported where a checkpoint of theirs is rebuilt.
    "checkpoints": {"numpy", *TORCH, "diffusers", "transformers", "tokenizers", "onnxruntime"},
    "lab": {"numpy", "PIL", "tqdm", "scipy", *TORCH},
    "gui": {"numpy", "PIL", "platformdirs", *QT},
}
"""Which libraries a room may import, beside the standard one."""

WITHOUT_TORCH = {"core", "data", "export", "engine", "gui"}
WITHOUT_QT = set(ROOMS) - {"gui"}


def outside(module: Module) -> set[str]:
    """The libraries a module imports."""
    tops = {name.split(".")[0] for name in module.imports}
    return tops - set(sys.stdlib_module_names) - {"dgm_studio"}


def rooms_of(module: Module) -> set[str]:
    """The other rooms a module imports; a roof file counts under its own name."""
    parts = [name.split(".") for name in module.imports if name.startswith("dgm_studio.")]
    return {own[1] for own in parts} - {module.room, "__version__"}


@pytest.mark.parametrize("module", [m for m in modules() if m.room], ids=lambda m: m.name)
def test_arrows_point_downwards(module: Module) -> None:
    assert module.room in ROOMS, f"{module.room} is a room nobody designed"
    assert rooms_of(module) <= ROOMS[module.room]
    assert outside(module) <= LIBRARIES[module.room]


def test_the_rooms_have_no_circle() -> None:
    seen: set[str] = set()
    while ready := {room for room, below in ROOMS.items() if below <= seen} - seen:
        seen |= ready
    assert seen == set(ROOMS)


def test_the_table_keeps_the_towers_apart() -> None:
    assert all(not LIBRARIES[room] & TORCH for room in WITHOUT_TORCH)
    assert all(not LIBRARIES[room] & QT for room in WITHOUT_QT)
    assert not ROOMS["gui"] & {"lab", "families", "checkpoints"}
    assert "gui" not in ROOMS["lab"]


@pytest.mark.parametrize("room", sorted(WITHOUT_TORCH - {"gui"}))
def test_rooms_below_the_window_load_no_torch(room: str) -> None:
    assert not loaded([m.name for m in modules() if m.room == room]) & (TORCH | QT)


READERS = [m for m in modules() if m.room == "checkpoints" and ".rebuild" not in m.name]
"""What looks into files of others: all of the room but what runs them."""


@pytest.mark.parametrize("module", READERS, ids=lambda m: m.name)
def test_readers_of_checkpoints_need_numpy_alone(module: Module) -> None:
    assert outside(module) <= {"numpy"}
    assert rooms_of(module) <= {"core"}
    assert not any(name.startswith("dgm_studio.checkpoints.rebuild") for name in module.imports)


def test_readers_of_checkpoints_load_no_torch() -> None:
    assert len(READERS) > 40
    assert not loaded([m.name for m in READERS]) & (TORCH | QT | {"scipy", "PIL"})


def test_only_the_roof_knows_both_towers() -> None:
    for module in modules():
        if not module.room:
            assert module.name in ROOF
        both = {"gui", "lab"} <= rooms_of(module)
        assert not both or module.name in ROOF


def loaded(names: list[str]) -> set[str]:
    """The top-level modules that stand in sys.modules after a fresh interpreter imported `names`."""
    code = (
        "import importlib, json, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    return set(json.loads(python("-c", code).stdout))


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter at the house's door, which must end well."""
    done = subprocess.run([sys.executable, *arguments], cwd=HOUSE, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    return done


def test_the_window_never_loads_torch() -> None:
    names = [module.name for module in modules() if module.room == "gui"]
    assert len(names) > 20
    found = loaded(names)
    assert "PySide6" in found
    assert not found & TORCH


def test_the_compute_tower_never_loads_qt() -> None:
    found = loaded([module.name for module in modules() if module.room in WITHOUT_QT])
    assert "torch" in found
    assert not found & QT


@pytest.mark.parametrize("verb", ["list", "train"])
def test_the_command_line_never_loads_qt(verb: str, tmp_path: Path) -> None:
    words = {
        "list": ["list", "data", "--json"],
        "train": [
            "train",
            "gan",
            "--steps",
            "2",
            "--set",
            "width=8",
            "--out",
            str(tmp_path / "a.safetensors"),
        ],
    }[verb]
    code = (
        "import sys\nfrom dgm_studio.cli import main\n"
        f"code = main({words!r})\n"
        f"assert not set({sorted(QT)!r}) & set(sys.modules), 'Qt was loaded'\n"
        "sys.exit(code)"
    )
    python("-c", code)


def test_discovery_walks_only_rooms_that_exist() -> None:
    for room in sorted({m.room for m in modules()} - {""}):
        assert importlib.util.find_spec(f"dgm_studio.{room}") is not None, f"{room} has no __init__.py"
