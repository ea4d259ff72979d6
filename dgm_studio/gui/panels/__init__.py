"""Panels: ONE FOLDER, ONE ROOM OF THE WINDOW. A panel appears in the rail when it works, not before.

Lives here: compositions of a form, a stage, read-outs and a transport bar. May not live here: painting (layers/),
single controls (widgets/), numbers (the worker gives them). To add one: a folder whose `__init__.py` has a `SIGN` and
imports nothing of the panel (the first paint does not wait for rooms nobody is in), and whose `panel.py` has
`PANEL = MyPanel`.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from dgm_studio.gui.panels.sign import Sign

if TYPE_CHECKING:
    from dgm_studio.gui.panels.panel import Panel


def signs() -> dict[str, Sign]:
    """Every panel's sign by id, in the order of the rail."""
    rooms = [info.name for info in pkgutil.iter_modules(__path__) if info.ispkg]
    found: list[Sign] = [importlib.import_module(f"{__name__}.{name}").SIGN for name in rooms]
    return {sign.id: sign for sign in sorted(found, key=lambda sign: sign.place)}


def panel_class(name: str) -> type[Panel]:
    """The class of the panel with this id."""
    found: type[Panel] = importlib.import_module(f"{__name__}.{name}.panel").PANEL
    return found
