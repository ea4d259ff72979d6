"""Rows from CSV and TSV text: numpy's fast reader, and one by the line where a cell is no number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.sniff import is_data, not_utf8, sniff, split
from dgm_studio.data.table import Source


class TextFile(Source):
    """A delimited text file, read line by line in bounded memory."""

    row_word = "line"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._layout = sniff(path)
        self.title = path.name
        self.delimiter = self._layout.delimiter_name
        self.columns = self._layout.columns
        self.first_rows = self._layout.first_rows[:20]

    def count(self, limit: int | None) -> tuple[int, bool]:
        """Rows, neither blank nor comments; beyond `limit` an estimate from the file's size."""
        rows = characters = 0
        for _, line in self._lines():
            rows += 1
            characters += len(line)
            if limit is not None and rows > limit:
                return max(rows, round(self._path.stat().st_size * rows / characters)), False
        return rows, True

    def read(self, columns: tuple[int, ...], label: int | None, keep: Array | None) -> tuple[Array, Array | None]:
        """See Source.read; labels are text."""
        kept = None if keep is None else [line for _, line in self._chosen(keep)]
        try:
            values = self._fast(kept, columns, float)
            labels = None if label is None else self._fast(kept, (label,), str)[:, 0]
        except UnicodeDecodeError as error:
            raise not_utf8(self.title, f"byte 0x{error.object[error.start]:02X}") from error
        except ValueError:
            return self._slow(keep, columns, label)
        return values, labels

    def cell(self, row: int, column: int) -> tuple[int, str | None]:
        """The line's number and the cell's text."""
        number, line = next(islice(self._lines(), row, None))
        cells = split(line, self._layout.delimiter)
        return number, cells[column] if column < len(cells) else None

    def _lines(self) -> Iterator[tuple[int, str]]:
        """(line number from 1, text) of every row."""
        try:
            with self._path.open(encoding="utf-8-sig") as file:
                for number, line in enumerate(islice(file, self._layout.skip, None), start=self._layout.skip + 1):
                    if is_data(line):
                        yield number, line
        except UnicodeDecodeError as error:
            raise not_utf8(self.title, f"byte 0x{error.object[error.start]:02X}") from error
        except OSError as error:
            raise Refused(f"{self.title} cannot be read: {error.strerror}. Check the file and its drive.") from error

    def _chosen(self, keep: Array | None) -> Iterator[tuple[int, str]]:
        if keep is None:
            yield from self._lines()
            return
        wanted = iter(keep.tolist())
        next_row = next(wanted, None)
        for row, entry in enumerate(self._lines()):
            if row == next_row:
                yield entry
                next_row = next(wanted, None)
                if next_row is None:
                    return

    def _fast(self, kept: list[str] | None, columns: tuple[int, ...], kind: type) -> Array:
        """numpy's reader; ValueError at the first cell that is not a number and at comments between rows."""
        return np.loadtxt(
            str(self._path) if kept is None else kept,
            dtype=kind,
            comments=None,
            delimiter=self._layout.delimiter,
            skiprows=self._layout.skip if kept is None else 0,
            usecols=columns,
            ndmin=2,
            encoding="utf-8-sig",
            quotechar=None if self._layout.delimiter is None else '"',
        )

    def _slow(self, keep: Array | None, columns: tuple[int, ...], label: int | None) -> tuple[Array, Array | None]:
        """The same by the line, with NaN for what is no number."""
        values: list[list[float]] = []
        labels: list[str] = []
        for _, line in self._chosen(keep):
            cells = split(line, self._layout.delimiter)
            values.append([_number(cells[k]) if k < len(cells) else np.nan for k in columns])
            if label is not None:
                labels.append(cells[label] if label < len(cells) else "")
        table = np.array(values, dtype=np.float64).reshape(-1, len(columns))
        return table, None if label is None else np.array(labels, dtype=str)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan
