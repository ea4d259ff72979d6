"""Words of the Checkpoints panel: what a file is, what is in it, and who could run it, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

INFO, WARNING, ERROR = "info", "warning", "error"
"""Levels of a finding. An error bars sampling, never looking."""


class RefusedFile(Refused):
    """A file that cannot be opened at all; `code` is the message's ("E01"), the text says what it is, what is wrong and
    what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[RefusedFile], tuple[str, str]]:
        """Two arguments, so that it survives the way out of a helper process."""
        return RefusedFile, (self.code, self.sentence)


@dataclass(frozen=True)
class Finding:
    """Something to know of a file that can be read: `code` is the message's, or "" where it has none."""

    code: str
    level: str
    text: str


MATCH, NOT_MINE, BROKEN, ASKS = "match", "not-mine", "broken", "asks"
"""A candidate's verdicts: it can rebuild the model; it is another's; it is its own but does not fit; it could run the
file, which is a program, but only after a person's consent (tier 4)."""

CONSENT = "consent"
"""The choice that gives consent: its value is the SHA-256 of the very file, and it holds for no other."""


@dataclass(frozen=True)
class Conclusion:
    """One thing that was concluded, with where from ("from scheduler_config.json", "from the loss_weight buffer",
    "by shape of conv_in.weight", "assumed", "your choice"). `options` are what a person may choose instead, empty
    where there is nothing to choose. `value` is JSON-able."""

    name: str
    title: str
    value: Any
    source: str
    options: tuple[str, ...] = ()


PICTURES, POINTS, TEXT, NOTHING = "pictures", "points", "text", ""
"""What a rebuilt model makes."""


@dataclass(frozen=True)
class Candidate:
    """One architecture's answer to a file: `reasons` are sentences, best first; `makes` is what the rebuilt model
    makes; `extra` the optional part of the installation that it needs; `settings` all it would be built with."""

    id: str
    title: str
    verdict: str
    score: float
    reasons: tuple[str, ...]
    makes: str = NOTHING
    tier: int = 3
    extra: str = ""
    settings: tuple[Conclusion, ...] = ()

    def setting(self, name: str, default: Any = None) -> Any:
        """The value concluded under this name."""
        return next((one.value for one in self.settings if one.name == name), default)


@dataclass(frozen=True)
class TensorEntry:
    """One tensor as the file has it: `dtype` a short name ("float32", "bfloat16", "int64", "q4_0"), `nbytes` as stored,
    `file` its file in a folder ("" for the file itself), `offset` where its bytes begin there (-1: unknown),
    `storage` the id of what it shares with others."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    nbytes: int
    file: str = ""
    offset: int = -1
    storage: str = ""

    @property
    def numel(self) -> int:
        """Numbers it holds."""
        count = 1
        for size in self.shape:
            count *= size
        return count


@dataclass(frozen=True)
class TensorStats:
    """min, mean, max, standard deviation and L2 norm over the finite entries; share of zeros; NaN and Inf counts."""

    name: str
    low: float
    mean: float
    high: float
    std: float
    norm: float
    zeros: float
    nans: int
    infs: int


@dataclass(frozen=True)
class WeightSet:
    """One copy of the weights inside a file ("raw", "ema", "ema-0.9999", "generator"): `names` maps the model's own
    tensor names to the file's; `stripped` are the wrappers that were taken off ("state_dict", "module.")."""

    id: str
    title: str
    names: Mapping[str, str]
    stripped: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Curve:
    """A schedule found inside: values (n,) by index, `name` what they are ("betas", "alphas_cumprod")."""

    name: str
    title: str
    values: Array
    source: str


@dataclass(frozen=True)
class Totals:
    """Sums over all tensors; `numel` counts a shared storage once."""

    tensors: int
    numel: int
    nbytes: int
    dtypes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Inspection:
    """What a file or folder is: `kind` (id of the format), `title` of it in words, `path`, `size` in bytes, the
    candidates best first, tensors as the file has them, weight sets, curves, findings, `metadata` (a plain tree: dicts,
    lists, numbers, strings; what is no plain data stands as a string in angle brackets)."""

    kind: str
    title: str
    path: str
    size: int
    candidates: tuple[Candidate, ...]
    tensors: tuple[TensorEntry, ...]
    totals: Totals
    weights: tuple[WeightSet, ...] = ()
    curves: tuple[Curve, ...] = ()
    findings: tuple[Finding, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate | None:
        """The candidate that would run, where there is one."""
        return next((one for one in self.candidates if one.verdict == MATCH), None)


@dataclass(frozen=True)
class TensorDifference:
    """One tensor of two checkpoints: L2 `norm` of second - first over the entries that are finite in both, `relative`
    to the first's norm (inf where that is 0 and this is not), `largest` absolute change, `cosine` of the two (nan where
    either is 0)."""

    name: str
    shape: tuple[int, ...]
    norm: float
    relative: float
    largest: float
    cosine: float


@dataclass(frozen=True)
class Difference:
    """Two checkpoints (or two weight sets of one): rows of the tensors that both have in one shape; names that only one
    has; (name, shape, other shape) where they differ in shape; the same figures over all rows together, and how many
    rows are `equal` number by number."""

    first: str
    second: str
    rows: tuple[TensorDifference, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    shapes: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]
    norm: float
    relative: float
    largest: float
    cosine: float
    equal: int
