"""Layers: ONE FILE, ONE THING DRAWN ON A STAGE. They only paint; `lab/views/NAME.py` computes what they show.

Lives here: `LAYER` classes, and the drawing they share (lens, lines, arrows, heat, contours, tails; line_* for data
on a line, where the stage is x against density; over_time: the layers of space and time, a stage of its own). May not
live here: numbers that a model should have given, widgets. To add one: a file with `LAYER = MyLayer`; nothing
is registered.
"""

from __future__ import annotations

import importlib
import pkgutil

from dgm_studio.gui.layers.layer import Layer


def layer_classes() -> dict[str, type[Layer]]:
    """Every layer's class by id, from the lowest to the topmost."""
    found: list[type[Layer]] = []
    for info in pkgutil.iter_modules(__path__):
        made = getattr(importlib.import_module(f"{__name__}.{info.name}"), "LAYER", None)
        if made is not None:
            found.append(made)
    return {made.id: made for made in sorted(found, key=lambda made: made.z)}
