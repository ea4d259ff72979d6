"""Words of the Latents panel: places in a latent space, strips, maps, codes and films of pictures, as plain data.

Pictures that cross the towers are bytes (n, c, h, w), read-only; latents are float32 (n, k).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Conclusion
from dgm_studio.core.knobs import Choice, Knob, Value
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.reports import Report

DECODES, ENCODES, CODES, STYLES, DENOISES, CLASSES = "decodes", "encodes", "codes", "styles", "denoises", "classes"
"""What an open model can: see families.pictures.capabilities; CLASSES: it can be told a class; CLASSIFIER (below): it
has a noisy classifier that can guide it."""

CAPTIONS, ALIGNS = "captions", "aligns"
"""CAPTIONS: it is told words; ALIGNS: a joint embedding of such pictures and captions ships, which can judge it."""

CAPTION = "caption"
"""The knob of Sampling that holds what such a model is told."""

GAMMAS = (0.0, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)
"""Guidance scales at which alignment is measured."""

LERP, SLERP, NORM = "lerp", "slerp", "norm"
MODES = (
    Choice(LERP, "Straight (lerp)", "(1 − u) a + u b: passes nearer the origin than its ends."),
    Choice(SLERP, "Along the sphere (slerp)", "The great circle between the directions, the length between the ends'."),
    Choice(NORM, "Straight, length kept", "lerp's direction with the length (1 − u)|a| + u|b|."),
)
"""How one goes from a latent to the next."""


def stops(points: int, frames: int, closed: bool = False) -> tuple[int, ...]:
    """The frames at which a strip of `frames` pictures stands on its points, evenly spread, first and last included;
    one more than `points` where it comes back to the first. Refused where there are fewer frames than that."""
    count = points + 1 if closed and points > 1 else points
    if frames < count:
        raise Refused(f"{frames} frames cannot pass through {count} points; ask for at least {count}.")
    return (0,) if count == 1 else tuple(round(k * (frames - 1) / (count - 1)) for k in range(count))


SEED, DATA, FILE = "seed", "data", "file"
"""Where a place comes from: drawn from the prior by a seed, a picture of the data set, a file or drawing."""


@dataclass(frozen=True, eq=False)
class Spot:
    """One chosen point: `seed` for SEED, `index` among the model's training pictures for DATA, `pixels` (c, h, w) bytes
    for FILE, already at the model's shape. `label` is its class, -1 for none or unknown."""

    kind: str
    seed: int = 0
    index: int = -1
    pixels: Array | None = None
    label: int = -1
    title: str = ""


@dataclass(frozen=True)
class PictureModelReport(Report):
    """What the lane has open: the first report of the lane, read back from the model.

    `words` are those that a model of captions was told (core.wording).

    `latent` is k (0: none), `code` (h', w', K) of a codebook (zeros: none), `layers` the names of style layers,
    `step` the training step, `source` what it was opened from, `data` the data set's title and `count` how many
    training pictures there are to choose from (0: the data are not here). `settings` are what was concluded of a
    checkpoint that others wrote, as it is used, and what may be chosen instead; `knobs` declare its sampling where it
    is of no family of the catalogue.
    """

    title: str
    family: str
    source: str
    shape: PictureShape
    parameters: int
    can: tuple[str, ...]
    data: str = ""
    count: int = 0
    classes: tuple[str, ...] = ()
    latent: int = 0
    code: tuple[int, int, int] = (0, 0, 0)
    layers: tuple[str, ...] = ()
    step: int = 0
    lecture: str = ""
    paper: str = ""
    sampling: Mapping[str, Value] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""
    settings: tuple[Conclusion, ...] = ()
    words: tuple[str, ...] = ()
    knobs: tuple[Knob, ...] = ()


@dataclass(frozen=True, eq=False)
class Placed:
    """Spots as latents (m, k), the pictures asked for (m, c, h, w), their reconstructions, and the root mean square
    error (m,) between the two in grey levels of [0, 1]; `error` is NaN where there was no picture to reconstruct (a
    seed)."""

    latents: Array
    pixels: Array
    reconstructed: Array
    error: Array
    labels: Array


@dataclass(frozen=True, eq=False)
class Decoded:
    """Pictures (n, c, h, w) of the latents or codes that were asked for."""

    pixels: Array


@dataclass(frozen=True, eq=False)
class StripPart(Report):
    """Frames start .. start + n of the strip that `request` asked for: latents (n, k), pictures (n, c, h, w); `total`
    is how many there will be."""

    request: int
    start: int
    total: int
    latents: Array
    pixels: Array


