"""A table's words: sizes, shapes, shares and statistics of tensors as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable

from dgm_studio.core.inspection import TensorEntry
from dgm_studio.gui.panels.checkpoints import tensor_rows as rows
from dgm_studio.gui.panels.checkpoints.tensor_rows import TensorRows
from dgm_studio.gui.widgets.plain_number import plain

UNITS = ("bytes", "kB", "MB", "GB", "TB")
HEADS = ("Tensor", "Shape", "Type", "Numbers", "Bytes", "Min", "Mean", "Max", "Std", "Norm", "Zeros", "NaN, Inf")
HELPS = (
    "Its name in the file", "Its sizes, the outermost first", "How a number is stored", "How many numbers it holds",
    "How many bytes it takes in the file", "The smallest number", "The mean of the finite numbers",
    "The largest number", "Their standard deviation", "The L2 norm: the root of the sum of squares",
    "The share of numbers that are exactly zero", "How many numbers are NaN or infinite",
)  # fmt: skip
SHORT_TYPES = {"float": "f", "bfloat": "bf", "int": "i", "uint": "u"}


def bytes_text(count: float) -> str:
    """ "1.34 GB", "880 bytes"."""
    place = 0
    while count >= 1000 and place + 1 < len(UNITS):
        count, place = count / 1000, place + 1
    return f"{count:,.0f} {UNITS[0]}" if place == 0 else f"{plain(count)} {UNITS[place]}"


def shape_text(shape: Iterable[int]) -> str:
    """ "64 × 3 × 7 × 7"; a single number has no sizes."""
    return " × ".join(map(str, shape)) or "one number"


def share_text(share: float) -> str:
    """ "12.5 %"; only what is exactly none or all is written as 0 or 100."""
    if share in (0.0, 1.0):
        return f"{100 * share:.0f} %"
    return "under 0.1 %" if share < 0.001 else "over 99.9 %" if share > 0.999 else f"{100 * share:.1f} %"


def number_text(value: float) -> str:
    """Four figures, small numbers with their power of ten: "0.0213", "3.1e-07"."""
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 1e-3 or abs(value) >= 1e6 else plain(value, 4)


def cell_text(table: TensorRows, line: int, column: int) -> str:
    """What stands in a cell; nothing where it is not known yet."""
    if column == rows.NAME:
        group = table.groups[-1 - line] if line < 0 else None
        return f"{table.title(line)}  ({group.count:,})" if group is not None else table.title(line)
    if column == rows.SHAPE:
        return shape_text(table.entries[line].shape) if line >= 0 else ""
    if column == rows.TYPE:
        found = {table.entries[line].dtype} if line >= 0 else table.groups[-1 - line].dtypes
        return next(iter(found)) if len(found) == 1 else f"{len(found)} types"
    value = table.value(line, column)
    if value is None:
        return ""
    if column == rows.BYTES:
        return bytes_text(value)
    if column in (rows.NUMBERS, rows.BAD):
        return f"{value:,.0f}"
    return share_text(value) if column == rows.ZEROS else number_text(value)


def about(entry: TensorEntry) -> str:
    """All that the file says of a tensor, for its tooltip."""
    said = [entry.name, f"{shape_text(entry.shape)}, {entry.dtype}, {bytes_text(entry.nbytes)}"]
    if entry.file:
        said.append(f"In {entry.file}")
    if entry.offset >= 0:
        said.append(f"Its bytes begin at {entry.offset:,}")
    return "\n".join(said)
