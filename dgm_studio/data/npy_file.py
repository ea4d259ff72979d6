"""Rows from a NumPy array file, mapped and never unpickled."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.table import Column, Source


class NpyFile(Source):
    """An .npy array (n, k) of real numbers, (n,) being one column; only the pages that are read come into memory."""

    row_word = "row"

    def __init__(self, path: Path) -> None:
        self.title = path.name
        self.delimiter = ""
        self._rows = _mapped(path)
        self.columns = tuple(Column(f"col {k + 1}", True) for k in range(self._rows.shape[1]))
        self.first_rows = tuple(tuple(f"{value:.6g}" for value in row) for row in self._rows[:20].tolist())

    def count(self, limit: int | None) -> tuple[int, bool]:
        """The header says how many; always exact."""
        return len(self._rows), True

    def read(self, columns: tuple[int, ...], label: int | None, keep: Array | None) -> tuple[Array, Array | None]:
        """See Source.read; labels are numbers."""
        chosen = self._rows if keep is None else self._rows[keep]
        values = np.stack([chosen[:, k] for k in columns], axis=1).astype(np.float64)
        return values, None if label is None else np.array(chosen[:, label], dtype=np.float64)

    def cell(self, row: int, column: int) -> tuple[int, str | None]:
        """The row's number from 1 and its value as text."""
        return row + 1, str(self._rows[row, column])


def _mapped(path: Path) -> Array:
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError, SyntaxError) as error:
        if "Python object" in str(error) or "pickled" in str(error):
            raise Refused(
                f"{path.name} holds Python objects or is no NumPy array; such files are never run. "
                "Save a plain array of numbers with numpy.save."
            ) from error
        raise Refused(
            f"{path.name} is not a readable NumPy array: it is damaged or cut short. Save it again."
        ) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise Refused(f"{path.name} is an archive of several arrays. Save the one array of points with numpy.save.")
    if array.dtype.kind not in "fiub":
        raise Refused(f"{path.name} holds values of type {array.dtype}, not real numbers. Save it as float64.")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise Refused(f"{path.name} has shape {array.shape}; points need (n,) or (n, d). Reshape it and save it.")
    if array.shape[1] == 0:
        raise Refused(f"{path.name} has shape {array.shape}: no column at all. Save an array with one or more.")
    if len(array) <= 3 and array.shape[1] > 8:
        raise Refused(f"{path.name} has shape {array.shape}: its points lie side by side. Save its transpose.")
    return np.asarray(array)
