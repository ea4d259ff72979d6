"""What a family shows of itself beside samples and fields, as plain tensors: facts, bars, structure, push."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor


class Fact(NamedTuple):
    """One line of the read-outs: "Codes in use" | "29 of 32", and a help line that says what it means."""

    label: str
    text: str
    help: str = ""


@dataclass(frozen=True)
class Bars:
    """A small bar chart: ELBO per step, ELBO surgery, code usage. `values` (k,) in `unit`, one name a bar; `names` may
    be empty where the bars are many and numbered. `note` is the caption, e.g. the sum and what it bounds."""

    title: str
    values: Tensor
    names: tuple[str, ...] = ()
    unit: str = "nats"
    note: str = ""


@dataclass(frozen=True)
class Structure:
    """What only this family has, drawn over the data in model units.

    `lines` are polylines (m, d): ellipses of components, Voronoi edges, a latent line. `dots` (k, d) are marked places
    (means, codes), `weights` (k,) in [0, 1] their sizes. `shares` (n, c) say how much each training point belongs to
    each of c groups (responsibilities; one-hot for codes): the data are coloured by it. `note` is the caption.
    """

    lines: tuple[Tensor, ...] = ()
    dots: Tensor | None = None
    weights: Tensor | None = None
    shares: Tensor | None = None
    note: str = ""


@dataclass(frozen=True)
class Push:
    """Arrows at chosen points: gradients at a generator's fakes, a classifier's pull. x, v (m, d) in model units."""

    x: Tensor
    v: Tensor
    note: str = field(default="")
