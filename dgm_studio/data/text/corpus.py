"""Corpora: the texts that ship, by id, and a person's own .txt file."""

from __future__ import annotations

import lzma
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish

LARGEST = 20_000_000
"""Bytes of a person's own text: some four million words, more than a laptop learns from in a day."""

SUFFIX = ".txt"

_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_MAGIC = {
    b"PK\x03\x04": "a zip archive or a Word document",
    b"\x1f\x8b": "a gzip archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a rich text document",
    b"\xd0\xcf\x11\xe0": "an old Word document",
}
_PART = 1 << 19
"""Characters unpacked at once."""

_shipped: dict[str, str] = {}
"""Texts that were read, by id."""

_CONTROLS = bytes(sorted({*range(1, 9), *range(14, 27), 28, 29, 30, 31, 127}))


@dataclass(frozen=True)
class Corpus:
    """A text that ships, as resources/corpora/<id>.txt.xz; where it comes from is in PROVENANCE.md beside it."""

    card: Card

    def text(self) -> str:
        """The whole text, one verse or paragraph a line."""
        return finish(self.unpacking())

    def unpacking(self) -> Generator[None, None, str]:
        """`text` in steps of about 10 ms where it was not yet read."""
        name = self.card.id
        if name not in _shipped:
            parts: list[str] = []
            with lzma.open(resource("corpora", f"{name}.txt.xz"), "rt", encoding="utf-8") as file:
                while part := file.read(_PART):
                    parts.append(part)
                    yield
            _shipped[name] = "".join(parts)
        return _shipped[name]


CORPORA = (
    Corpus(
        Card(
            id="kjv",
            title="King James Bible",
            summary="31,102 verses of 1611, one a line: few words, much repetition, learnt in minutes.",
            lecture="13",
            facts=(("lines", 31_102), ("words", "about 790,000"), ("licence", "public domain")),
        )
    ),
    Corpus(
        Card(
            id="austen",
            title="Jane Austen",
            summary="Her six novels, one paragraph a line: long sentences and talk.",
            lecture="13",
            facts=(("lines", 9_991), ("words", "about 720,000"), ("licence", "public domain")),
        )
    ),
)


def corpora() -> dict[str, Corpus]:
    """Every text that ships by id."""
    return {corpus.card.id: corpus for corpus in CORPORA}


def read_text(path: str | Path) -> str:
    """A person's own UTF-8 text with \\n line ends; Refused where it is empty, binary, in another encoding or huge."""
    file = Path(path).expanduser()
    if not file.exists():
        raise Refused(f"There is no file {file}. Check its name and folder.")
    if not file.is_file():
        raise Refused(f"{file} is not a file. Choose a {SUFFIX} file.")
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise Refused(
                f"{file.name} has {size / 1e6:,.0f} MB; a text may have {LARGEST / 1e6:.0f} MB. Choose a part of it."
            )
        content = file.read_bytes()
    except OSError as error:
        raise Refused(f"{file.name} cannot be read: {error.strerror}. Check the file and its drive.") from error
    return _decoded(file.name, content)


def _decoded(title: str, content: bytes) -> str:
    for magic, what in _MAGIC.items():
        if content.startswith(magic):
            raise Refused(f"{title} is {what}, not plain text. Save it as plain text (UTF-8) and open that.")
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            raise _other_encoding(title, encoding, "its first two bytes say so")
    zeros = sorted(content[parity:2000:2].count(0) for parity in (0, 1))
    if zeros[0] < len(content[:2000]) / 20 and zeros[1] > len(content[:2000]) / 5:
        raise _other_encoding(title, "UTF-16", "every other byte is zero")
    if b"\0" in content or len(content) - len(content.translate(None, _CONTROLS)) > len(content) / 100:
        raise Refused(f"{title} is a binary file, not text. Choose a {SUFFIX} file.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02X} in line {line:,}"
        raise _other_encoding(title, "Windows-1252 or Latin-1, it seems,", byte) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise Refused(f"{title} is empty: it holds no words. Choose a file with text.")
    return text


def _other_encoding(title: str, encoding: str, reason: str) -> Refused:
    return Refused(
        f"{title} is {encoding} not UTF-8 text ({reason}). Save it with the encoding UTF-8 and open it again."
    )
