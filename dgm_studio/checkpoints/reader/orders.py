"""Orders: what the reader can be told to do, each a generator that yields answers (or None, to let others work)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.source import Source, user_path
from dgm_studio.checkpoints.reader.exporting import exporting
from dgm_studio.checkpoints.reader.frames import Frame
from dgm_studio.checkpoints.reader.matrix_views import filters, heat_map, rank, singular_values
from dgm_studio.checkpoints.reader.statistics import histogram, measured, not_finite
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import ERROR, Finding, RefusedFile
from dgm_studio.core.inspection_json import difference_to, entry_to, finding_to, inspection_to, stats_to, totals_to

BATCH = 200
LARGEST_PICTURE = 4_096
HASHED = 1 << 24
NAMED = 3

Steps = Generator[Frame | None, None, Frame]
Told = Mapping[str, Any]


class Order(NamedTuple):
    """`begin` starts it; one in the `background` waits while there is any other; no single step may last longer than
    `seconds`."""

    begin: Callable[[Files, Told], Steps]
    background: bool = False
    seconds: float = 60.0


@dataclass
class Files:
    """The opened files by their number, and what was concluded of them."""

    opened: dict[int, Opened] = field(default_factory=dict)
    examined: dict[int, Any] = field(default_factory=dict)
    last: int = 0

    def of(self, told: Told, key: str = "file") -> Opened:
        """The file an order names; Refused where it is not open (any more)."""
        found = self.opened.get(told.get(key, -1))
        if found is None:
            raise Refused("This file is not open any more. Open it again.")
        return found

    def tensor(self, told: Told) -> Array:
        """The tensor an order names."""
        opened = self.of(told)
        if told.get("name") not in opened.tensors:
            raise Refused("The file has no tensor of that name.")
        return opened.read(told["name"])


def _open(files: Files, told: Told) -> Steps:
    # Candidates are imported here: the reader says that it is ready before.
    from dgm_studio.checkpoints.candidates.judging import totals
    from dgm_studio.checkpoints.formats.opening import open_checkpoint

    opened = open_checkpoint(Path(told["path"]))
    files.last += 1
    number = files.last
    files.opened[number] = opened
    head = {
        "file": number,
        "kind": opened.kind,
        "title": opened.title,
        "path": str(opened.path),
        "size": opened.size,
        "files": list(opened.files),
        "totals": totals_to(totals(opened.tensors)),
        "findings": [finding_to(one) for one in opened.findings],
    }
    yield Frame({"is": "opened", **head})
    if told.get("judge", True):
        yield Frame({"is": "inspected", "file": number, "inspection": _examined(files, number, opened)})
    return Frame({"file": number})


def _judge(files: Files, told: Told) -> Steps:
    """What `open` left out, once the tensors are listed."""
    opened = files.of(told)
    yield None
    return Frame({"inspection": _examined(files, told["file"], opened)})


def _examined(files: Files, number: int, opened: Opened) -> dict[str, Any]:
    from dgm_studio.checkpoints.candidates.judging import examine

    files.examined[number] = examine(opened)
    return inspection_to(files.examined[number].inspection, tensors=False)


def _rows(files: Files, told: Told) -> Steps:
    entries = list(files.of(told).tensors.values())
    first = max(0, int(told.get("start", 0)))
    chosen = entries[first : first + int(told["count"])] if "count" in told else entries[first:]
    for start in range(0, len(chosen), BATCH):
        rows = [entry_to(one) for one in chosen[start : start + BATCH]]
        yield Frame({"is": "rows", "file": told["file"], "start": first + start, "rows": rows})
    return Frame({"count": len(chosen)})


def _stats(files: Files, told: Told) -> Steps:
    opened, strange = files.of(told), []
    names = sorted(_names(opened, told), key=lambda name: opened.tensors[name].nbytes)
    rows: list[list[Any]] = []
    size = 0
    for name in names:
        try:
            stats = yield from measured(name, opened.read(name))
        except RefusedFile as refusal:
            yield Frame({"is": "skipped", "name": name, "code": refusal.code, "text": refusal.sentence})
            continue
        if stats.nans or stats.infs:
            strange.append(name)
        rows.append(stats_to(stats))
        size += opened.tensors[name].nbytes
        if len(rows) == BATCH or size > 2**23:
            yield Frame({"is": "stats", "file": told["file"], "rows": rows})
            rows, size = [], 0
    if rows:
        yield Frame({"is": "stats", "file": told["file"], "rows": rows})
    return Frame({"count": len(names), "nans": strange, **_finding(not_finite(strange))})


def _verify(files: Files, told: Told) -> Steps:
    opened = files.of(told)
    names, rows = _names(opened, told), []
    bad, good = [], 0
    for name in names:
        try:
            holds = opened.verify(name)
        except RefusedFile:
            holds = False
        good += holds is True
        bad += [name] if holds is False else []
        rows.append([name, holds])
        yield None
        if len(rows) == BATCH:
            yield Frame({"is": "verified", "file": told["file"], "rows": rows})
            rows = []
    if rows:
        yield Frame({"is": "verified", "file": told["file"], "rows": rows})
    unchecked = len(names) - good - len(bad)
    return Frame({"good": good, "bad": bad, "unchecked": unchecked, **_finding(_broken(bad, len(names)))})


def _hash(files: Files, told: Told) -> Steps:
    source = Source(user_path(told["path"]))
    digest = hashlib.sha256()
    for at in range(0, source.size, HASHED):
        digest.update(source.array(at, min(HASHED, source.size - at)).data)
        yield Frame({"is": "progress", "done": min(at + HASHED, source.size), "of": source.size})
    return Frame({"sha256": digest.hexdigest(), "size": source.size})


def _program(files: Files, told: Told) -> Steps:
    """What a consent to run the file must name (R15)."""
    from dgm_studio.checkpoints.candidates.torch_program import contents

    opened = files.of(told)
    hashed = yield from _hash(files, {"path": str(opened.path)})
    return Frame({**hashed.head, "contents": list(contents(opened.kind, opened.tree))})


def _histogram(files: Files, told: Told) -> Steps:
    found = yield from histogram(files.tensor(told), _whole(told, "bins", 64))
    return Frame(found._asdict())


def _heatmap(files: Files, told: Told) -> Steps:
    rows, columns = _whole(told, "rows", 256), _whole(told, "columns", 256)
    found = heat_map(files.tensor(told), rows, columns, told.get("axes") == "last", int(told.get("index", 0)))
    yield None
    return _picture(found.values, found._asdict())


def _filters(files: Files, told: Told) -> Steps:
    array = files.tensor(told)
    yield None
    found = filters(array, _whole(told, "most", 64), int(told.get("channel", -1)))
    finite = found[np.isfinite(found)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    return _picture(found, {"of": list(array.shape), "low": low, "high": high})


def _singular(files: Files, told: Told) -> Steps:
    array = files.tensor(told)
    yield None
    values = yield from singular_values(array, min(50.0, float(told.get("seconds", 10))))
    figures = {"rank": rank(values, array.shape), "norm": float(np.sqrt(np.square(values).sum()))}
    return Frame({"values": values, **figures})


def _values(files: Files, told: Told) -> Steps:
    start, count = max(0, int(told.get("start", 0))), _whole(told, "count", LARGEST_PICTURE)
    array = files.tensor(told).reshape(-1)[start : start + count]
    yield None
    return Frame({"dtype": array.dtype.name, "shape": list(array.shape)}, array.tobytes())


def _difference(files: Files, told: Told) -> Steps:
    from dgm_studio.checkpoints.candidates.difference import difference

    weights = told.get("weights") or ("", "")
    second = files.of(told, "other") if "other" in told else files.of(told)
    steps = difference(files.of(told), second, (str(weights[0]), str(weights[1])))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return Frame({"difference": difference_to(end.value)})
        yield None


def _export(files: Files, told: Told) -> Steps:
    opened = files.of(told)
    names = {name: name for name in _names(opened, told)}
    if told.get("weights"):
        names = dict(files.examined[told["file"]].asked(told["weights"]).weights.names)
    steps = exporting(opened, names, Path(told["path"]))
    while True:
        try:
            done, of = next(steps)
        except StopIteration as end:
            found = end.value
            break
        except GeneratorExit:
            steps.close()
            raise
        yield Frame({"is": "progress", "done": done, "of": of})
    return Frame({**found._asdict(), "path": str(found.path)})


def _close(files: Files, told: Told) -> Steps:
    opened = files.opened.pop(told.get("file", -1), None)
    files.examined.pop(told.get("file", -1), None)
    if opened is not None:
        opened.close()
    yield None
    return Frame({})


def _names(opened: Opened, told: Told) -> Sequence[str]:
    """The tensors an order names, all by default; unknown ones are left out."""
    if told.get("names") is None:
        return list(opened.tensors)
    return [name for name in told["names"] if name in opened.tensors]


def _whole(told: Told, name: str, usual: int) -> int:
    return max(1, min(LARGEST_PICTURE, int(told.get(name, usual))))


def _picture(values: Array, head: Mapping[str, Any]) -> Frame:
    told = {name: value for name, value in head.items() if name != "values"}
    return Frame({**told, "shape": list(values.shape)}, values.tobytes())


def _finding(finding: Finding | None) -> dict[str, Any]:
    return {"finding": finding_to(finding)} if finding is not None else {}


def _broken(bad: list[str], count: int) -> Finding | None:
    """E06: checksums that do not hold."""
    if not bad:
        return None
    text = f"Damaged: checksum of tensor {bad[0]} does not match. {len(bad):,} of {count:,} tensors are affected."
    return Finding("E06", ERROR, f"{text} You can inspect the rest; sampling is off.")


ORDERS: dict[str, Order] = {
    "open": Order(_open, seconds=20.0),
    "judge": Order(_judge, seconds=60.0),
    "rows": Order(_rows),
    "stats": Order(_stats, background=True),
    "verify": Order(_verify, background=True),
    "hash": Order(_hash, background=True),
    "program": Order(_program, background=True),
    "histogram": Order(_histogram),
    "heatmap": Order(_heatmap),
    "filters": Order(_filters),
    "singular": Order(_singular),
    "values": Order(_values),
    "difference": Order(_difference),
    "export": Order(_export),
    "close": Order(_close),
}
