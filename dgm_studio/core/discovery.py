"""Discovery: a new file in a room is found by walking the package, nothing is registered by hand."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def discover(package: ModuleType, attribute: str) -> dict[str, Any]:
    """{card.id: thing} for every module of `package` that defines `attribute`; two of one id is a programming error."""
    found: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        thing = getattr(importlib.import_module(f"{package.__name__}.{info.name}"), attribute, None)
        if thing is None:
            continue
        if thing.card.id in found:
            raise TypeError(f"{package.__name__}.{info.name}: the id '{thing.card.id}' is taken.")
        found[thing.card.id] = thing
    return found
