"""A person's own files: what a point file holds, for the import dialog, and a text."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.core.dataspec import TextSet
from dgm_studio.core.table import Table
from dgm_studio.data.points_file import inspect
from dgm_studio.data.text.corpus import read_text


def inspected(path: str) -> Table:
    """The file's columns, rows and problems as the dialog shows them."""
    found = inspect(path)
    return Table(
        path=found.path,
        kind="CSV" if found.delimiter else "NPY",
        delimiter=found.delimiter,
        columns=tuple(column.name for column in found.columns),
        numeric=tuple(column.numeric for column in found.columns),
        rows=found.rows,
        preview=found.first_rows,
        problems=found.problems,
    )


def text_set(path: str) -> TextSet:
    """A .txt file as what a recipe carries; Refused where it is no plain text."""
    return TextSet(read_text(path), Path(path).name, path)