@dataclass(frozen=True, eq=False)
class LatentMap:
    """The plane z = centre + (u, v) basis: encoded data at points (n, 2) with labels (n,) and data indices (n,), the
    posterior's standard deviations along both axes (n, 2) (zero for a model without), `basis` (2, k) orthonormal,
    `centre` (k,), `explained` (2,) the share of the codes' variance on each axis, `titles` of the axes, `extent` half
    the side of the square that holds nearly all of it."""

    points: Array
    labels: Array
    indices: Array
    spreads: Array
    basis: Array
    centre: Array
    explained: Array
    titles: tuple[str, str]
    extent: float


@dataclass(frozen=True, eq=False)
class Directions:
    """Ways to go from a latent: names, unit vectors (m, k), and how far (m,) one standard deviation of the codes is
    along each; `kinds` says of each whether it is "axis", "principal" or "class"."""

    names: tuple[str, ...]
    vectors: Array
    scales: Array
    kinds: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class CodeGrid:
    """The code of one picture: ids (h', w'), the picture and what the decoder makes of the code, both (c, h, w)."""

    ids: Array
    pixels: Array
    reconstructed: Array


@dataclass(frozen=True, eq=False)
class CodeBook:
    """All K entries: where they lie in the plane of their principal axes (K, 2), how often each is used by the data,
    or by 4,000 of them (K,), their colours on that plane (K, 3) bytes, `perplexity` of the usage, and for each a patch
    (K, c, p, p): what the decoder draws at the middle of a code full of it."""

    plane: Array
    usage: Array
    colours: Array
    patches: Array
    perplexity: float


@dataclass(frozen=True, eq=False)
class CodeUses:
    """Where the data use entry `code`: up to n pictures (n, c, h, w) and the places (n, 2) in the code grid."""

    code: int
    pixels: Array
    places: Array


@dataclass(frozen=True, eq=False)
class Styled:
    """Pictures (n, c, h, w) of mixed styles, and of the first of them the activations (channels, h, w) of each layer,
    float32."""

    pixels: Array
    activations: tuple[Array, ...]


UNCONDITIONAL, CONDITIONAL, GUIDED, CLASSIFIER = "unconditional", "conditional", "guided", "classifier"
COLUMNS = (
    Choice(UNCONDITIONAL, "Unconditional", "γ = 0: the class is not told."),
    Choice(CONDITIONAL, "Conditional", "γ = 1: the class is told."),
    Choice(GUIDED, "Guided", "(1 − γ) f(x) + γ f(x, y): classifier-free guidance at the dialled γ."),
    Choice(CLASSIFIER, "Classifier-guided", "f(x) moved along γ ∇ log p(y | x_t) of a small noisy classifier."),
)
"""Columns of the denoise view; all begin with the same noise."""


@dataclass(frozen=True)
class PictureFilmReport(Report):
    """What a film of pictures is of: its columns, n pictures each, how many frames it will have."""

    columns: tuple[str, ...]
    count: int
    total: int
    label: int
    gamma: float
    latent: bool


@dataclass(frozen=True, eq=False)
class PictureFrame(Report):
    """One moment of all columns: `x_t` and `x1_hat` (columns, n, c, h, w) as pictures in bytes (of a latent model
    `x_t` is the noised code itself, scaled to bytes, and `x1_hat` the decoded prediction), time `t`, network calls."""

    index: int
    t: float
    evaluations: int
    x_t: Array
    x1_hat: Array


@dataclass(frozen=True)
class Alignment(Report):
    """How well pictures drawn at guidance scale `gamma` go with their captions: the mean cosine between the two in a
    joint embedding, with a 95 % interval over `n` pictures, each of its own seed. `real` is the same of real pictures
    with their own captions (NaN: there are none), `other` of these with the captions of others. `caption` is what all
    were told, "" for captions of held-out pictures. `done` of `total` scales are there."""

    caption: str
    gamma: float
    value: float
    low: float
    high: float
    n: int
    real: float
    real_low: float
    real_high: float
    other: float
    done: int
    total: int


@dataclass(frozen=True)
class Score(Report):
    """One figure of the model: its name and id, value with interval and floor where there are any (NaN: none), unit,
    what it is of, and how many pictures it is from. `done` of `total` figures are there."""

    id: str
    title: str
    value: float
    low: float
    high: float
    floor: float
    unit: str
    help: str
    n: int
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class Nearest:
    """Of each asked picture the nearest training pictures (n, j, c, h, w), nearest first, their indices (n, j), and
    root mean square distances (n, j) in [0, 1]."""

    pixels: Array
    indices: Array
    distances: Array
