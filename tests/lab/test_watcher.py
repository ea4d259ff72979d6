"""The watcher: every ask that stands is answered, whatever came between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dgm_studio.core.ask import Ask
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.watcher import Watcher


def shown(watcher: Watcher, scene: Callable[[], Scene]) -> list[Ask]:
    """The asks that get a picture until nothing is left to show."""
    found = []
    while (pictures := watcher.round(0, scene)) is not None:
        found += [report.ask for report in pictures if isinstance(report, Picture)]
    return found


def test_an_ask_given_up_and_asked_for_again_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.lab.watcher.ROUND_SECONDS", 1e9)
    scene = Run(Recipe("diffusion")).scene
    small, large = (Ask("density", resolution=32, box=(-1.0, 1.0, -1.0, k)) for k in (1.0, 2.0))
    watcher = Watcher((small,))
    pictures = watcher.round(0, scene)
    assert pictures is not None
    assert next(pictures) is None, "one slice: the picture is begun, not done"
    watcher.asks = (large,)
    assert list(pictures) == [], "the small picture is given up"
    watcher.asks = (small,)
    assert small in shown(watcher, scene)
