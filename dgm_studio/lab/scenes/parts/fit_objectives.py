"""Five objectives of a fit q to a Gaussian mixture p, exact and differentiable, or from n samples.

Exact: forward and reverse KL and JSD by quadrature over standard-normal nodes placed on every component (spectrally
accurate: a trapezoid of smooth, fast decaying integrands), W2 by quantile functions, MMD in closed form. From n
samples: n data of p stand for p, and n reparametrised draws of each component of q for the integrals over q.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus

from dgm_studio.lab.scenes.parts.mixture_tensor import covariances, log_density, moments, parts, placed, projected
from dgm_studio.lab.scenes.parts.quantile_table import MixtureTable, QuantileTable, SampleTable

REACH = {1: (8.5, 1 / 16), 2: (5.6, 0.35)}
"""Nodes reach so many sigma, this far apart, by dimension: 273 and 1,089 of them."""
ROWS = {1: 2_000, 2: 500}
"""Of the table of p's quantiles."""
DIRECTIONS = 12
"""Of sliced W2 in the plane, evenly spaced over a half turn."""
SPREAD = 3.0
STEPS = {1: 1_200, 2: 240}
"""Nodes of the transport integral, by dimension: SPREAD sinh(u), dense where the modes lie, out to 100."""


def normal_nodes(dim: int, coarser: float = 1.0) -> tuple[Tensor, Tensor]:
    """Points (n, d) and weights (n,) of the standard normal."""
    reach, gap = REACH[dim][0], REACH[dim][1] * coarser
    line = torch.arange(-round(reach / gap), round(reach / gap) + 1, dtype=torch.float64) * gap
    weights = torch.exp(-0.5 * line**2)
    if dim == 1:
        return line[:, None], weights / weights.sum()
    both = (weights[:, None] * weights).flatten()
    return torch.cartesian_prod(line, line), both / both.sum()


