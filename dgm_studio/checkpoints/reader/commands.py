"""The command line's `inspect` and `diff`: everything is read in the reader process, and told as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import shown
from dgm_studio.checkpoints.formats.source import user_path
from dgm_studio.checkpoints.reader.client import ReaderClient
from dgm_studio.core.inspection import ASKS, MATCH, RefusedFile
from dgm_studio.core.inspection_json import entry_from, number, plain
from dgm_studio.core.resources import resource

SHOWN = 12
"""Rows that the plain text shows of a long list."""
_TITLES = ("name", "shape", "norm", "relative", "largest", "cosine")


def inspect(path: str) -> dict[str, Any]:
    """What a file or folder is: `kind`, `title`, `path`, `size`, `candidates` with reasons, `tensors`, `totals`,
    `weights`, `curves`, `findings`, `metadata`, `files`, and `code` "". RefusedFile where it cannot be opened."""
    with ReaderClient() as reader:
        file, found = _opened(reader, path)
        rows = [row for part in reader.answers("rows", file=file) for row in part.head["rows"]]
    return {**found, "tensors": [plain(vars(entry_from(row))) for row in rows], "code": ""}


def diff(first: str, second: str) -> dict[str, Any]:
    """Two checkpoints tensor by tensor: `rows` (name, shape, norm, relative, largest, cosine), what only one has,
    shapes that differ, the same figures over all. RefusedFile where one cannot be opened."""
    with ReaderClient() as reader:
        files = [_opened(reader, path)[0] for path in (first, second)]
        found: dict[str, Any] = reader.ask("difference", file=files[0], other=files[1]).head["difference"]
    return {**found, "rows": [dict(zip(_TITLES, row, strict=True)) for row in found["rows"]], "code": ""}


def refused(paths: list[str], refusal: RefusedFile) -> dict[str, Any]:
    """A refusal as JSON: the message's code and text, and the lists that a reader of `inspect` expects, empty."""
    return {
        "code": refusal.code,
        "text": refusal.sentence,
        "kind": "refused",
        "path": paths[0],
        "paths": paths,
        "candidates": [],
        "tensors": [],
        "totals": {"tensors": 0, "numel": 0, "nbytes": 0, "dtypes": {}},
        "findings": [{"code": refusal.code, "level": "error", "text": refusal.sentence}],
    }


def inspected_text(found: dict[str, Any]) -> str:
    """A few plain lines: what it is, who could run it, what was found, the first tensors."""
    totals = found["totals"]
    name = Path(found["path"]).name
    lines = [
        f"{name}: {found['title']}, {_counted(totals['tensors'], 'tensor')}, {_counted(totals['numel'], 'number')}, "
        f"{_size(totals['nbytes'])}"
    ]
    fitting = [one for one in found["candidates"] if one["verdict"] == MATCH]
    for one in fitting:
        lines.append(f"{'It is' if one is fitting[0] else 'Or'}: {one['title']}. {' '.join(one['reasons'])}")
        lines += [f"  {s['title']}: {s['value']} ({s['source']})" for s in one["settings"]]
    lines += [
        f"It could be: {o['title']}. {' '.join(o['reasons'])}" for o in found["candidates"] if o["verdict"] == ASKS
    ]
    lines += [
        f"It looks like: {o['title']}. {' '.join(o['reasons'])}"
        for o in found["candidates"]
        if o["verdict"] == "broken"
    ]
    lines += [
        f"{one['level'].capitalize()}: {one['code'] + ' ' if one['code'] else ''}{one['text']}"
        for one in found["findings"]
    ]
    for one in found["tensors"][:SHOWN]:
        lines.append(f"  {one['name']}  {one['dtype']} {tuple(one['shape'])}")
    if len(found["tensors"]) > SHOWN:
        lines.append(f"  and {len(found['tensors']) - SHOWN:,} more; --json lists all.")
    return _printable(lines)


def diff_text(found: dict[str, Any]) -> str:
    """A few plain lines: how far apart they are in all, and the tensors that changed most."""
    lines = [
        f"{found['first']} against {found['second']}:",
        f"{len(found['rows']):,} tensors compared, {found['equal']:,} of them equal number by number",
        f"L2 norm of the difference {_figure(found['norm'])} (relative {_figure(found['relative'])}), largest "
        f"change {_figure(found['largest'])}, cosine {_figure(found['cosine'])}",
    ]
    order = sorted(found["rows"], key=lambda row: -number(row["relative"]))
    moved = [row for row in order if number(row["norm"]) > 0][:SHOWN]
    lines += [
        f"  {o['name']}  {tuple(o['shape'])}  norm {_figure(o['norm'])}, relative {_figure(o['relative'])}"
        for o in moved
    ]
    for key, words in (("only_first", "only in the first"), ("only_second", "only in the second")):
        if found[key]:
            more = f" and {len(found[key]) - SHOWN:,} more" if len(found[key]) > SHOWN else ""
            lines.append(f"{len(found[key]):,} {words}: {', '.join(found[key][:SHOWN])}{more}")
    lines += [f"  {name}: {tuple(one)} against {tuple(other)}" for name, one, other in found["shapes"][:SHOWN]]
    return _printable(lines)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _size(nbytes: int) -> str:
    return (
        f"{nbytes / 1e9:,.2f} GB"
        if nbytes >= 1e9
        else f"{nbytes / 1e6:,.1f} MB"
        if nbytes >= 1e5
        else f"{nbytes:,} bytes"
    )


def _figure(value: Any) -> str:
    return f"{number(value):.5g}"


def _printable(lines: list[str]) -> str:
    """Names come from the file: what would steer a terminal is written as escapes."""
    return "".join(shown(line, len(line)) + "\n" for line in lines)


def _opened(reader: ReaderClient, path: str) -> tuple[int, dict[str, Any]]:
    """The file's number and its inspection without tensors; a model that ships goes by its name, as everywhere."""
    file = 0
    found: dict[str, Any] = {}
    here, shipped = user_path(path).absolute(), resource("checkpoints") / f"{path}.safetensors"
    for answer in reader.answers("open", path=str(shipped if not here.exists() and shipped.is_file() else here)):
        file = answer.head["file"]
        found = answer.head.get("inspection", found)
    return file, found
