"""Tensors of any opened file as a clean safetensors file: written beside, flushed, renamed (R17)."""

from __future__ import annotations

import json
import math
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dgm_studio.checkpoints.formats.dtypes import DTYPES, encode
from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.checkpoints.formats.safetensors import NAMES
from dgm_studio.checkpoints.formats.source import user_path
from dgm_studio.core.atomic import writing
from dgm_studio.core.errors import Refused

CODES = {name: code for code, name in NAMES.items()}


class Exported(NamedTuple):
    """What was written, and what could not be: `left_out` are tensors whose type safetensors or this reader lacks."""

    path: Path
    tensors: int
    size: int
    left_out: tuple[str, ...]


def exporting(opened: Opened, names: Mapping[str, str], path: Path) -> Generator[tuple[int, int], None, Exported]:
    """Write the tensors {name in the new file: name in the opened one}, yielding (bytes done, bytes in all).

    Values and types are kept bit by bit. Refused where nothing can be written or the file is the opened one itself;
    closing the generator leaves what was there before.
    """
    target = user_path(path)
    if target.exists() and any(target.samefile(one) for one in _read_from(opened)):
        raise Refused("That is the opened file itself. Choose another name.")
    entries = {own: opened.tensors[name] for own, name in names.items()}
    kept = {own: entry for own, entry in entries.items() if entry.dtype in CODES}
    if not kept:
        raise Refused("None of these tensors has a type that safetensors knows. Choose others.")
    header, total = _header({own: (entry.dtype, entry.shape) for own, entry in kept.items()})
    with writing(target) as file:
        file.write(header)
        done = 0
        for own, entry in kept.items():
            raw = encode(opened.read(names[own]), entry.dtype)
            file.write(raw)
            done += len(raw)
            yield done, total
    return Exported(target, len(kept), len(header) + total, tuple(own for own in entries if own not in kept))


def _read_from(opened: Opened) -> list[Path]:
    """All files that the tensors may come from."""
    home = opened.path if opened.path.is_dir() else opened.path.parent
    return [one for one in (opened.path, *(home / name for name in opened.files)) if one.exists()]


def _header(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> tuple[bytes, int]:
    """The head of the file, its data aligned to eight bytes, and the length of the data."""
    table: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (dtype, shape) in tensors.items():
        size = DTYPES[dtype].size * math.prod(shape)
        table[name] = {"dtype": CODES[dtype], "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return np.array(len(text), "<u8").tobytes() + text, at
