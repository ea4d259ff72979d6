"""Views: ONE FILE, ONE PICTURE OF A MODEL as numpy arrays. `gui/layers/NAME.py` paints what the view NAME computes.

A view needs a capability (its card's `needs`), takes a frozen core.ask.Ask, and yields often (every 50 ms at most),
so that looking can be interleaved with training. It draws from its scene's own generators: looking never changes a
run. To add one: a file with `VIEW = MyView()`.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.lab.views.view import View


@cache
def views() -> dict[str, View]:
    """Every view by id."""
    return discover(sys.modules[__name__], "VIEW")
