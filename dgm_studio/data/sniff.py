"""Finding out how a text file separates its columns and whether it has a header, from its first lines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from dgm_studio.core.errors import Refused
from dgm_studio.data.table import Column, is_number

_HEAD_BYTES = 1 << 18
_SAMPLE = 200
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", None: "space"}
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
}


@dataclass(frozen=True)
class Layout:
    """How to read the file: separator (None: white space), its name, lines to skip, columns, first rows."""

    delimiter: str | None
    delimiter_name: str
    skip: int
    columns: tuple[Column, ...]
    first_rows: tuple[tuple[str, ...], ...]


def split(line: str, delimiter: str | None) -> list[str]:
    """The line's cells, unquoted and stripped."""
    if delimiter is None:
        return line.split()
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except (csv.Error, StopIteration):
        return [line]


def is_data(line: str) -> bool:
    """Neither blank nor a comment."""
    return not line.isspace() and line != "" and not line.lstrip().startswith("#")


def sniff(path: Path) -> Layout:
    """The layout of the text file; Refused for empty, binary and non-UTF-8 files and for a single column of text."""
    lines = _first_lines(path)
    data = [(number, line) for number, line in enumerate(lines) if is_data(line)][:_SAMPLE]
    if not data:
        raise Refused(f"{path.name} is empty: it holds no rows. Choose a file with columns of numbers.")
    texts = [line for _, line in data]
    _refuse_decimal_commas(path.name, texts)
    delimiter = max(_DELIMITERS, key=lambda one: _fit([split(line, one) for line in texts]))
    rows = [split(line, delimiter) for line in texts]
    numeric = _numeric_columns(rows)
    if max(map(len, rows)) < 2 and not numeric[0]:
        raise Refused(
            f"{path.name} seems to hold everything in one column ('{texts[-1].strip()[:40]}'). "
            "Separate the columns by comma, semicolon, tab, bar or space."
        )
    has_header = _has_header(rows[0], numeric)
    names = _names(rows[0] if has_header else [], len(numeric))
    first = data[0][0] + 1 if has_header else data[0][0]
    shown = rows[1:] if has_header else rows
    return Layout(
        delimiter=delimiter,
        delimiter_name=_DELIMITERS[delimiter],
        skip=first,
        columns=tuple(Column(name, is_num) for name, is_num in zip(names, numeric, strict=True)),
        first_rows=tuple(map(tuple, shown)),
    )


def _first_lines(path: Path) -> list[str]:
    """The complete lines within the first 256 kB."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        cut = len(head) == _HEAD_BYTES
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise Refused(f"{path.name} is {what}, not a table of text. Export it as CSV and open that.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise not_utf8(path.name, "it is UTF-16")
    if b"\0" in head:
        raise Refused(f"{path.name} is a binary file, not a table of text. Choose a CSV, TSV or NPY file.")
    if cut:
        end = max(head.rfind(b"\n"), head.rfind(b"\r"))
        if end < 0:
            raise Refused(f"{path.name} has a first line of over 256 kB: not a table of points. Put one point a line.")
        head = head[: end + 1]
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = head[: error.start].count(b"\n") + 1
        raise not_utf8(path.name, f"byte 0x{head[error.start]:02X} in line {line}") from error
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def not_utf8(title: str, reason: str) -> Refused:
    """The refusal of a text file in another encoding."""
    return Refused(f"{title} is not UTF-8 text ({reason}). Save it with the encoding UTF-8 and open it again.")


def _refuse_decimal_commas(title: str, texts: list[str]) -> None:
    # Between spaces "1,2" may be two numbers, so there both cells of a row must look so.
    for delimiter, least in ((",", 1), (";", 1), ("\t", 1), (None, 2)):
        cells = [split(line, delimiter) for line in texts]
        found = [[cell for cell in row if _COMMA_NUMBER.fullmatch(cell)] for row in cells if len(row) >= 2]
        hits = [row[0] for row in found if len(row) >= least]
        if hits and 2 * len(hits) >= len(texts) - 1:
            raise Refused(
                f"{title} writes numbers with a comma inside ('{hits[0]}'). "
                "Save it with decimal points and no thousands separators."
            )


def _fit(rows: list[list[str]]) -> tuple[int, float, int]:
    """How well a separator explains the lines: number columns, share of lines of the usual width, width."""
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    return (sum(_numeric_columns(rows)) if usual >= 2 else 0, widths.count(usual) / len(rows), usual)


def _numeric_columns(rows: list[list[str]]) -> list[bool]:
    """By column, whether at least half of its filled cells are numbers; the first row may be a header."""
    body = rows[1:] or rows
    flags = []
    for k in range(max(map(len, rows))):
        filled = [row[k] for row in body if k < len(row) and row[k]]
        flags.append(bool(filled) and sum(map(is_number, filled)) >= len(filled) / 2)
    return flags


def _has_header(first: list[str], numeric: list[bool]) -> bool:
    """A header has no number above any column of numbers; with no such column, every cell is text."""
    above = [first[k] for k, is_num in enumerate(numeric) if is_num and k < len(first)] or first
    return not any(is_number(cell) for cell in above)


def _names(header: list[str], width: int) -> list[str]:
    """Header names made unique; "col 3" where there is none."""
    names: list[str] = []
    for k in range(width):
        name = (header[k] if k < len(header) else "") or f"col {k + 1}"
        names.append(name if name not in names else f"{name} ({k + 1})")
    return names
