"""A set of pictures that ships: resources/pictures/<id>.xz, written by packaging/make_pictures.py.

Within the compression: one line of JSON (`shape` [c, h, w], `learnt`, `held_out`, `names`, and what else the set says
of itself), then bytes: a label each, first of the learnt, then of the held out; so many bytes more each as `traits`
names; then the pictures in the same order. The first few can so be read without the rest.
"""

from __future__ import annotations

import json
import lzma
import math
from collections.abc import Generator
from typing import Any, BinaryIO

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures.corpus import PictureCorpus, Pictures, few

_PART = 1 << 18
"""Bytes unpacked at once: some 10 ms."""


class StoredPictures(PictureCorpus):
    """Read from the file of the card's id; a subclass adds captions."""

    def __init__(self) -> None:
        self._read: Pictures | None = None

    def loading(self) -> Generator[None, None, Pictures]:
        """All of it; kept, so that every run and view shares one copy."""
        if self._read is None:
            with self._opened() as file:
                head = json.loads(file.readline())
                learnt, count = int(head["learnt"]), int(head["learnt"]) + int(head["held_out"])
                labels = _bytes(file.read(count))
                traits = {name: _bytes(file.read(count)) for name in head.get("traits", ())}
                pixels = _bytes((yield from _reading(file, count * math.prod(head["shape"]))))
            pictures = pixels.reshape(count, *head["shape"])
            told = self.captions(head, labels, traits)
            words = {name: one[:learnt] for name, one in self.words(head, traits).items()}
            self._read = Pictures(
                pictures[:learnt], labels[:learnt], pictures[learnt:], labels[learnt:], tuple(head["names"]),
                told[:learnt], told[learnt:], words,
            )  # fmt: skip
        return self._read

    def peek(self, count: int) -> Pictures:
        """The file's beginning is enough."""
        with self._opened() as file:
            head = json.loads(file.readline())
            labels = _bytes(file.read(int(head["learnt"]) + int(head["held_out"])))
            file.read(len(labels) * len(head.get("traits", ())))
            pixels = _bytes(finish(_reading(file, count * math.prod(head["shape"]))))
            return few(pixels.reshape(count, *head["shape"]), labels[:count], tuple(head["names"]))

    def captions(self, head: dict[str, Any], labels: Array, traits: dict[str, Array]) -> tuple[str, ...]:
        """What each picture shows in words, () for nothing."""
        return ()

    def words(self, head: dict[str, Any], traits: dict[str, Array]) -> dict[str, tuple[str, ...]]:
        """What else is known of each picture, by the trait's name."""
        return {}

    def _opened(self) -> BinaryIO:
        return lzma.open(resource("pictures", f"{self.card.id}.xz"))  # type: ignore[return-value]


def _reading(file: BinaryIO, size: int) -> Generator[None, None, bytes]:
    parts: list[bytes] = []
    while size > 0:
        part = file.read(min(size, _PART))
        if not part:
            raise EOFError("the file of pictures ends early; install DGM Studio anew")
        parts.append(part)
        size -= len(part)
        yield
    return b"".join(parts)


def _bytes(content: bytes) -> Array:
    return np.frombuffer(content, dtype=np.uint8)