class Objectives:
    """p (2, fields) against any batch of fits theta (b, k, fields): every function gives (b,)."""

    def __init__(self, p: Tensor, bandwidth: float, coarser: float = 1.0) -> None:
        self.p, self.bandwidth = p, bandwidth
        dim = self.dim = parts(p).means.shape[-1]
        self.normal, self.weights = normal_nodes(dim, coarser)
        self.x = placed(p, self.normal).flatten(0, 1)
        self.x_weights = (torch.exp(parts(p).log_weights)[:, None] * self.weights).flatten()
        self.log_p = log_density(p, self.x)
        turn = math.pi * torch.arange(DIRECTIONS if dim == 2 else 1, dtype=torch.float64) / DIRECTIONS
        self.directions = torch.stack((turn.cos(), turn.sin()), 1)[:, :dim]
        self.table: QuantileTable = MixtureTable(*projected(p, self.directions), int(ROWS[dim] / coarser))
        u = torch.linspace(-1, 1, int(STEPS[dim] / coarser**2) + 1, dtype=torch.float64) * math.asinh(100 / SPREAD)
        self.line = SPREAD * torch.sinh(u)
        self.line_weights = SPREAD * torch.cosh(u) * (u[1] - u[0])
        mean, covariance = moments(p)
        self.p_means = self.directions @ mean
        self.p_variances = ((self.directions @ covariance) * self.directions).sum(-1)
        p_parts = parts(p)
        self._data = (torch.exp(p_parts.log_weights), p_parts.means, covariances(p))
        self._alone = float(self._kernel(*self._data, *self._data))

    def sampled(self, n: int, components: int, generator: torch.Generator) -> Objectives:
        """The same from n fresh data of p and n fresh normals for each of q's components."""
        made = object.__new__(Objectives)
        made.__dict__.update(self.__dict__)
        right = torch.rand(n, dtype=torch.float64, generator=generator) < torch.exp(parts(self.p).log_weights[1])
        x = placed(self.p, torch.randn(n, self.dim, dtype=torch.float64, generator=generator))[
            right.long(), torch.arange(n)
        ]
        made.x, made.log_p = x, log_density(self.p, x)
        made.x_weights = made.weights = torch.full((n,), 1 / n, dtype=torch.float64)
        made.normal = torch.randn(components, n, self.dim, dtype=torch.float64, generator=generator)
        along = self.directions @ x.T
        made.table = SampleTable(along)
        made.p_means, made.p_variances = along.mean(-1), along.var(-1, unbiased=False)
        made._data = (made.x_weights, x, torch.zeros(n, 1 if self.dim == 1 else 3, dtype=torch.float64))
        return made

    def forward_kl(self, theta: Tensor) -> Tensor:
        """KL(p || q) = E_p[log p - log q], nats. From samples it is maximum likelihood (lecture 1)."""
        return self._forward(self._at_data(theta))

    def reverse_kl(self, theta: Tensor) -> Tensor:
        """KL(q || p) = E_q[log q - log p], nats, q's points reparametrised."""
        return self._reverse(*self._at_made(theta))

    def jsd(self, theta: Tensor) -> Tensor:
        """1/2 KL(p || m) + 1/2 KL(q || m), m = (p + q) / 2, nats: log p/m = log 2 - log(1 + q/p)."""
        return self._jsd(self._at_data(theta), *self._at_made(theta))

    def _at_data(self, theta: Tensor) -> Tensor:
        """log q - log p at p's points (b, n)."""
        return log_density(theta, self.x) - self.log_p

    def _at_made(self, theta: Tensor) -> tuple[Tensor, Tensor]:
        """log q - log p at q's own points, and their weights (b, k n)."""
        x = placed(theta, self.normal).flatten(-3, -2)
        weights = torch.exp(parts(theta).log_weights)[..., None] * self.weights
        return log_density(theta, x) - log_density(self.p, x), weights.flatten(-2)

    def _forward(self, at_data: Tensor) -> Tensor:
        return -(at_data * self.x_weights).sum(-1)

    def _reverse(self, at_made: Tensor, weights: Tensor) -> Tensor:
        return (at_made * weights).sum(-1)

    def _jsd(self, at_data: Tensor, at_made: Tensor, weights: Tensor) -> Tensor:
        data, made = (softplus(at_data) * self.x_weights).sum(-1), (softplus(-at_made) * weights).sum(-1)
        return math.log(2) - 0.5 * (data + made)

    def w2_squared(self, theta: Tensor) -> Tensor:
        """W2^2 on the line, its mean over directions in the plane (sliced).

        The integral of (F_p^-1 - F_q^-1)^2 is (m_p - m_q)^2 + v_p + v_q - 2 integral of B(F_q(x)) dx, by parts, with
        B(u) = m_p u - A(u), A(u) the integral of F_p^-1 up to u; dA/du = F_p^-1(u) is a transport map to p.
        """
        weights, means, variances = projected(theta, self.directions)
        mean = (weights * means).sum(-1)
        variance = (weights * (variances + means**2)).sum(-1) - mean**2
        z = (self.line - means[..., None]) / variances.sqrt()[..., None]
        u = (weights[..., None] * torch.special.ndtr(z)).sum(-2)
        with torch.no_grad():
            rows = u.transpose(0, 1).flatten(1).contiguous()  # (directions, batch * nodes)
            to = self.table.quantiles(rows)
            below = self.table.below(to)
            to, below = (one.reshape(len(rows), len(theta), -1).transpose(0, 1) for one in (to, below))
        bound = self.p_means[:, None] * u - (to * u - below)
        gap = (mean - self.p_means) ** 2 + variance + self.p_variances
        squares: Tensor = gap - 2 * (bound * self.line_weights).sum(-1)
        return squares.mean(-1)

    def mmd(self, theta: Tensor) -> Tensor:
        """MMD^2 of the kernel exp(-|x - y|^2 / 2 h^2): every mean of it over two Gaussians is a Gaussian integral."""
        q = (torch.exp(parts(theta).log_weights), parts(theta).means, covariances(theta))
        return self._alone - 2 * self._kernel(*q, *self._data) + self._kernel(*q, *q)

    def every(self, theta: Tensor) -> Tensor:
        """All five, in the order of DESCENDED, of every fit: (5, b); the logarithms are taken once."""
        at_data, made = self._at_data(theta), self._at_made(theta)
        information = (self._forward(at_data), self._reverse(*made), self._jsd(at_data, *made))
        return torch.stack((*information, self.w2_squared(theta), self.mmd(theta)))

    def own(self, theta: Tensor) -> Tensor:
        """Fit i by objective i, theta (5, k, fields) -> (5,)."""
        three = theta[:3]
        at_data, (made, weights) = self._at_data(three[::2]), self._at_made(three[1:])
        return torch.cat(
            (
                self._forward(at_data[:1]),
                self._reverse(made[:1], weights[:1]),
                self._jsd(at_data[1:], made[1:], weights[1:]),
                self.w2_squared(theta[3:4]),
                self.mmd(theta[4:]),
            )
        )

    def _kernel(self, w: Tensor, m: Tensor, s: Tensor, v: Tensor, n: Tensor, t: Tensor) -> Tensor:
        """E k(x, y) of x from weights w (..., k), means m (..., k, d), covariances s, and y from v, n, t."""
        gap, cov = m[..., :, None, :] - n[..., None, :, :], s[..., :, None, :] + t[..., None, :, :]
        h = self.bandwidth**2
        if self.dim == 1:
            total = cov[..., 0] + h
            mean = torch.exp(-0.5 * gap[..., 0] ** 2 / total) * torch.sqrt(h / total)
        else:
            a, b, c = cov[..., 0] + h, cov[..., 1], cov[..., 2] + h
            det = a * c - b * b
            x, y = gap[..., 0], gap[..., 1]
            mean = torch.exp(-0.5 * (c * x * x - 2 * b * x * y + a * y * y) / det) * h / det.sqrt()
        return (w * (mean * v[..., None, :]).sum(-1)).sum(-1)


Objective = Callable[[Objectives, Tensor], Tensor]

DESCENDED: dict[str, Objective] = {
    "kl": Objectives.forward_kl,
    "reverse-kl": Objectives.reverse_kl,
    "jsd": Objectives.jsd,
    "w2": Objectives.w2_squared,
    "mmd": Objectives.mmd,
}
"""What each fit goes down, by the measure's id: W2 by its square, whose slope has no corner at the minimum."""


def shown(name: str, value: Tensor) -> Tensor:
    """A descended value as its measure gives it: never below 0 by rounding, W2 rooted."""
    return value.clamp_min(0).sqrt() if name == "w2" else value.clamp_min(0)
