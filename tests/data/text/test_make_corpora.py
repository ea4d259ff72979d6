"""The script that makes the corpora: reading R's files and joining paragraphs. Nothing is downloaded."""

from __future__ import annotations

import gzip
import importlib
import struct
import zlib
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("make_corpora")


def number(*values: int) -> bytes:
    return struct.pack(f">{len(values)}i", *values)


def string(text: str) -> bytes:
    return number(9 | 1 << 18, len(text.encode())) + text.encode()


def serialized(body: bytes) -> bytes:
    return b"X\n" + number(3, 0x040201, 0x030500, 5) + b"UTF-8" + body


def test_strings_out_of_a_lazy_load_database(tmp_path: Path, script: ModuleType) -> None:
    vectors = {"one": ["A line", ""], "two": ["£5", "naïve"]}
    heap, places = b"", []
    for lines in vectors.values():
        body = serialized(number(16, len(lines)) + b"".join(map(string, lines)))
        record = number(len(body)) + zlib.compress(body)
        places.append((len(heap), len(record)))
        heap += record
    names = number(1) + string("names")

    def named(keys: list[str], symbol: bytes, values: bytes) -> bytes:
        attribute = number(2 | 1 << 10) + symbol + number(16, len(keys)) + b"".join(map(string, keys)) + number(254)
        return number(19 | 1 << 9, len(keys)) + values + attribute

    inner = named(list(vectors), names, b"".join(number(13, 2, *place) for place in places))
    index = named(["variables", "compressed"], number(255 | 1 << 8), inner + number(13, 1, 1))
    (tmp_path / "Rdata.rdx").write_bytes(gzip.compress(serialized(index)))
    (tmp_path / "Rdata.rdb").write_bytes(heap)
    assert script.vectors(tmp_path / "Rdata.rdx", ("two", "one")) == {"two": vectors["two"], "one": vectors["one"]}


def test_a_novel_becomes_paragraphs(script: ModuleType) -> None:
    novel = """A NOVEL

by A Lady

CHAPTER I


It was a _fine_
day.  So
they said.*

* * * * *

VOLUME II

Chapter 2

[At this point in the first and second editions, Volume 1 ends.]

[To a friend.]

FINIS

A NOTE ON THE TEXT"""
    assert list(script.paragraphs(novel.splitlines())) == ["It was a fine day. So they said.", "[To a friend.]"]
