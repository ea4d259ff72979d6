"""A point file for the import dialog: what it holds, and reading it as chosen."""

from __future__ import annotations

from typing import cast

from dgm_studio.core.dataspec import PointSet
from dgm_studio.core.table import ImportChoice, Table
from dgm_studio.data.normalise import How
from dgm_studio.data.points_file import inspect, load


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


def imported(path: str, choice: ImportChoice) -> PointSet:
    """The points as chosen; Refused with the reason."""
    return load(
        path,
        choice.columns or None,
        choice.label_column or None,
        cast(How, choice.normalisation),
        drop_bad_rows=choice.drop_bad_rows,
        thin=choice.thin,
    )
