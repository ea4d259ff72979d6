"""What data a run learns from: a data set by name and knobs, or points that were painted or imported."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value


@dataclass(frozen=True)
class Normalisation:
    """How imported units became the model's: model = (data - shift) / scale, both of shape (d,)."""

    shift: tuple[float, ...]
    scale: tuple[float, ...]

    def to_model(self, points: Array) -> Array:
        """Points (n, d) in data units to model units."""
        return np.asarray((points - np.asarray(self.shift)) / np.asarray(self.scale))

    def to_data(self, points: Array) -> Array:
        """Points (..., d) in model units to data units."""
        return np.asarray(points * np.asarray(self.scale) + np.asarray(self.shift))

    @property
    def log_jacobian(self) -> float:
        """log|d model / d data| = -sum log scale: what a log-density in nats gains in data units."""
        return -float(np.sum(np.log(self.scale)))

    @staticmethod
    def none(dim: int) -> Normalisation:
        """The identity."""
        return Normalisation((0.0,) * dim, (1.0,) * dim)


@dataclass(frozen=True, eq=False)
class PointSet:
    """Points (n, d) float32 in data units with integer labels (n,), as painted or imported."""

    points: Array
    labels: Array
    title: str
    source: str
    normalisation: Normalisation

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", frozen(np.array(self.points, dtype=np.float32)))
        object.__setattr__(self, "labels", frozen(np.array(self.labels, dtype=np.int64)))

    @property
    def sha256(self) -> str:
        """The content's fingerprint: points, then labels."""
        return hashlib.sha256(self.points.tobytes() + self.labels.tobytes()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PointSet)
            and self.sha256 == other.sha256
            and self.normalisation == other.normalisation
            and self.title == other.title
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class TextSet:
    """A person's own text, as read from `source`."""

    text: str
    title: str
    source: str

    @cached_property
    def sha256(self) -> str:
        """The content's fingerprint."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def packed(self) -> Array:
        """The text as (n,) uint8, UTF-8 and deflated: how files hold it."""
        return frozen(np.frombuffer(zlib.compress(self.text.encode(), 6), dtype=np.uint8))

    @staticmethod
    def unpacked(packed: Array, title: str, source: str) -> TextSet:
        """The reverse of `packed`; Refused where it is damaged."""
        try:
            return TextSet(zlib.decompress(packed.tobytes()).decode(), title, source)
        except (zlib.error, UnicodeDecodeError) as error:
            raise Refused("The recipe's text cannot be unpacked: the file was changed or damaged.") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextSet) and self.sha256 == other.sha256 and self.title == other.title

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class PictureSet:
    """A person's own pictures: bytes (n, c, h, w) with c 1 (grey) or 3 (RGB), labels (n,), and the classes' `names`
    (none where there are no classes), as read from `source`."""

    pixels: Array
    labels: Array
    names: tuple[str, ...]
    title: str
    source: str

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        if pixels.ndim != 4 or pixels.dtype != np.uint8 or pixels.shape[1] not in (1, 3) or pixels.size == 0:
            raise Refused(
                f"'{self.title}' holds {pixels.dtype} of shape {pixels.shape}; pictures are bytes (n, 1 or 3, h, w). "
                "Choose other pictures."
            )
        labels = np.asarray(self.labels, dtype=np.int64)
        most = max(len(self.names), 1)
        if labels.shape != pixels.shape[:1] or labels.min() < 0 or labels.max() >= most:
            raise Refused(
                f"'{self.title}' needs a label from 0 to {most - 1} for each of its {len(pixels):,} pictures. "
                "Choose other pictures."
            )
        object.__setattr__(self, "pixels", frozen(np.array(pixels)))
        object.__setattr__(self, "labels", frozen(np.array(labels)))

    @cached_property
    def sha256(self) -> str:
        """The content's fingerprint: shape, bytes, then labels."""
        digest = hashlib.sha256(repr(self.pixels.shape).encode())
        digest.update(self.pixels.data)
        digest.update(self.labels.data)
        return digest.hexdigest()

    def to_json(self, *, embed: bool) -> dict[str, Any]:
        """Plain JSON; with `embed` the bytes travel along, deflated."""
        body = {"title": self.title, "source": self.source, "names": list(self.names), "sha256": self.sha256}
        if not embed:
            return body
        packed = zlib.compress(self.labels.tobytes() + self.pixels.tobytes(), 6)
        return {**body, "shape": list(self.pixels.shape), "packed": base64.b64encode(packed).decode("ascii")}

    @staticmethod
    def from_json(held: Mapping[str, Any], pixels: Array | None, labels: Array | None) -> PictureSet:
        """The reverse of `to_json`; `pixels` and `labels` stand in where they were not embedded."""
        if pixels is None or labels is None:
            if "packed" not in held:
                raise Refused(
                    "This recipe names its pictures only by fingerprint; open the checkpoint that holds them."
                )
            shape = tuple(map(int, held["shape"]))
            try:
                content = zlib.decompress(base64.b64decode(held["packed"]))
                labels = np.frombuffer(content[: 8 * shape[0]], dtype=np.int64)
                pixels = np.frombuffer(content[8 * shape[0] :], dtype=np.uint8).reshape(shape)
            except (zlib.error, ValueError) as error:
                raise Refused("The recipe's pictures cannot be unpacked: the file was changed or damaged.") from error
        names = tuple(map(str, held["names"]))
        own = PictureSet(pixels, labels, names, str(held["title"]), str(held["source"]))
        if own.sha256 != held["sha256"]:
            raise Refused("The recipe's pictures do not match their fingerprint: the file was changed or damaged.")
        return own

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PictureSet)
            and self.sha256 == other.sha256
            and self.names == other.names
            and self.title == other.title
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class DataSpec:
    """A data set: `name` with `knobs` and `count` drawn with the recipe's seed, or `points`, a `text` or `pictures` by
    content; a shipped corpus or set of pictures by name."""

    name: str = "eight-gaussians"
    knobs: Mapping[str, Value] = field(default_factory=dict)
    count: int = 10_000
    points: PointSet | None = None
    text: TextSet | None = None
    pictures: PictureSet | None = None

    @property
    def title(self) -> str:
        """What a menu or a title bar calls it."""
        own = self.points or self.text or self.pictures
        return own.title if own is not None else self.name

    def to_json(self, *, embed: bool = True) -> dict[str, Any]:
        """Plain JSON; with `embed` painted or imported points, a text or pictures travel along, else only their
        SHA-256."""
        if self.pictures is not None:
            return {"name": self.name, "pictures": self.pictures.to_json(embed=embed)}
        if self.text is not None:
            return {"name": self.name, "text": self._text_json(self.text, embed)}
        if self.points is None:
            return {"name": self.name, "knobs": dict(self.knobs), "count": self.count}
        own = self.points
        body: dict[str, Any] = {
            "title": own.title,
            "source": own.source,
            "shape": list(own.points.shape),
            "sha256": own.sha256,
            "shift": list(own.normalisation.shift),
            "scale": list(own.normalisation.scale),
        }
        if embed:
            body["points"] = base64.b64encode(own.points.tobytes()).decode("ascii")
            body["labels"] = base64.b64encode(own.labels.tobytes()).decode("ascii")
        return {"name": self.name, "points": body}

    @staticmethod
    def _text_json(own: TextSet, embed: bool) -> dict[str, Any]:
        body = {"title": own.title, "source": own.source, "sha256": own.sha256}
        return {**body, "packed": base64.b64encode(own.packed.tobytes()).decode("ascii")} if embed else body

    @staticmethod
    def _text_from_json(name: str, held: Mapping[str, Any], packed: Array | None) -> DataSpec:
        if packed is None:
            if "packed" not in held:
                raise Refused("This recipe names its text only by fingerprint; open the checkpoint that holds it.")
            packed = np.frombuffer(base64.b64decode(held["packed"]), dtype=np.uint8)
        own = TextSet.unpacked(packed, str(held["title"]), str(held["source"]))
        if own.sha256 != held["sha256"]:
            raise Refused("The recipe's text does not match its fingerprint: the file was changed or damaged.")
        return DataSpec(name=name, text=own)

    @staticmethod
    def from_json(body: Mapping[str, Any], *, points: Array | None = None, labels: Array | None = None) -> DataSpec:
        """The reverse of `to_json`; `points` (of a text its `packed`, of pictures their bytes) and `labels` stand in
        where they were not embedded."""
        if "pictures" in body:
            own_pictures = PictureSet.from_json(body["pictures"], points, labels)
            return DataSpec(name=str(body["name"]), pictures=own_pictures)
        if "text" in body:
            return DataSpec._text_from_json(str(body["name"]), body["text"], points)
        held = body.get("points")
        if held is None:
            return DataSpec(str(body["name"]), dict(body.get("knobs", {})), int(body.get("count", 10_000)))
        if points is None:
            if "points" not in held:
                raise Refused("This recipe names its points only by fingerprint; open the checkpoint that holds them.")
            points = np.frombuffer(base64.b64decode(held["points"]), dtype=np.float32).reshape(held["shape"])
            labels = np.frombuffer(base64.b64decode(held["labels"]), dtype=np.int64)
        if labels is None:
            labels = np.zeros(len(points), dtype=np.int64)
        norm = Normalisation(tuple(map(float, held["shift"])), tuple(map(float, held["scale"])))
        own = PointSet(points, labels, str(held["title"]), str(held["source"]), norm)
        if own.sha256 != held["sha256"]:
            raise Refused("The recipe's data points do not match their fingerprint: the file was changed or damaged.")
        return DataSpec(name=str(body["name"]), points=own)
