"""A file of points as a table, before anybody has chosen columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near

ROW_LIMIT = 1_000_000
"""More rows than this are only read thinned."""


@dataclass(frozen=True)
class Column:
    """One column: its header's name, else "col 1", "col 2", ..., and whether it holds numbers."""

    name: str
    numeric: bool


@dataclass(frozen=True)
class Table:
    """What `inspect` found; `rows` is an estimate where not `rows_exact`; `problems` are sentences.

    `delimiter` is in words ("comma"), empty for NPY; `first_rows` are the first rows as text.
    """

    path: str
    title: str
    delimiter: str
    columns: tuple[Column, ...]
    rows: int
    rows_exact: bool
    first_rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...]

    @property
    def numeric(self) -> tuple[str, ...]:
        """The names of the columns that hold numbers."""
        return tuple(column.name for column in self.columns if column.numeric)


class Source(ABC):
    """An opened file of rows: the one face of text files and arrays."""

    title: str
    delimiter: str
    columns: tuple[Column, ...]
    first_rows: tuple[tuple[str, ...], ...]
    row_word: str

    @abstractmethod
    def count(self, limit: int | None) -> tuple[int, bool]:
        """Rows and True, or an estimate and False when there are more than `limit`."""

    @abstractmethod
    def read(self, columns: tuple[int, ...], label: int | None, keep: Array | None) -> tuple[Array, Array | None]:
        """Values (n, k) float64, NaN where unreadable, and the label column (n,); rows `keep` or all."""

    @abstractmethod
    def cell(self, row: int, column: int) -> tuple[int, str | None]:
        """Where the row stands in the file, from 1, and the cell's text; None where the row is too short."""

    def find(self, name: str) -> int:
        """The index of the column of that name, or Refused with the near ones."""
        names = [column.name for column in self.columns]
        if name in names:
            return names.index(name)
        close = near(name, names) or names[:8]
        raise Refused(f"{self.title} has no column named '{name}'. Choose {' or '.join(close)}.")

    def bad_cell(self, row: int, column: int) -> str:
        """Names the cell and what is wrong with it, e.g. "line 7, column 'y' ('n/a' is text)"."""
        where, text = self.cell(row, column)
        place = f"{self.row_word} {where}, column '{self.columns[column].name}'"
        if text is None:
            return f"{place} (the row ends before it)"
        if not text.strip():
            return f"{place} (empty)"
        return f"{place} ('{text[:40]}' is {'not finite' if is_number(text) else 'text'})"


def is_number(text: str) -> bool:
    """Whether Python reads `text` as a float, nan and inf included."""
    try:
        float(text)
    except ValueError:
        return False
    return True
