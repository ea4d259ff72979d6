"""Cutting text into words and punctuation, or into characters, and writing the pieces back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dgm_studio.core.errors import Refused

WORD, CHAR = "word", "char"
NEWLINE = "\n"
BLANK = "___"
"""One token to be filled in a prompt, and how a masked token is written. It is one piece, and in no vocabulary."""

# A word keeps its inner apostrophes and hyphens (LORD's, Beth-el), a number its points (20,000); anything else that is
# not blank stands alone.
_WORD_PIECE = re.compile(r"\n|_{3}|[^\W_]+(?:['’\-][^\W_]+|(?<=\d)[.,]\d+)*|-{2,}|\.{3}|[^\w\s]|_")
_CHAR_PIECE = re.compile(r"_{3}|.", re.DOTALL)
_BLANK_LINES = re.compile(r"\n\s+")
_SEAM = re.compile(r"(?<=\s)(?=\S)")
_CHUNK = 1 << 16

_CLOSING = frozenset(".,;:!?)]}’”»…%'。，、！？；：）」』") | {"...", NEWLINE}
_OPENING = frozenset("([{“‘«¿¡$£€#（「『")
_DASH = re.compile(r"-{2,}|[—–/]")
_STRAIGHT = frozenset("\"'")


def pieces(kind: str, text: str) -> list[str]:
    """The tokens of `text` as strings: words as written, punctuation and line breaks; or characters.

    At word level a run of blank lines is one line break and other white space is dropped. `___` is one piece.
    """
    if kind == CHAR:
        return _CHAR_PIECE.findall(text) if BLANK in text else list(text)
    if kind == WORD:
        return _WORD_PIECE.findall(_BLANK_LINES.sub(NEWLINE, text))
    raise Refused(f"Text is not cut by '{kind}'. Choose {WORD} or {CHAR}.")


def spans(line: str) -> list[tuple[int, int]]:
    """Where each word-level piece of a line begins and ends, in characters."""
    return [found.span() for found in _WORD_PIECE.finditer(line)]


def chunks(text: str) -> Iterator[str]:
    """The text in parts of about 64 thousand characters that end in white space: each is cut in about 10 ms."""
    start = 0
    while len(text) - start > _CHUNK:
        # Where nothing is blank for that long again it is no word of any vocabulary: the cut may fall anywhere.
        seam = _SEAM.search(text, start + _CHUNK, start + 2 * _CHUNK)
        end = seam.start() if seam else start + _CHUNK
        yield text[start:end]
        start = end
    yield text[start:]


def glued(kind: str, piece: str) -> bool:
    """Whether no blank stands before the piece, whatever came before: closing punctuation, dashes, characters."""
    return kind == CHAR or piece in _CLOSING or bool(_DASH.fullmatch(piece))


def joined(kind: str, parts: Iterable[str]) -> str:
    """The pieces as text: the inverse of `pieces` up to white space, and cut again it gives the same pieces.

    No blank before closing punctuation, after an opening bracket, around a dash, or at either end of a line; straight
    quotation marks open and close in turn on each line, and a single one after s, x or z is a genitive's.
    """
    if kind == CHAR:
        return "".join(parts)
    written: list[str] = []
    opened: set[str] = set()
    before = NEWLINE
    open_ = True
    for part in parts:
        opens = part in _STRAIGHT and part not in opened and not (part == "'" and before.endswith(("s", "x", "z")))
        closes = (glued(WORD, part) and not opens) or part in opened
        # Two of these would be cut as one.
        merges = (before[0], part[0]) in ((".", "."), ("-", "-"))
        if not (open_ or closes) or merges:
            written.append(" ")
        written.append(part)
        if opens:
            opened.add(part)
        else:
            opened.discard(part)
        if part == NEWLINE:
            opened.clear()
        open_ = opens or part == NEWLINE or part in _OPENING or bool(_DASH.fullmatch(part))
        before = part
    return "".join(written)
