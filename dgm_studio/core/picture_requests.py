"""Requests of the Latents panel: one lane has a model of pictures open, another films it."""

from __future__ import annotations

from dataclasses import dataclass, field

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import Value
from dgm_studio.core.latents import GAMMAS, Spot
from dgm_studio.core.requests import Opening, Request
from dgm_studio.core.seed_plane import Blend


@dataclass(frozen=True)
class OpenPictures(Opening):
    """Open a model of pictures for looking at; told by a core.latents.PictureModelReport. `source` is a native
    checkpoint's path, the bare name of one that ships ("fashion-vae"), a training lane (copied as it is now), or the
    path of a checkpoint that others wrote; of such a one `choice` maps names of settings (core.inspection.Conclusion)
    to what a person chose instead of what was concluded."""

    source: str
    choice: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Denoise(Opening):
    """A film of `count` pictures from noise, by the model that lane `source` has open: first a PictureFilmReport, then
    a PictureFrame a beat. `columns` are ids of core.latents.COLUMNS; `label` -1 is no class."""

    source: str
    columns: tuple[str, ...]
    label: int = -1
    gamma: float = 1.0
    count: int = 4
    seed: int = 0
    sampling: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadPictures(Opening):
    """Read one picture file, or a folder of them, at `size` pixels a side and `channels` (0: the files' own, grey or
    RGB); answered by a core.dataspec.PictureSet."""

    path: str
    size: int = 28
    channels: int = 0


@dataclass(frozen=True)
class ShowData(Request):
    """To a lane of pictures: `count` training pictures from index `start` on, of class `label` (-1: of any); answered
    by (indices (n,), labels (n,), pixels (n, c, h, w))."""

    start: int = 0
    count: int = 60
    label: int = -1


@dataclass(frozen=True)
class Place(Request):
    """To a lane of pictures: spots as latents; answered by core.latents.Placed. Where the latent is the noise of a
    probability-flow ODE (DENOISES without ENCODES) it is integrated backwards, in slices."""

    spots: tuple[Spot, ...]
    gamma: float = 1.0


@dataclass(frozen=True)
class Decode(Request):
    """To a lane of pictures: pictures of latents (n, k), at once; answered by core.latents.Decoded. The window keeps
    one such request on its way and sends the newest position when the answer is there."""

    latents: Array
    label: int = -1
    gamma: float = 1.0


@dataclass(frozen=True)
class Interpolate(Request):
    """To a lane of pictures: exactly `frames` pictures through the latents (m, k), ends included, by `mode` of
    core.latents.MODES; `closed` comes back to the first. Told by StripParts; a new one replaces the one that runs."""

    latents: Array
    frames: int
    mode: str
    closed: bool = False
    label: int = -1
    gamma: float = 1.0


@dataclass(frozen=True)
class MapLatents(Request):
    """To a lane of pictures: the plane of the two principal axes of `count` encoded training pictures, or of two chosen
    axes (i, j); answered by core.latents.LatentMap, in slices."""

    axes: tuple[int, int] | None = None
    count: int = 2_000


@dataclass(frozen=True)
class Manifold(Request):
    """To a lane of pictures: the pictures at z = centre + (u, v) basis for a side x side grid of (u, v) in
    [-extent, extent], the top row first; told by StripParts."""

    basis: Array
    centre: Array
    extent: float
    side: int = 20
    label: int = -1
    gamma: float = 1.0


@dataclass(frozen=True)
class FindDirections(Request):
    """To a lane of pictures: ways to go; answered by core.latents.Directions, in slices."""


@dataclass(frozen=True)
class ReadCode(Request):
    """To a lane of pictures: the code of one spot's picture (SEED: drawn from the model's prior over codes where it has
    one); answered by core.latents.CodeGrid."""

    spot: Spot


@dataclass(frozen=True)
class DrawCode(Request):
    """To a lane of pictures: the picture of a code (h', w'); answered by core.latents.Decoded."""

    ids: Array


@dataclass(frozen=True)
class ShowCodeBook(Request):
    """To a lane of pictures: answered by core.latents.CodeBook, in slices."""


@dataclass(frozen=True)
class FindCode(Request):
    """To a lane of pictures: where else the data use an entry; answered by core.latents.CodeUses."""

    code: int
    count: int = 12


@dataclass(frozen=True)
class Style(Request):
    """To a lane of pictures: mix styles: blends (layers,) of seeds say whose style each layer has; answered by
    core.latents.Styled."""

    seeds: tuple[Blend, ...]
    truncation: float = 1.0


@dataclass(frozen=True)
class FindNearest(Request):
    """To a lane of pictures: the nearest training pictures of pictures (n, c, h, w); answered by
    core.latents.Nearest."""

    pixels: Array
    count: int = 3


@dataclass(frozen=True)
class Align(Request):
    """To a lane of pictures: how well pictures drawn at each of the guidance scales go with their captions, told by
    core.latents.Alignments as they are ready; False stops. `count` pictures at each, of one `caption` or ("") of the
    captions of held-out pictures, the same captions and the same noise at all scales."""

    on: bool = True
    gammas: tuple[float, ...] = GAMMAS
    caption: str = ""
    count: int = 48
    seed: int = 0
    sampling: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Assess(Request):
    """To a lane of pictures: its figures, told by core.latents.Scores as they are ready; False stops."""

    on: bool = True
    seed: int = 0
