"""The histogram: a box cut into equal bins, each bin's probability its share of the points counted."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.extent import Extent
from dgm_studio.families.showing import Fact, Structure
from dgm_studio.solvers.solver import State

MOST_BINS = 2**20
"""Bins in all, 4 MB of counts: more than any data here could fill."""

FEWEST_BINS = 2
DRAWN, ALL = "drawn", "all"
IN_BIN = 1e-4
"""How far from a bin's walls a sample stays, in units of the bin: rounding must not carry it to a neighbour."""

SHOWN_DIMENSIONS = (1, 2, 3, 10)
CHUNK = 8192


@dataclass(frozen=True)
class Design:
    """What is built."""

    bins: int = knob(32, "Bins", "Bins along each axis; a point of d columns needs bins^d of them.",
                     low=FEWEST_BINS, high=256, log=True)  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    counting: str = knob(
        DRAWN, "Counting", "Which points one step counts.",
        choices=(
            Choice(DRAWN, "Points drawn", "A batch drawn with replacement is added: the estimate settles."),
            Choice(ALL, "All points", "Every training point once, afresh: the maximum-likelihood estimate."),
        ),
    )  # fmt: skip
    batch: int = knob(512, "Batch", "Points drawn per step.", low=1, high=4096, log=True, when=("counting", (DRAWN,)))
    forgetting: float = knob(
        0.0, "Forgetting", "Share of the old counts dropped at each step; above 0 it follows data that change.",
        low=0.0, high=0.5, when=("counting", (DRAWN,)),
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling:
    """How the counts become probabilities."""

    smoothing: float = knob(
        0.0, "Smoothing", "Counts added to every bin, seen or not (Laplace's rule is 1).", low=0.0, high=10.0
    )


class Histogram(Family):
    """pi_k = (c_k + alpha) / (sum of c + K alpha) for K = bins^d bins of one volume v, p(x) = pi_k / v in bin k and 0
    outside the box (lecture 1).

    The box is the data's, with a margin; data that leave it make a new one, and counting begins again.
    """

    card = Card(
        id="histogram",
        title="Histogram",
        summary="Counts points in the bins of a grid: no assumption, and bins^d parameters.",
        lecture="1",
        paper="Scott, 1979",
        formula="π_k = #{i : x_i in bin k} / n",
        shows=("log_prob", "facts", "structure"),
        facts=(("structure", "Bin edges"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("histogram", "Histogram", "32 bins along each axis, counted batch by batch.", "1", "Scott, 1979"),
        Preset(
            "coarse-histogram", "Coarse histogram", "8 bins along each axis: full bins, a blunt picture.", "1",
            "Scott, 1979", {"bins": 8}, {"counting": ALL},
        ),
        Preset(
            "fine-histogram", "Fine histogram", "150 bins along each axis: most are empty, it learns by heart.", "1",
            "Scott, 1979", {"bins": 150}, {"counting": ALL},
        ),
        Preset(
            "laplace-histogram", "Smoothed histogram", "One more count in every bin: nothing is impossible.", "1",
            "Laplace, 1814", {}, {"counting": ALL}, {"smoothing": 1.0},
        ),
    )  # fmt: skip
    log_prob_kind = "exact"
    counts: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        if design.bins**dim > MOST_BINS:
            raise Refused(
                f"{design.bins} bins along each of {dim} axes are {design.bins**dim:.3g} bins; at most {MOST_BINS:,} "
                f"are kept. Choose {int(MOST_BINS ** (1 / dim) + 1e-9)} bins or fewer, or data with fewer columns."
            )
        self.box = Extent(dim)
        self.register_buffer("counts", torch.empty(design.bins**dim))

    def fill(self, generator: torch.Generator) -> None:
        """Nothing counted yet."""
        self.counts.zero_()

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Even two bins an axis are too many."""
        if FEWEST_BINS**dim <= MOST_BINS:
            return ""
        return f"Even {FEWEST_BINS} bins along each of {dim} axes are too many; choose data with at most 20 columns."

    # Counting.

    def beats(self, training: Any) -> tuple[str, ...]:
        """It only counts."""
        return ("count",)

    @torch.no_grad()
    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Count; -log p of the points just counted, without smoothing, in nats a point."""
        training = fit.training
        if self.box.settle(fit.points) or training.counting == ALL:
            self.counts.zero_()
        x = fit.points if training.counting == ALL else fit.batch()
        if training.counting == DRAWN and training.forgetting > 0:
            self.counts.mul_(1 - training.forgetting)
        which = self.bin_of(x)[0]
        self.counts.index_add_(0, which, self.counts.new_ones(len(which)))
        return {"negative log-likelihood": -self.log_density(x, 0.0).mean()}

    def bin_of(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The number (n,) of the bin points (n, d) lie in, and whether they lie in the box (n,)."""
        u = self.box.to_unit(x)
        inside = ((u >= 0) & (u <= 1)).all(1)
        along = (u * self.design.bins).long().clamp(0, self.design.bins - 1)
        return along @ self._strides(), inside

    def _strides(self) -> Tensor:
        """bins^(d-1), ..., bins, 1: the first axis runs slowest."""
        powers = torch.arange(self.dim - 1, -1, -1, device=self.device)
        strides: Tensor = self.design.bins**powers
        return strides

    def probabilities(self, smoothing: float) -> Tensor:
        """pi (bins^d,); uniform before anything is counted."""
        counts = self.counts + smoothing
        total = counts.sum()
        return counts / total if bool(total > 0) else torch.full_like(counts, 1 / len(counts))

    def log_density(self, x: Tensor, smoothing: float) -> Tensor:
        """log p(x) (n,) in nats; -inf in empty bins and outside the box."""
        which, inside = self.bin_of(x)
        log_p = self.probabilities(smoothing)[which].log() - self.log_volume
        return torch.where(inside, log_p, torch.full_like(log_p, -math.inf))

    @property
    def log_volume(self) -> float:
        """Log volume of one bin."""
        return float(self.box.size.log().sum()) - self.dim * math.log(self.design.bins)

    # Sampling and density.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Uniform in the box, (n, d)."""
        return self.box.draw(n, generator)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Uniform points, then the centres of the bins drawn, then places in them: uniform, as the start is."""
        yield State(0.0, start)
        pi = self.probabilities(sampling.smoothing)
        which = torch.multinomial(pi, len(start), replacement=True, generator=generator)
        corner = (which[:, None] // self._strides() % self.design.bins).to(start.dtype)
        yield State(0.5, self.box.from_unit((corner + 0.5) / self.design.bins))
        place = self.box.to_unit(start).clamp(IN_BIN, 1 - IN_BIN)
        yield State(1.0, self.box.from_unit((corner + place) / self.design.bins), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """The box, the bins, the samples."""
        return 3

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p(x) (n,) in nats, exact; only at t = 1."""
        refuse_noised(self.card, t)
        found = []
        for part in torch.split(x, CHUNK):
            found.append(self.log_density(part, sampling.smoothing))
            yield
        return torch.cat(found)

    # What it shows.

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """The curse of dimensionality in numbers: parameters against data, empty bins."""
        bins, n = self.design.bins, len(points)
        empty = float((self.counts == 0).float().mean())
        yield
        log_p = self.log_density(points, sampling.smoothing)
        yield
        curse = tuple(
            Fact(
                f"Parameters, {d}-D",
                f"{_number(bins**d - 1)} for {n:,} points",
                f"{bins}^{d} bins whose probabilities sum to 1: bins^d - 1 free numbers.",
            )
            for d in SHOWN_DIMENSIONS
        )
        return (
            *curse,
            Fact("Empty bins", f"{100 * empty:.1f} %", "Bins without a single counted point."),
            Fact("Points per bin", f"{n / bins**self.dim:.3g}", "Training points over bins, on average."),
            Fact("Log-likelihood", f"{float(log_p.mean()):.3f} nats", "Average log p(x) of the training points."),
        )

    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """The edges of the bins: lines in two dimensions, dots in one; Refused in more."""
        if self.dim > 2:
            raise Refused(f"The bins of {self.dim} axes cannot be drawn as lines. Choose data with one or two columns.")
        steps = torch.linspace(0, 1, self.design.bins + 1, device=self.device, dtype=self.dtype)
        edges = self.box.from_unit(steps[:, None].expand(-1, self.dim))
        yield
        note = f"{len(self.counts):,} bins"
        if self.dim == 1:
            return Structure(dots=edges, note=note)
        (left, bottom), (right, top) = self.box.low, self.box.high
        upright = tuple(torch.stack([x.expand(2), torch.stack([bottom, top])], 1) for x in edges[:, 0])
        level = tuple(torch.stack([torch.stack([left, right]), y.expand(2)], 1) for y in edges[:, 1])
        return Structure(lines=upright + level, note=note)


def _number(value: int) -> str:
    """A count in full below a million, else as a power of ten."""
    return f"{value:,}" if value < 10**6 else f"{value:.1e}"


FAMILY = Histogram
