"""The shelf: pictures of a film's model that have come, so that scrubbing back needs no worker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Picture, Refusal

MOST_BYTES = 64 * 2**20
REFUSAL_BYTES = 200


class Shelf:
    """Pictures and refusals by their ask, up to MOST_BYTES; what was looked at last is kept longest."""

    def __init__(self) -> None:
        self._held: OrderedDict[Ask, Picture | Refusal] = OrderedDict()
        self.nbytes = 0

    def put(self, one: Picture | Refusal) -> None:
        """Keep it."""
        before = self._held.pop(one.ask, None)
        self.nbytes += _size(one) - (_size(before) if before is not None else 0)
        self._held[one.ask] = one
        while self.nbytes > MOST_BYTES and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self.nbytes -= _size(gone)

    def has(self, ask: Ask) -> bool:
        """Whether exactly this has come."""
        return ask in self._held

    def find(self, ask: Ask, resolutions: Iterable[int] = ()) -> Picture | Refusal | None:
        """What answers the ask, else the same at another of the resolutions, else None."""
        for wanted in (ask, *(replace(ask, resolution=other) for other in resolutions)):
            if wanted in self._held:
                self._held.move_to_end(wanted)
                return self._held[wanted]
        return None

    def missing(self, asks: Iterable[Ask]) -> tuple[Ask, ...]:
        """What still has to be asked for."""
        return tuple(ask for ask in asks if ask not in self._held)

    def clear(self) -> None:
        """Another film: nothing of it is known."""
        self._held.clear()
        self.nbytes = 0


def _size(one: Picture | Refusal) -> int:
    if isinstance(one, Refusal):
        return REFUSAL_BYTES
    return REFUSAL_BYTES + sum(array.nbytes for array in one.arrays.values())
