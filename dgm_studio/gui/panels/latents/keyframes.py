"""The chosen places of a path: two to eight, each with where it came from, its latent and its pictures."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.latents import DATA, FILE, SEED, PictureModelReport, Placed, Spot

LEAST, MOST = 2, 8


@dataclass(frozen=True, eq=False)
class Key:
    """One place. `spot` is None for a place that a person has dragged to; `latent` (k,), `pixels` and `made` (c, h, w)
    are None until the worker has placed it. `error` is NaN without a picture to reconstruct."""

    spot: Spot | None
    latent: Array | None = None
    pixels: Array | None = None
    made: Array | None = None
    error: float = math.nan
    label: int = -1

    def title(self, classes: tuple[str, ...] = ()) -> str:
        """ "seed 3", "Ankle boot 1203", a file's name."""
        if self.spot is None:
            return "dragged to"
        if self.spot.kind == SEED:
            return f"seed {self.spot.seed}"
        if self.spot.kind == DATA:
            name = classes[self.label] if 0 <= self.label < len(classes) else "picture"
            return f"{name} {self.spot.index}"
        return self.spot.title or "own picture"


class Keyframes:
    """The places in order, and which of them is looked at."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.selected = 0

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def current(self) -> Key | None:
        """The place that is looked at."""
        return self.keys[self.selected] if 0 <= self.selected < len(self.keys) else None

    @property
    def placed(self) -> bool:
        """Whether all have a latent."""
        return bool(self.keys) and all(key.latent is not None for key in self.keys)

    def latents(self) -> Array:
        """(m, k), where all are placed."""
        return np.stack([key.latent for key in self.keys if key.latent is not None])

    def add(self, key: Key) -> None:
        """One more behind the selected one, which it becomes; nothing where there are MOST already."""
        if len(self.keys) < MOST:
            self.selected = min(self.selected + 1, len(self.keys))
            self.keys.insert(self.selected, key)

    def replace(self, key: Key) -> None:
        """Another in place of the selected one."""
        if self.current is not None:
            self.keys[self.selected] = key

    def remove(self) -> None:
        """Without the selected one, where LEAST stay."""
        if len(self.keys) > LEAST:
            del self.keys[self.selected]
            self.selected = min(self.selected, len(self.keys) - 1)

    def drop(self, keys: list[Key]) -> None:
        """Without these."""
        self.keys = [key for key in self.keys if key not in keys]
        self.selected = min(self.selected, max(0, len(self.keys) - 1))

    def move(self, by: int) -> None:
        """The selected one changes places with a neighbour."""
        to = self.selected + by
        if 0 <= to < len(self.keys):
            keys = self.keys
            keys[self.selected], keys[to] = keys[to], keys[self.selected]
            self.selected = to

    def unplaced(self) -> list[Key]:
        """Those that the worker must place."""
        return [key for key in self.keys if key.latent is None and key.spot is not None]

    def place(self, asked: list[Key], placed: Placed) -> None:
        """The worker's answer for these; those that were removed meanwhile are passed over."""
        for index, key in enumerate(asked):
            if key in self.keys:
                self.keys[self.keys.index(key)] = replace(
                    key, latent=placed.latents[index], pixels=placed.pixels[index], made=placed.reconstructed[index],
                    error=float(placed.error[index]), label=int(placed.labels[index]),
                )  # fmt: skip

    def adopt(self, report: PictureModelReport, encodes: bool) -> None:
        """Another model: what has a place in it too is kept, to be placed anew."""
        spots = (key.spot for key in self.keys)
        self.keys = [Key(spot) for spot in spots if spot is not None and _fits(spot, report, encodes)]
        self.selected = 0

    # What a session keeps.

    def session(self) -> list[dict[str, Any]]:
        """Where each came from."""
        return [_held(key.spot) for key in self.keys if key.spot is not None]

    def restore(self, held: Iterable[Any]) -> None:
        """The reverse; what is foreign is passed over."""
        spots = [spot for spot in map(_spot, held) if spot is not None]
        self.keys, self.selected = [Key(spot) for spot in spots[:MOST]], 0


def _fits(spot: Spot, report: PictureModelReport, encodes: bool) -> bool:
    shape = report.shape
    if spot.kind == FILE:
        own = spot.pixels is not None and np.shape(spot.pixels) == (shape.channels, shape.height, shape.width)
        return encodes and own
    return spot.kind == SEED or (encodes and 0 <= spot.index < report.count)


def _held(spot: Spot) -> dict[str, Any]:
    held: dict[str, Any] = {"kind": spot.kind, "seed": spot.seed, "index": spot.index, "title": spot.title}
    if spot.pixels is not None:
        packed = base64.b64encode(np.ascontiguousarray(spot.pixels).tobytes()).decode("ascii")
        held |= {"shape": list(spot.pixels.shape), "pixels": packed}
    return held


def _spot(held: Any) -> Spot | None:
    try:
        pixels = None
        if "pixels" in held:
            content = np.frombuffer(base64.b64decode(held["pixels"]), dtype=np.uint8)
            pixels = frozen(content.reshape([int(side) for side in held["shape"]]).copy())
        spot = Spot(str(held["kind"]), int(held["seed"]), int(held["index"]), pixels, title=str(held["title"]))
    except (TypeError, ValueError, KeyError):
        return None
    return spot if spot.kind in (SEED, DATA) or (spot.kind == FILE and pixels is not None) else None
