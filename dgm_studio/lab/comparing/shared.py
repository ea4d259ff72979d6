"""References that several films share: computed once, slice by slice, by whichever of them has its turn."""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Generator
from typing import Any

from torch import Tensor

from dgm_studio.lab.comparing.noises import PATH, noise_kind
from dgm_studio.lab.comparing.reference import FINER, Reference, Walked, reference

KEPT = 8
"""References that are kept: those of two comparisons."""


class References:
    """Films of one field (its numbers, not the object: each film freezes a copy of the model) from one start have one
    reference, along a Brownian path those of one solver, times and seed."""

    def __init__(self) -> None:
        self._held: dict[object, _Growing] = {}
        self.computed = 0
        """How many were begun."""

    def get(self, walked: Walked, finer: int = FINER) -> Generator[None, None, Reference]:
        """See lab.comparing.reference. Whoever asks while it grows lets it grow, so that it goes on where the film that
        began it is cancelled."""
        key = (*_content(walked), *_of_path(walked, finer))
        if key not in self._held:
            self._held = dict(list(self._held.items())[1 - KEPT :])
            self._held[key] = _Growing(lambda: reference(walked, finer))
            self.computed += 1
        return (yield from self._held[key].grown())


class _Growing:
    def __init__(self, make: Callable[[], Generator[None, None, Reference]]) -> None:
        self._work = make()
        self._found: Reference | None = None
        self._failure: Exception | None = None

    def grown(self) -> Generator[None, None, Reference]:
        while self._found is None:
            if self._failure is not None:
                raise self._failure
            try:
                next(self._work)
            except StopIteration as stop:
                self._found = stop.value
            except Exception as failure:  # noqa: BLE001  # it befalls all who wait for it
                self._failure = failure
            else:
                yield
        return self._found


def _of_path(walked: Walked, finer: int) -> tuple[object, ...]:
    """What the reference of an SDE hangs on beside field and start; of an ODE the ends of the times."""
    if noise_kind(walked.solver) == PATH:
        return walked.solver, walked.seed, walked.count, finer, tuple(walked.times.tolist())
    return noise_kind(walked.solver), float(walked.times[0]), float(walked.times[-1])


def _content(walked: Walked) -> tuple[object, object]:
    """Digests of all numbers of the field (weights, labels, guidance scale, data, path) and of the start."""
    return _digest(walked.field), _digest(walked.start)


def _digest(thing: object) -> object:
    """The same of equal things; of what cannot be written down one of its own."""
    written = io.BytesIO()
    try:
        _Numbers(written, protocol=5).dump(thing)
    except (pickle.PicklingError, TypeError, AttributeError, RuntimeError):
        return object()
    return hashlib.blake2b(written.getbuffer(), digest_size=16).digest()


class _Numbers(pickle.Pickler):
    """Writes tensors by their numbers, where pickle would name the memory that they lie in."""

    def reducer_override(self, thing: Any) -> Any:
        """See pickle."""
        if isinstance(thing, Tensor):
            numbers = thing.detach().cpu().contiguous()
            return bytes, (str((thing.dtype, tuple(thing.shape))).encode() + numbers.numpy().tobytes(),)
        return NotImplemented
