"""Favourites: pictures that stay over the gallery, and in the session with their bytes."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import Making

MOST = 24
MOST_BYTES = 200_000
"""Of one picture in a session file; a larger one is kept by what it is made of and made anew."""


@dataclass(frozen=True, eq=False)
class Pin:
    """What a favourite is made of, and its picture (c, h, w) of bytes where that is here."""

    making: Making
    pixels: Array | None

    def to_json(self) -> dict[str, Any]:
        """For a session file."""
        held: dict[str, Any] = {"making": self.making.to_json()}
        if self.pixels is not None and self.pixels.nbytes <= MOST_BYTES:
            held["shape"] = list(self.pixels.shape)
            held["bytes"] = base64.b64encode(np.ascontiguousarray(self.pixels).tobytes()).decode("ascii")
        return held

    @staticmethod
    def from_json(held: Any) -> Pin:
        """The reverse; Refused where it is none."""
        try:
            making = Making.from_json(held["making"])
            if "bytes" not in held:
                return Pin(making, None)
            flat = np.frombuffer(base64.b64decode(held["bytes"], validate=True), dtype=np.uint8)
            channels, high, wide = map(int, held["shape"])
            return Pin(making, frozen(flat.reshape(channels, high, wide).copy()))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("A pinned picture cannot be read; it is left out.") from error


class Pins:
    """In the order in which they were pinned."""

    def __init__(self) -> None:
        self.held: list[Pin] = []

    def has(self, making: Making) -> bool:
        """Whether it is pinned."""
        return any(one.making == making for one in self.held)

    def toggle(self, making: Making, pixels: Array | None) -> None:
        """Pin it, or take it down; Refused where there are MOST."""
        if self.has(making):
            self.held = [one for one in self.held if one.making != making]
        elif len(self.held) >= MOST:
            raise Refused(f"{MOST} pictures are pinned, as many as there is room for. Take one down first.")
        else:
            self.held.append(Pin(making, pixels))

    def to_json(self) -> list[dict[str, Any]]:
        """For a session file."""
        return [one.to_json() for one in self.held]

    def restore(self, held: Any) -> None:
        """The reverse; what cannot be read is left out."""
        self.held = []
        for one in held if isinstance(held, list) else ():
            try:
                self.held.append(Pin.from_json(one))
            except Refused:
                continue
        self.held = self.held[:MOST]
