"""Captured tensors as plates: small plain arrays that a window can paint."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.reports import Plate
from dgm_studio.families.tracer import Buffer, Call

POINTS, GROUND, ARROWS = 1_000, 1_500, 90
"""Points of a plate, of the cloud behind them, and arrows among which one can still see each."""

BINS = 41
SIDE = 64
"""Rows and columns of a matrix that are pictured at most."""
CALLS = 3
FEW, LISTED = 64, 16
"""Numbers of a family, of a tensor, that are shown one by one as bars."""


def arrays_of(title: str, points: Tensor, note: str, ground: Tensor | None, tint: str = "data") -> Plate:
    """Rows as points in the plane; one column as a histogram, more than two as a matrix."""
    if points.ndim == 2 and points.shape[1] == 2:
        arrays = {"points": _rows(points, POINTS)}
        if ground is not None:
            arrays["ground"] = _rows(ground, GROUND)
        return Plate("points", title, arrays, note, tint=tint)
    if points.ndim == 1 or points.shape[1] == 1:
        return histogram(title, points, note, "")
    return tensor_plate(title, points, note, True)


def call_plates(calls: Sequence[Call], miss: Tensor | None) -> list[Plate]:
    """What the networks were given and what they answered: all calls where they are few, else the first of each."""
    first = {call.name: call for call in reversed(calls)}
    chosen = calls if len(calls) <= CALLS or len(first) == 1 else [one for one in calls if one is first[one.name]]
    return [_call_plate(call, calls, miss) for call in chosen[:CALLS]]


def _call_plate(call: Call, calls: Sequence[Call], miss: Tensor | None) -> Plate:
    given, answer = call.given, call.answer
    rows = len(given) == len(answer) if answer.ndim and given.ndim else False
    plane = given.ndim == 2 and given.shape[1] == 2 and rows
    what = f"First input and output of {call.name}, {call.weights:,} weights."
    if plane and answer.shape == given.shape and miss is not None and miss.shape == answer.shape:
        arrays = {name: _rows(one, ARROWS) for name, one in
                  (("points", given), ("answer", answer), ("target", answer - miss))}  # fmt: skip
        return Plate("points", f"{call.name}: answer and target", arrays, "answer orange, target dashed", what, "data")
    if plane and answer.numel() == len(given):
        # One scale for all calls of the network: data and fakes can be compared.
        own = [one.answer for one in calls if one.name == call.name]
        low, high = min(float(one.min()) for one in own), max(float(one.max()) for one in own)
        arrays = {"points": _rows(given, POINTS), "values": _rows(answer.flatten(), POINTS)}
        arrays["range"] = frozen(np.array([low, high]))
        return Plate("points", f"{call.name}: its answer as colour", arrays, f"{low:.2g} to {high:.2g}", what)
    if answer.ndim == 2 and answer.shape[1] == 2:
        made = arrays_of(f"{call.name}: what comes out", answer, f"{len(answer):,} points", None, "sample")
        return Plate(made.kind, made.title, made.arrays, made.note, what, "sample")
    flat = answer.reshape(len(answer), -1) if answer.ndim > 1 else answer
    return tensor_plate(f"{call.name}: what comes out", flat, "a row an example", True, what)


def histogram(title: str, values: Tensor, note: str, help_text: str, *, before: Tensor | None = None) -> Plate:
    """Counts over equal bins; with `before` those of the same numbers earlier, over the same bins."""
    flat = _finite(values)
    both = flat if before is None else np.concatenate([flat, _finite(before)])
    edges = np.histogram_bin_edges(both, BINS) if len(both) else np.linspace(0.0, 1.0, BINS + 1)
    arrays = {"edges": frozen(edges), "counts": frozen(np.histogram(flat, edges)[0])}
    if before is not None:
        arrays["before"] = frozen(np.histogram(_finite(before), edges)[0])
    return Plate("histogram", title, arrays, note, help_text)


def tensor_plate(title: str, tensor: Tensor, note: str, whole: bool, help_text: str = "") -> Plate:
    """A tensor number by number where it is `whole` and a matrix (its upper left 64 x 64), else its histogram."""
    shape = " × ".join(str(size) for size in tensor.shape)
    help_text = f"{help_text}\n{title}, {shape}".strip()
    if whole and tensor.ndim == 2:
        cut = tensor[:SIDE, :SIDE].float()
        if tensor.shape[0] > 2 * tensor.shape[1]:
            cut, help_text = cut.T, f"{help_text}, lying"
        if max(tensor.shape) > SIDE:
            help_text += f"; the first {min(SIDE, tensor.shape[0])} × {min(SIDE, tensor.shape[1])} are shown"
        return Plate("matrix", title, {"matrix": frozen(cut.numpy())}, note, help_text)
    if 0 < tensor.numel() <= LISTED:
        return bars(title, tensor.double().flatten().numpy(), note, help_text)
    return histogram(title, tensor, note, help_text)


def bars(title: str, values: Array, note: str, help_text: str, before: Array | None = None) -> Plate:
    """One bar a number."""
    arrays = {"values": frozen(values)} | ({"before": frozen(before)} if before is not None else {})
    return Plate("bars", title, arrays, note, help_text)


def curve(title: str, steps: Array, values: Array, note: str) -> Plate:
    """A scalar over the last steps, the present one marked."""
    return Plate(
        "curve", title, {"steps": frozen(steps), "values": frozen(values)}, note, "The last mark is this beat."
    )


def buffer_plate(one: Buffer) -> Plate:
    """A family's own numbers before and after: few as bars, many as histograms over each other."""
    change = float(torch.linalg.vector_norm(one.after.double() - one.before.double()))
    note = f"change {change:.2g}"
    if one.after.numel() <= FEW:
        after, before = (tensor.double().flatten().numpy() for tensor in (one.after, one.before))
        return bars(plain(one.name), after, note, "Outline: before.", before)
    return histogram(plain(one.name), one.after, note, "Outline: before.", before=one.before)


def plain(name: str) -> str:
    """A buffer's name as words."""
    return name.replace("_", " ")


def _rows(tensor: Tensor, most: int) -> Array:
    """At most so many rows, evenly taken, as float32."""
    stride = max(1, -(-len(tensor) // most))
    return frozen(tensor.detach().cpu()[::stride].float().numpy())


def _finite(values: Tensor) -> Array:
    flat = values.detach().double().cpu().flatten().numpy()
    return np.asarray(flat[np.isfinite(flat)])
