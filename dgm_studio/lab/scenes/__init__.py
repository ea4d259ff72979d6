"""Small scenes: ONE FILE, ONE SCENE of the lectures that belongs to no family alone, computed without a window.

A scene draws round after round of repetitions, so that its error bars shrink, beside an answer known in closed form,
and says what it shows as a core.sketch.Sketch. To add one: a file with `SCENE = MyScene` (a subclass of
small_scene.SmallScene). The panel's list, its form and the tests over all scenes follow from the declaration.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.lab.scenes.small_scene import SmallScene


@cache
def scenes() -> dict[str, type[SmallScene]]:
    """Every scene's class by id, in the order of the lectures."""
    found = discover(sys.modules[__name__], "SCENE")
    return dict(sorted(found.items(), key=lambda one: one[1].place))
