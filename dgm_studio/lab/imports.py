"""A point file for the import dialog: what it holds."""

from __future__ import annotations

from dgm_studio.core.table import Table
from dgm_studio.data.points_file import inspect


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
