"""The watcher: pictures for the visible asks, the cheap and the sampled ones often, the costly ones in their turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dgm_studio.core.ask import Ask
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.core.reports import Picture, Refusal, Report
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views

ROUND_SECONDS = 0.03
"""A round shows so much that it lasts about this long, from the moment it begins."""

WEIGHTS = {"samples": 4.0, "density": 2.0}
"""Shares of the views' time; samples are what a class looks at, and the density after them."""

TOGETHER = {"coverage": "distance"}
"""Views that are shown in the same round because they share what is costly."""

Moment = object


class Watcher:
    """`asks` may be replaced at any time. Each view has its fair share of the time that views get, slice by slice: what
    costs ten times as much comes a tenth as often and holds nothing else up. What a person has just asked for begins
    first."""

    def __init__(self, asks: tuple[Ask, ...]) -> None:
        self._asks = asks
        self._shown: dict[str, tuple[Ask, Moment]] = {}
        self._spent: dict[str, float] = {}
        self._scene: tuple[Moment, Scene] | None = None
        self._begun: dict[str, Iterator[Report | None]] = {}
        self._forgotten = 0

    @property
    def asks(self) -> tuple[Ask, ...]:
        """What is to be shown; asked for again after it was not, it is shown again: its layer may have let go."""
        return self._asks

    @asks.setter
    def asks(self, asks: tuple[Ask, ...]) -> None:
        self._asks = asks
        wanted = {ask.key for ask in asks}
        self._shown = {key: shown for key, shown in self._shown.items() if key in wanted}

    @property
    def busy(self) -> bool:
        """Whether a picture is unfinished: the scene it is of must stay as it is."""
        return bool(self._begun)

    def forget(self) -> None:
        """Everything is to be shown anew, of a new scene; the round under way ends without another picture."""
        self._shown, self._begun = {}, {}
        self._scene = None
        self._forgotten += 1

    def round(self, moment: Moment, scene: Callable[[], Scene]) -> Iterator[Report | None] | None:
        """Pictures of `scene()` for asks that are unseen at this `moment` (anything comparable), None if all are seen.
        A picture that was begun at an earlier moment goes on with the scene of that moment."""
        if not self._begun and not self._stale(moment):
            return None
        if self._scene is None or self._scene[0] != moment:
            self._scene = (moment, scene())
        return self._pictures(moment, self._scene[1], self._forgotten)

    def _stale(self, moment: Moment) -> list[Ask]:
        return [ask for ask in self.asks if self._shown.get(ask.key) != (ask, moment)]

    def _pictures(self, moment: Moment, scene: Scene, forgotten: int) -> Iterator[Report | None]:
        total, done = 0.0, set[str]()
        while total <= ROUND_SECONDS and forgotten == self._forgotten:
            if (group := self._next(moment, done)) is None:
                return
            # Re-read the asks at each slice: while a dial is dragged the newest is what must be shown next.
            slices = self._begun.setdefault(group, self._group_pictures(group, moment, scene))
            least = min(self._spent.values(), default=0.0)
            start = time.perf_counter()
            try:
                report = next(slices)
            except StopIteration:
                self._begun.pop(group, None)
                done.add(group)
                continue
            except BaseException:
                self._begun.pop(group, None)
                raise
            finally:
                charge = (time.perf_counter() - start) / WEIGHTS.get(group, 1.0)
                self._spent[group] = self._spent.get(group, least) + charge
                total += charge
            yield report

    def _next(self, moment: Moment, done: set[str]) -> str | None:
        """The group whose turn it is: one with an ask never shown, else the one that has had the least time."""
        stale = [ask for ask in self._stale(moment) if _group(ask) not in done]
        fresh = [_group(ask) for ask in stale if self._shown.get(ask.key, (None,))[0] != ask]
        waiting = [group for group in fresh if group not in self._begun]
        if waiting:
            return waiting[0]
        groups = dict.fromkeys((*self._begun, *map(_group, stale)))
        return min(groups, key=lambda group: self._spent.get(group, 0.0), default=None)

    def _group_pictures(self, group: str, moment: Moment, scene: Scene) -> Iterator[Report | None]:
        """The group's pictures of one scene; one that is no longer asked for is given up."""
        for ask in [one for one in self._stale(moment) if _group(one) == group]:
            self._shown[ask.key] = (ask, moment)
            for report in show(scene, ask):
                if ask not in self.asks:
                    if self._shown.get(ask.key) == (ask, moment):
                        del self._shown[ask.key]  # asked for again, it is shown: it never was
                    break
                yield report


def _group(ask: Ask) -> str:
    return TOGETHER.get(ask.view, ask.view)


def _of_other_data(scene: Scene) -> str:
    """Why a view of points shows nothing of a text, and the reverse."""
    return f"{scene.model.card.title} learns from {scene.model.takes}: this is not shown of it."


def show(scene: Scene, ask: Ask) -> Iterator[Report | None]:
    """One picture: None at the end of each slice, then the Picture, or a Refusal with its reason."""
    view = pick(views(), ask.view, "view")
    reason = view.refuses(scene, ask) if scene.model.takes == view.takes else _of_other_data(scene)
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
        yield Picture(ask, scene.step, shown.arrays, shown.numbers, shown.note, shown.labels, shown.lines)
    except Refused as refusal:
        yield Refusal(ask, str(refusal))
