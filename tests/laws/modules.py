"""Every module of the house with what it imports, read from its syntax tree."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import dgm_studio

ROOT = Path(dgm_studio.__file__).parent
HOUSE = ROOT.parent


@dataclass(frozen=True)
class Module:
    """`room` is the first folder under dgm_studio, "" for the roof; `name` and `imports` are dotted."""

    name: str
    path: Path
    room: str
    imports: frozenset[str]


@cache
def modules() -> tuple[Module, ...]:
    """All modules of dgm_studio."""
    found = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        dotted = parts[:-1] if parts[-1] == "__init__" else parts
        room = parts[1] if len(parts) > 2 else ""
        found.append(Module(".".join(dotted), path, room, frozenset(_imports(path, parts[:-1]))))
    return tuple(found)


def _imports(path: Path, package: tuple[str, ...]) -> set[str]:
    """Dotted names, also of imports inside functions and under TYPE_CHECKING."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            # `from dgm_studio import lab` names a room just as `import dgm_studio.lab` does.
            names |= {f"{module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            literals = [one.value for one in node.args if isinstance(one, ast.Constant)]
            names |= {name for name in literals if isinstance(name, str)}
    return names


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))
