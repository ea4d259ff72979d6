"""Running the optimal transport scene in tests."""

from __future__ import annotations

from typing import Any

from dgm_studio.core.knobs import fill
from dgm_studio.core.sketch import Sketch
from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.optimal_transport import Knobs, OptimalTransport


def after(rounds: int, seed: int = 0, **knobs: Any) -> tuple[OptimalTransport, Sketch]:
    """The scene with these knobs after so many rounds."""
    scene = OptimalTransport(fill(Knobs, knobs), seed)
    for _ in range(rounds):
        finish(scene.round())  # type: ignore[arg-type]
    return scene, scene.sketch()


def read(sketch: Sketch, name: str) -> tuple[float | None, float | None]:
    """The reading whose name begins so: value and exact."""
    (found,) = (one for one in sketch.readings if one.name.startswith(name))
    return found.value, found.exact
