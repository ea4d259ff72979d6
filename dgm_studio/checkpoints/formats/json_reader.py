"""JSON of a stranger: bounded in size, depth and number of digits (R8), never the parser's own exception."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dgm_studio.checkpoints.formats.dtypes import damaged, shown, too_large
from dgm_studio.checkpoints.formats.source import Source

LARGEST = 4 * 2**20
DEEPEST = 32
MOST_DIGITS = 30
MOST_PIECES = 1_500_000
"""Commas and brackets: each may become an object of some 270 bytes. 100,000 tensors of four axes have 1.1 million."""


def read_json(path: Path) -> Any:
    """The JSON file's content; RefusedFile E26 beyond the limits, E23 where it is no JSON, and the ones of Source."""
    source = Source(path)
    if source.size > LARGEST:
        raise too_large(f"{shown(path.name)} has {source.size:,} bytes of JSON")
    return parse_json(source.read(0, source.size), shown(path.name))


def parse_json(raw: bytes, what: str, unique: bool = False) -> Any:
    """`raw` as dicts, lists, strings, numbers; `what` names it in a refusal. `unique` refuses a key given twice."""
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MOST_PIECES:
        raise too_large(f"{what} has more than {MOST_PIECES:,} entries")
    try:
        text = raw.decode("utf-8-sig")
        del raw
        found = json.loads(text, parse_int=_whole, object_pairs_hook=_unique if unique else None)
    except RecursionError:
        raise too_large(f"{what} is nested more than {DEEPEST} deep") from None
    except _Twice as twice:
        raise damaged(f"{what} names {shown(str(twice))} twice") from None
    except _Long:
        raise too_large(f"{what} holds a number of more than {MOST_DIGITS} digits") from None
    except ValueError:
        raise damaged(f"{what} is no JSON") from None
    if _deeper(found, DEEPEST):
        raise too_large(f"{what} is nested more than {DEEPEST} deep")
    return found


class _Twice(Exception):
    """A key that an object has two times."""


class _Long(Exception):
    """A number with too many digits."""


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise _Long
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        raise _Twice(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return out


def _deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        level = [
            below
            for one in level
            if isinstance(one, (dict, list))
            for below in (one.values() if isinstance(one, dict) else one)
            if isinstance(below, (dict, list))
        ]
        if not level:
            return False
    return True
