"""Points from a CSV, TSV or NPY file in two stages: `inspect` for a dialog, then `load`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.data.normalise import How, normalisation_of
from dgm_studio.data.npy_file import NpyFile
from dgm_studio.data.table import ROW_LIMIT, Source, Table, is_number
from dgm_studio.data.text_file import TextFile

THINNED_ROWS = 200_000
CLASS_LIMIT = 100
SUFFIXES = (".csv", ".tsv", ".txt", ".dat", ".npy")
"""What a file dialog offers; text files are told by content, not by suffix."""


def inspect(path: str | Path) -> Table:
    """What the file holds, from its head and a row count; Refused where it is no table at all."""
    source = _opened(path)
    rows, exact = source.count(ROW_LIMIT)
    table = _table(path, source, rows, exact)
    problems = []
    if rows > ROW_LIMIT:
        problems.append(_too_many(source.title, rows, exact))
    if rows < 2:
        problems.append(_too_few_rows(source.title, rows))
    elif not table.numeric:
        problems.append(_no_numbers(table))
    problems.extend(_bad_first_rows(source))
    return replace(table, problems=tuple(problems))


def load(
    path: str | Path,
    columns: Sequence[str] | None = None,
    label_column: str | None = None,
    normalisation: How = "centre",
    *,
    drop_bad_rows: bool = False,
    thin: bool = False,
) -> PointSet:
    """One column or two as points (n, d) in data units, their normalisation, and a source that tells every choice.

    `columns` defaults to the first two of numbers, or the only one. `thin` takes the same random 200,000 rows of a
    longer file each time. Refused: text, NaN, too few or too many rows; rows are dropped only with `drop_bad_rows`.
    """
    source = _opened(path)
    table, keep = _measured(path, source, thin)
    names = _choice(table, source, columns, label_column)
    values, classes, bad = _read(source, names, label_column, keep, drop_bad_rows)
    values = values[~bad]
    labels = np.zeros(len(values), dtype=np.int64)
    told = [f"columns '{names[0]}' and '{names[1]}'" if len(names) == 2 else f"column '{names[0]}', points of a line"]
    if classes is not None and len(values):
        labels, titles = _coded(classes[~bad], source.title, str(label_column))
        told.append(f"classes by '{label_column}': {', '.join(titles[:10])}{' ...' if len(titles) > 10 else ''}")
    norm = normalisation_of(values, normalisation, source.title, names)
    told.append(f"{len(values):,} rows" + (f", a random choice out of {table.rows:,}" if keep is not None else ""))
    if bad.any():
        told.append(f"{int(bad.sum()):,} bad rows dropped")
    return PointSet(values, labels, Path(path).stem, f"{source.title}: {'; '.join(told)}", norm)


def load_cloud(
    path: str | Path, columns: Sequence[str] | None = None, *, drop_bad_rows: bool = False, thin: bool = False
) -> Array:
    """The columns (all of numbers, by default) as points (n, d) float64 in the file's own units, d of 1 or more.

    Refused as `load` refuses; what a column holds is not judged.
    """
    source = _opened(path)
    table, keep = _measured(path, source, thin)
    names = tuple(columns) if columns else table.numeric
    if not names:
        raise Refused(_no_numbers(table))
    _check_numeric(table, source, names)
    values, _, bad = _read(source, names, None, keep, drop_bad_rows)
    return values[~bad]


def _measured(path: str | Path, source: Source, thin: bool) -> tuple[Table, Array | None]:
    """The table with its rows counted, and which of them are read: None for all. Refused for too few or too many."""
    rows, exact = source.count(None if thin else ROW_LIMIT)
    if rows > ROW_LIMIT and not thin:
        raise Refused(_too_many(source.title, rows, exact))
    if rows < 2:
        raise Refused(_too_few_rows(source.title, rows))
    keep = None
    if thin and rows > THINNED_ROWS:
        keep = np.sort(np.random.default_rng(0).choice(rows, THINNED_ROWS, replace=False))
    return _table(path, source, rows, exact), keep


def _read(
    source: Source, names: tuple[str, ...], label_column: str | None, keep: Array | None, drop_bad_rows: bool
) -> tuple[Array, Array | None, Array]:
    """Values (n, k), classes (n,) or None, and which rows are bad (n,): Refused for any, unless they are dropped."""
    wanted = tuple(source.find(name) for name in names)
    label = None if label_column is None else source.find(label_column)
    values, classes = source.read(wanted, label, keep)
    bad: Array = np.asarray(~np.isfinite(values).all(axis=1))
    if classes is not None:
        bad = bad | _missing(classes)
    if bad.any() and not drop_bad_rows:
        raise Refused(_bad_rows(source, values, bad, keep, wanted, label))
    return values, classes, bad


def _opened(path: str | Path) -> Source:
    file = Path(path).expanduser()
    if not file.exists():
        raise Refused(f"There is no file {file}. Check its name and folder.")
    if not file.is_file():
        raise Refused(f"{file} is not a file. Choose a CSV, TSV or NPY file.")
    try:
        with file.open("rb") as opened:
            magic = opened.read(6)
        is_array = file.suffix.lower() in (".npy", ".npz") or magic == b"\x93NUMPY"
        if not magic:
            raise Refused(f"{file.name} is empty: it holds no rows. Choose a file with columns of numbers.")
        return NpyFile(file) if is_array else TextFile(file)
    except OSError as error:
        raise Refused(f"{file.name} cannot be read: {error.strerror}. Check who may read it.") from error


def _table(path: str | Path, source: Source, rows: int, exact: bool) -> Table:
    return Table(str(path), source.title, source.delimiter, source.columns, rows, exact, source.first_rows, ())


def _choice(table: Table, source: Source, columns: Sequence[str] | None, label: str | None) -> tuple[str, ...]:
    """The one or two names, checked to be there, to differ and to hold numbers."""
    names = tuple(columns) if columns else tuple(name for name in table.numeric if name != label)[:2]
    if not names:
        raise Refused(_no_numbers(table))
    if len(names) > 2 or len(set(names)) < len(names):
        raise Refused(f"Points need one column or two different ones, not {', '.join(names)}. Name one or two.")
    _check_numeric(table, source, names)
    return names


def _check_numeric(table: Table, source: Source, names: tuple[str, ...]) -> None:
    for name in names:
        k = source.find(name)
        if not table.columns[k].numeric:
            others = ", ".join(table.numeric) or "none"
            raise Refused(f"Column '{name}' of {table.title} holds text, not numbers. Choose among: {others}.")


def _no_numbers(table: Table) -> str:
    return f"{table.title} has no column of numbers. Check the file's separator and its columns."


def _too_few_rows(title: str, rows: int) -> str:
    return f"{title} has {rows} {'row' if rows == 1 else 'rows'} of data; at least 2 are needed. Add some."


def _bad_first_rows(source: Source) -> Iterator[str]:
    """The first cell without a finite number of each column of numbers, as far as the first rows show."""
    for k, column in enumerate(source.columns):
        for row, cells in enumerate(source.first_rows if column.numeric else ()):
            if k >= len(cells) or not is_number(cells[k]) or not math.isfinite(float(cells[k])):
                yield f"{source.title} holds no finite number in {source.bad_cell(row, k)}."
                break


def _too_many(title: str, rows: int, exact: bool) -> str:
    return (
        f"{title} has {'' if exact else 'about '}{rows:,} rows; the limit is {ROW_LIMIT:,}. "
        f"Thin it: choose to take {THINNED_ROWS:,} rows at random (--thin on the command line)."
    )


def _bad_rows(
    source: Source, values: Array, bad: Array, keep: Array | None, wanted: tuple[int, ...], label: int | None
) -> str:
    """How many rows are bad, and where the first one is."""
    first = int(np.argmax(bad))
    wrong = ~np.isfinite(values[first])
    column = wanted[int(np.argmax(wrong))] if wrong.any() else int(label or 0)
    place = source.bad_cell(first if keep is None else int(keep[first]), column)
    count = int(bad.sum())
    return (
        f"{source.title} has bad rows ({count:,} of {len(bad):,}), the first in {place}. "
        "Correct the file, or choose to drop bad rows (--drop-bad-rows on the command line)."
    )


def _missing(classes: Array) -> Array:
    """Rows without a class: empty or nan."""
    if classes.dtype.kind == "f":
        return ~np.isfinite(classes)
    return np.isin(np.char.lower(np.char.strip(classes)), ("", "nan"))


def _coded(classes: Array, title: str, column: str) -> tuple[Array, list[str]]:
    """Classes as 0..k-1 in the order of their values, numbers as numbers, and their names."""
    values, codes = np.unique(classes, return_inverse=True)
    if len(values) > CLASS_LIMIT:
        raise Refused(
            f"Column '{column}' of {title} has {len(values):,} different values, too many for classes "
            f"(at most {CLASS_LIMIT}). Choose another column for the classes, or none."
        )
    if all(is_number(str(value)) for value in values):
        values, again = np.unique(values.astype(np.float64), return_inverse=True)
        return again[codes], [f"{value:g}" for value in values]
    return codes, [str(value) for value in values]
