"""Invertible matrices as products of easy factors: LU with a fixed permutation, QR by Householder reflections."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from dgm_studio.families.parts.flow import Layer
from dgm_studio.nets.init import normal_


class Factor(Layer, Protocol):
    """A layer of a flow with a name."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Triangular:
    """x = T z, T (d, d) triangular: inverted by substitution, O(d^2); log|det T| = sum of `log_diagonal` (d,)."""

    name: str
    matrix: Tensor
    log_diagonal: Tensor
    upper: bool
    passes: int = 1

    def to_data(self, z: Tensor) -> Tensor:
        return z @ self.matrix.T

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        z = torch.linalg.solve_triangular(self.matrix, x.T, upper=self.upper).T
        return z, -self.log_diagonal.sum().expand(len(x))


@dataclass(frozen=True)
class Orthogonal:
    """x = Q z, Q (d, d) orthogonal: inverted by its transpose; no volume changes."""

    name: str
    matrix: Tensor
    passes: int = 1

    def to_data(self, z: Tensor) -> Tensor:
        return z @ self.matrix.T

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x @ self.matrix, x.new_zeros(len(x))


@dataclass(frozen=True)
class Shift:
    """x = z + b with b (d,)."""

    name: str
    by: Tensor
    passes: int = 1

    def to_data(self, z: Tensor) -> Tensor:
        return z + self.by

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x - self.by, x.new_zeros(len(x))


class Parametrisation(nn.Module, ABC):
    """A (d, d) invertible matrix A with the logarithm of its diagonal factor in `log_diagonal` (d,)."""

    formula = ""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.log_diagonal = nn.Parameter(torch.empty(dim))

    @abstractmethod
    def factors(self) -> Sequence[Factor]:
        """The factors in the order in which they act on z: A's from right to left."""

    def matrix(self) -> Tensor:
        """A (d, d)."""
        carried = torch.eye(self.dim, dtype=self.log_diagonal.dtype, device=self.log_diagonal.device)
        for factor in self.factors():
            carried = factor.to_data(carried)
        return carried.T


class LU(Parametrisation):
    """A = P L U: P a fixed permutation, L lower triangular with unit diagonal, U upper with diagonal exp(log_diagonal).

    Kingma and Dhariwal, 2018, section 3.2. The lecture lets L's diagonal be positive too; one diagonal is enough. Any
    covariance A A^T is reached whatever P is, for P^T A A^T P has a Cholesky factor L diag(u) with u > 0.
    """

    formula = "P L U"
    permutation: Tensor

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.lower = nn.Parameter(torch.empty(dim * (dim - 1) // 2))
        self.upper = nn.Parameter(torch.empty(dim * (dim - 1) // 2))
        self.register_buffer("permutation", torch.empty(dim, dim))

    def fill(self, generator: torch.Generator) -> None:
        """Decompose a random orthogonal matrix, its columns signed so that U's diagonal is positive.

        Turning a column's sign changes no density, for N(0, I) is even in each coordinate.
        """
        permutation, lower, upper = torch.linalg.lu(_random_orthogonal(self.dim, generator))
        rows, columns = torch.triu_indices(self.dim, self.dim, 1)
        upper = upper * upper.diagonal().sign()
        self.permutation.copy_(permutation)
        self.lower.copy_(lower.T[rows, columns])
        self.upper.copy_(upper[rows, columns])
        self.log_diagonal.copy_(upper.diagonal().log())

    def factors(self) -> tuple[Factor, ...]:
        """U, then L, then P."""
        none = torch.zeros_like(self.log_diagonal)
        return (
            Triangular("U", _upper(self.upper, self.log_diagonal), self.log_diagonal, upper=True),
            Triangular("L", _upper(self.lower, none).T, none, upper=False),
            Orthogonal("P", self.permutation),
        )


class QR(Parametrisation):
    """A = Q R: R upper triangular with diagonal exp(log_diagonal), Q = H_1 ... H_d a product of d reflections.

    H_i = I - 2 v_i v_i^T / |v_i|^2 (Householder; Tomczak and Welling, 2016, equation 9). d of them reach every
    orthogonal matrix with determinant (-1)^d, and with it every covariance A A^T.
    """

    formula = "Q R"

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.normals = nn.Parameter(torch.empty(dim, dim))
        self.upper = nn.Parameter(torch.empty(dim * (dim - 1) // 2))

    def fill(self, generator: torch.Generator) -> None:
        """Random reflections, whose product is its own Q with R = I."""
        normal_(self.normals, 1.0, generator)
        self.upper.zero_()
        self.log_diagonal.zero_()

    def factors(self) -> tuple[Factor, ...]:
        """R, then the reflections from the last to the first."""
        first = Triangular("R", _upper(self.upper, self.log_diagonal), self.log_diagonal, upper=True)
        identity = torch.eye(self.dim, dtype=self.normals.dtype, device=self.normals.device)
        reflections = [
            Orthogonal(f"H{k + 1}", identity - 2 * torch.outer(v, v) / v.square().sum())
            for k, v in enumerate(self.normals.unbind())
        ]
        return (first, *reversed(reflections))


def _upper(above: Tensor, log_diagonal: Tensor) -> Tensor:
    """Upper triangular (d, d): the diagonal exp(log_diagonal), over it the numbers `above` row by row."""
    rows, columns = torch.triu_indices(len(log_diagonal), len(log_diagonal), 1, device=above.device)
    return torch.diag(log_diagonal.exp()).index_put((rows, columns), above)


def _random_orthogonal(dim: int, generator: torch.Generator) -> Tensor:
    """Q of the QR decomposition of a Gaussian matrix (d, d), in float64 on the CPU, which has every decomposition."""
    gaussian = torch.randn((dim, dim), generator=generator, device=generator.device)
    orthogonal: Tensor = torch.linalg.qr(gaussian.cpu().double()).Q
    return orthogonal
