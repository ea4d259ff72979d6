"""A point file as a dialog shows it before it is imported."""

from __future__ import annotations

from dataclasses import dataclass

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
"""Endings of files that are read as silhouettes instead of tables."""
FONTS = (".ttf", ".otf", ".ttc", ".otc")
"""Endings of files whose letters and digits become a set of pictures."""


@dataclass(frozen=True)
class Table:
    """What a CSV, TSV or NPY file holds: its columns, which are numeric, how many rows, the first rows as text.

    `problems` are sentences about what would be refused or dropped; `rows` is -1 where counting stopped at the limit.
    """

    path: str
    kind: str
    delimiter: str
    columns: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: int
    preview: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImportChoice:
    """What the person chose: two columns, perhaps one of labels, how units are normalised, what becomes of bad rows."""

    columns: tuple[str, ...]
    label_column: str = ""
    normalisation: str = "centre"
    drop_bad_rows: bool = False
    thin: bool = False
