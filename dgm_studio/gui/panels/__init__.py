"""Panels: ONE FILE (or folder), ONE ROOM OF THE WINDOW. A panel appears in the rail when it works, not before.

Lives here: compositions of a form, a stage, read-outs and a transport bar. May not live here: painting (layers/),
single controls (widgets/), numbers (the worker gives them). To add one: a module with `PANEL = MyPanel`.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dgm_studio.gui.panels.panel import Panel


def panel_classes() -> dict[str, type[Panel]]:
    """Every panel's class by id, in the order of the rail."""
    found: list[type[Panel]] = []
    for info in pkgutil.iter_modules(__path__):
        made = getattr(importlib.import_module(f"{__name__}.{info.name}"), "PANEL", None)
        if made is not None:
            found.append(made)
    return {made.id: made for made in sorted(found, key=lambda made: made.place)}
