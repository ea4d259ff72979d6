"""The difference of two checkpoints, or of two copies of the weights in one, tensor by tensor and in all."""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass

import numpy as np

from dgm_studio.checkpoints.candidates.weight_sets import weight_sets
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import Difference, RefusedFile, TensorDifference, WeightSet

CHUNK = 1 << 20
"""Numbers that are compared between two steps."""


@dataclass
class _Sums:
    """Running sums over the entries that are finite in both."""

    first: float = 0.0
    second: float = 0.0
    between: float = 0.0
    product: float = 0.0
    largest: float = 0.0
    equal: bool = True

    def add(self, one: Array, two: Array) -> None:
        a, b = one.astype(np.float64), two.astype(np.float64)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        self.equal &= bool(same.all())
        finite = np.isfinite(a) & np.isfinite(b)
        a, b = a[finite], b[finite]
        change = b - a
        self.first += float(a @ a)
        self.second += float(b @ b)
        self.product += float(a @ b)
        self.between += float(change @ change)
        self.largest = max(self.largest, float(np.abs(change).max(initial=0.0)))

    def join(self, other: _Sums) -> None:
        self.first += other.first
        self.second += other.second
        self.product += other.product
        self.between += other.between
        self.largest = max(self.largest, other.largest)

    @property
    def norm(self) -> float:
        return math.sqrt(self.between)

    @property
    def relative(self) -> float:
        if self.first > 0:
            return math.sqrt(self.between / self.first)
        return math.inf if self.between > 0 else 0.0

    @property
    def cosine(self) -> float:
        both = math.sqrt(self.first) * math.sqrt(self.second)
        return min(1.0, max(-1.0, self.product / both)) if both > 0 else math.nan


def difference(
    first: Opened, second: Opened, weights: tuple[str, str] = ("", "")
) -> Generator[TensorDifference | None, None, Difference]:
    """Compare name by name, in the order of the first; a row is yielded when its tensor is done, None in the middle of
    a large one, so that whoever asks can stop anywhere.

    `weights` choose the copies; by default those of one id in both files (averages before raw ones). RefusedFile where
    a file has no such copy, or cannot be read any more.
    """
    one, two = _chosen(first, second, weights)
    shared = [name for name in one.names if name in two.names]
    shapes = []
    rows = []
    total, equal = _Sums(), 0
    for name in shared:
        here, there = first.tensors[one.names[name]], second.tensors[two.names[name]]
        if here.shape != there.shape:
            shapes.append((name, here.shape, there.shape))
            continue
        sums = _Sums()
        a = np.asarray(first.read(one.names[name])).reshape(-1)
        b = np.asarray(second.read(two.names[name])).reshape(-1)
        for start in range(0, len(a), CHUNK):
            if start:
                yield None
            sums.add(_real(a[start : start + CHUNK]), _real(b[start : start + CHUNK]))
        total.join(sums)
        equal += sums.equal
        rows.append(TensorDifference(name, here.shape, sums.norm, sums.relative, sums.largest, sums.cosine))
        yield rows[-1]
    return Difference(
        first=f"{first.path.name}: {one.title[:1].lower()}{one.title[1:]}",
        second=f"{second.path.name}: {two.title[:1].lower()}{two.title[1:]}",
        rows=tuple(rows),
        only_first=tuple(name for name in one.names if name not in two.names),
        only_second=tuple(name for name in two.names if name not in one.names),
        shapes=tuple(shapes),
        norm=total.norm,
        relative=total.relative,
        largest=total.largest,
        cosine=total.cosine,
        equal=equal,
    )


def _chosen(first: Opened, second: Opened, weights: tuple[str, str]) -> tuple[WeightSet, WeightSet]:
    ours, theirs = _by_id(first), _by_id(second)
    common = next((name for name in ours if name in theirs), "")
    return (
        _of(ours, weights[0] or common or next(iter(ours)), first),
        _of(theirs, weights[1] or common or next(iter(theirs)), second),
    )


def _by_id(opened: Opened) -> Mapping[str, WeightSet]:
    """Its copies; all tensors under their own names where there is none."""
    found = {one.id: one for one in weight_sets(opened)}
    return found or {"all": WeightSet("all", "All tensors", {name: name for name in opened.tensors})}


def _of(sets: Mapping[str, WeightSet], name: str, opened: Opened) -> WeightSet:
    if name not in sets:
        known = ", ".join(f"'{one}'" for one in sets)
        raise RefusedFile("E12", f"'{opened.path.name}' has no weights '{name}'. Choose among {known}.")
    return sets[name]


def _real(values: Array) -> Array:
    """Complex numbers as pairs."""
    return values.view(values.real.dtype) if np.iscomplexobj(values) else values
