"""The linear flow: one invertible matrix, kept in factors whose determinant and inverse are cheap."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.parts import flow, gradient_knobs
from dgm_studio.families.parts.factors import LU, QR, Factor, Shift
from dgm_studio.families.parts.flow import Flow
from dgm_studio.families.showing import Fact, Structure
from dgm_studio.solvers.solver import State

PLU, Q_R = "lu", "qr"

SHOWN = 4
"""The largest matrix whose numbers are written out."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    factors: str = knob(
        PLU, "Factors", "How the matrix A is parametrised, so that it always has an inverse.",
        choices=(
            Choice(PLU, "LU", "A = P L U: a fixed permutation, lower and upper triangular."),
            Choice(Q_R, "QR", "A = Q R: Householder reflections, upper triangular."),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Training(flow.Training):
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-2)


@dataclass(frozen=True)
class Sampling(flow.Sampling):
    """How it is sampled, and how finely its film shows each factor at work."""

    frames_per_factor: int = knob(
        8, "Frames a factor", "Frames in which one factor moves the plane; 1 shows only where each ends.",
        low=1, high=60,
    )  # fmt: skip


class LinearFlow(Flow):
    """x = A z + b with z from N(0, I): the Gaussian N(b, A A^T), whose optimum is the maximum likelihood Gaussian.

    The lecture writes the other direction, z = W x with W = A^-1 (b = 0). log|det A| is the sum of d logarithms on a
    diagonal, O(d) where a general determinant costs O(d^3).
    """

    card = Card(
        id="linear-flow",
        title="Linear flow",
        summary="One matrix, kept in factors: it can only turn, shear and stretch a Gaussian.",
        lecture="2",
        paper="Kingma and Dhariwal, 2018; Hoogeboom et al., 2019; Tomczak and Welling, 2016",
        formula="x = A z + b, A = P L U or Q R",
        shows=("log_prob", "transport", "facts", "bars", "structure"),
        facts=(
            ("loss", "L = −E log p(x)"),
            ("kin", "NF"),
            ("structure", "Columns of A"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("lu-flow", "LU flow", "A = P L U with a fixed permutation.", "2", "Kingma and Dhariwal, 2018"),
        Preset(
            "qr-flow", "QR flow", "A = Q R, Q a product of reflections.", "2", "Hoogeboom et al., 2019",
            {"factors": Q_R},
        ),
    )  # fmt: skip

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.linear = LU(dim) if design.factors == PLU else QR(dim)
        self.shift = nn.Parameter(torch.empty(dim))

    def fill(self, generator: torch.Generator) -> None:
        """b = 0."""
        self.shift.zero_()

    def layers(self) -> list[Factor]:
        """The factors in the order in which they act on the noise, then the shift."""
        return [*self.linear.factors(), Shift("b", self.shift)]

    def layer_names(self) -> tuple[str, ...]:
        """U, L, P, b or R, H_d, ..., H_1, b."""
        return tuple(factor.name for factor in self.layers())

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Factor after factor, each in equal straight moves of every point; t is the share of moves made.

        While U, L, R or b moves, every frame is an invertible map; a reflection or a permutation is drawn as a flip
        and is flat half way.
        """
        yield from self._moves(sampling.temperature * start, 0, sampling.frames_per_factor)

    def onward(self, start: Tensor, t: float, sampling: Any) -> tuple[int, Iterator[State]]:
        """See families.capabilities.GoesOn; Refused while a factor moves, where a frame is only a drawing of it."""
        passed = t * len(self.layers())
        if abs(passed - round(passed)) > 1e-4:
            raise Refused("A frame between two factors is a drawing of the move. Go on from the end of a factor.")
        left = (len(self.layers()) - round(passed)) * int(sampling.frames_per_factor)
        return left + 1, self._moves(start, round(passed), sampling.frames_per_factor)

    @torch.no_grad()
    def _moves(self, x: Tensor, passed: int, pieces: int) -> Iterator[State]:
        factors, done = self.layers(), passed * pieces
        yield State(passed / len(factors), x)
        for factor in factors[passed:]:
            end = factor.to_data(x)
            for k in range(1, pieces + 1):
                done += 1
                moved = torch.lerp(x, end, k / pieces) if k < pieces else end
                yield State(done / (pieces * len(factors)), moved, evaluations=math.ceil(done / pieces) - passed)
            x = end

    def frames(self, sampling: Any) -> int:
        """Noise, and every factor's frames."""
        return len(self.layers()) * int(sampling.frames_per_factor) + 1

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """A and b, log|det A| both ways, and the likelihood beside that of the best Gaussian."""
        with torch.no_grad():
            matrix = self.linear.matrix()
            cheap, full = float(self.linear.log_diagonal.sum()), float(torch.linalg.slogdet(matrix).logabsdet)
        reached = float((yield from self.log_prob(points, sampling, generator)).double().mean())
        best = gaussian_likelihood(points)
        rows = "; ".join(_numbers(row) for row in matrix) if self.dim <= SHOWN else f"{self.dim} x {self.dim}"
        return (
            Fact(f"A = {self.linear.formula}", rows, "The matrix of the flow, row by row."),
            Fact("b", _numbers(self.shift) if self.dim <= SHOWN else f"{self.dim} numbers", "The mean of the model."),
            Fact(
                "log|det A| by the diagonal", f"{cheap:.4f}",
                f"A sum of {self.dim} logarithms: all that the likelihood pays.",
            ),
            Fact("log|det A| by slogdet", f"{full:.4f}", "A general determinant of the product, O(d^3): the same."),
            Fact("Log-likelihood", f"{reached:.4f} nats", "Mean over the training points."),
            Fact(
                "Best Gaussian", f"{best:.4f} nats" if math.isfinite(best) else "unbounded: the data lie in a subspace",
                "The maximum likelihood Gaussian: mean and covariance of the points. No linear flow is better.",
            ),
        )  # fmt: skip

    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """A's columns as lines from b, and the ellipses b + A u, b + 2 A u of unit circles u; two columns only."""
        if self.dim != 2:
            raise Refused(f"The columns of A are drawn in the plane; these data have {self.dim} columns. Choose two.")
        with torch.no_grad():
            matrix, shift = self.linear.matrix(), self.shift.detach().clone()
            angle = torch.linspace(0, 2 * math.pi, 129, dtype=matrix.dtype, device=matrix.device)
            circle = torch.stack([angle.cos(), angle.sin()], dim=1)
            ellipses = tuple(shift + radius * circle @ matrix.T for radius in (1, 2))
        yield
        columns = tuple(torch.stack([shift, shift + column]) for column in matrix.T.unbind())
        return Structure(
            lines=(*columns, *ellipses),
            dots=shift[None],
            note="Where the two unit vectors and the circles of one and two standard deviations go.",
        )


def gaussian_likelihood(points: Tensor) -> float:
    """Mean log-likelihood of points (n, d) under their own mean and covariance S: -(d log 2 pi e + log|S|) / 2, in
    nats; infinite where S is singular.
    """
    centred = points.double() - points.double().mean(0)
    sign, log_det = torch.linalg.slogdet(centred.T @ centred / len(points))
    if float(sign) <= 0:
        return math.inf
    return -0.5 * (points.shape[1] * (math.log(2 * math.pi) + 1) + float(log_det))


def _numbers(row: Tensor) -> str:
    return ", ".join(f"{value:.3f}" for value in row.tolist())


FAMILY = LinearFlow
