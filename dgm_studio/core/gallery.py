"""Words of the gallery: what one picture of a model is made of, rows of such, and what a lane tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.reports import Report
from dgm_studio.core.requests import Opening

MOST_TILES, MOST_ROWS = 128, 8
"""Of one gallery."""

SEED, LABEL, GAMMA = "seed", "label", "gamma"
"""Settings that every model has; all others are its Sampling's knobs, or CHOICE and the name of a conclusion."""

CHOICE = "choice."
WEIGHTS, RAW, EMA = "weights", "raw", "ema"
"""The conclusion that names the copy of the weights, and the two copies that a checkpoint of ours may have."""


@dataclass(frozen=True)
class Making:
    """Everything that decides one picture: `source` and `choice` as core.picture_requests.OpenPictures has them, the
    seed of its noise, the class (-1: none), the guidance scale gamma of CONVENTIONS, and what is set of the model's
    Sampling. Two makings of one seed begin with the same noise wherever their models' noise has one shape."""

    source: str
    seed: int = 0
    label: int = -1
    gamma: float = 1.0
    sampling: Mapping[str, Value] = field(default_factory=dict)
    choice: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What must be opened for it; equal for makings of one model."""
        return self.source, tuple(sorted(self.choice.items()))

    def having(self, setting: str, value: Value) -> Making:
        """The same with one setting changed: "seed", "label", "gamma", a knob of Sampling, or "choice." and a
        conclusion's name."""
        match setting:
            case "seed":
                return replace(self, seed=int(value))
            case "label":
                return replace(self, label=int(value))
            case "gamma":
                return replace(self, gamma=float(value))
        if setting.startswith(CHOICE):
            return replace(self, choice={**self.choice, setting.removeprefix(CHOICE): str(value)})
        return replace(self, sampling={**self.sampling, setting: value})

    def to_json(self) -> dict[str, Any]:
        """For a session file."""
        return {**vars(self), "sampling": dict(self.sampling), "choice": dict(self.choice)}

    @staticmethod
    def from_json(held: Any) -> Making:
        """The reverse; Refused where it is none."""
        try:
            return Making(
                str(held["source"]), int(held["seed"]), int(held["label"]), float(held["gamma"]),
                {str(name): _value(value) for name, value in held["sampling"].items()},
                {str(name): str(value) for name, value in held["choice"].items()},
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Refused("A picture of the gallery is kept in a form that cannot be read. Make it again.") from error


def _value(held: Any) -> Value:
    if not isinstance(held, (bool, int, float, str)):
        raise TypeError(held)
    return held


Rows = tuple[tuple[Making, ...], ...]


def varied(making: Making, setting: str, values: Iterable[Value]) -> tuple[Making, ...]:
    """A row: one making with one setting at each of `values`, all else (so the noise, too) equal."""
    return tuple(making.having(setting, value) for value in values)


def seeds_from(first: int, count: int) -> tuple[int, ...]:
    """The columns of a gallery of seeds."""
    return tuple(range(first, first + count))


@dataclass(frozen=True)
class ShowGallery(Opening):
    """Pictures of rows of makings, one at a time, in reading order: told by a GalleryModel for each model that is
    opened, then by GalleryTiles. What one model or one picture is refused for is told in its place; the others go
    on. Refused where there are no rows, or too many."""

    rows: Rows


@dataclass(frozen=True)
class GalleryModel(Report):
    """The model of the makings of `source` and `choice`: what it is, or why it cannot be opened (`refusal`)."""

    source: str
    choice: Mapping[str, str]
    report: PictureModelReport | None
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class GalleryTile(Report):
    """One picture (c, h, w) of bytes at (row, column), and how many network evaluations it took; or why there is none.
    `done` of `total` tiles are told."""

    row: int
    column: int
    making: Making
    pixels: Array | None
    evaluations: int = 0
    refusal: str = ""
    done: int = 0
    total: int = 0
