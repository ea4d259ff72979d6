"""The watcher: pictures of one scene for the visible asks, each computed once a scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dgm_studio.core.ask import Ask
from dgm_studio.core.names import pick
from dgm_studio.core.reports import Picture, Refusal, Report
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views


class Watcher:
    """`asks` may be replaced at any time; within a round the newest asks count, the scene stays."""

    def __init__(self, asks: tuple[Ask, ...]) -> None:
        self.asks = asks
        self._shown: tuple[tuple[Ask, ...], object] | None = None

    def forget(self) -> None:
        """Everything is to be shown anew."""
        self._shown = None

    def round(self, moment: object, scene: Callable[[], Scene]) -> Iterator[Report | None] | None:
        """A round of pictures of `scene()` where asks are unseen at this `moment` (anything comparable), else None."""
        if not self.asks or self._shown == (self.asks, moment):
            return None
        seen, at = self._shown or ((), None)
        return self._pictures(scene(), moment, set(seen) if at == moment else set())

    def _pictures(self, scene: Scene, moment: object, done: set[Ask]) -> Iterator[Report | None]:
        # Re-read the asks after each picture: while a dial is dragged the newest is what must be shown next.
        while (ask := next((one for one in self.asks if one not in done), None)) is not None:
            done.add(ask)
            yield from show(scene, ask)
        self._shown = (self.asks, moment)


def show(scene: Scene, ask: Ask) -> Iterator[Report | None]:
    """One picture: None at the end of each slice, then the Picture, or at once a Refusal with its reason."""
    view = pick(views(), ask.view, "view")
    reason = view.refuses(scene, ask)
    if reason:
        yield Refusal(ask, reason)
        return
    slow = view.compute(scene, ask)
    try:
        while True:
            next(slow)
            yield None
    except StopIteration as stop:
        shown = stop.value
        yield Picture(ask, scene.step, shown.arrays, shown.numbers, shown.note)
