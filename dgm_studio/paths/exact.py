"""The exact marginals of a Gaussian mixture along a path: density, score, velocity, posterior mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.paths.path import Path

CHUNK = 1 << 18
"""Points times components worked on at once: a few buffers of 1 MB, which stay in the cache."""

SLICE = 1 << 21
"""Points times components of one slice of `slices`: well under 50 ms on one core."""

EDGE = 1e-4
"""Finite data are evaluated no later than t = 1 - EDGE where the path ends at s = 0."""


class ExactField:
    """Field of p_t = sum_k w_k N(a m_k, a^2 S_k + s^2 I), the marginals of `mixture` along `path`.

    With S_k = U_k diag(l_k) U_k^T, r = U_k^T (x - a m_k), c = a^2 l_k + s^2 and responsibilities g_k(x):
    score = -sum g_k U_k (r / c), x1_hat = sum g_k (m_k + a U_k (l_k r / c)), velocity = sum g_k (a' m_k + U_k
    ((a a' l_k + s s') r / c)). Every method works in the dtype of x (float32 or float64), takes t 0-d or
    (n,), and needs memory for CHUNK entries whatever the number of components.

    Components without covariance (finite data) have no density, score or velocity at s = 0: there density and
    score are Refused, velocity and x1_hat are those of t = 1 - EDGE.
    """

    def __init__(self, mixture: Mixture, path: Path, device: torch.device | str = "cpu") -> None:
        self.mixture = mixture
        self._path = path
        self.dim = mixture.dim
        values, vectors = torch.linalg.eigh(torch.from_numpy(mixture.covariances.copy()))
        values = values.clamp(min=0.0)
        self._sharp = bool((values <= 1e-12).any())
        self._round = bool((values.amax(1) - values.amin(1) <= 1e-12 * values.amax()).all())
        double = {
            "log_w": torch.log(torch.from_numpy(mixture.weights.copy())),
            "means": torch.from_numpy(mixture.means.copy()),
            "values": values[:, 0].contiguous() if self._round else values,
            "vectors": vectors,
        }
        self._held = {torch.float32: {name: held.float().to(device) for name, held in double.items()}}
        if torch.device(device).type != "mps":  # MPS has no float64
            self._held[torch.float64] = {name: held.to(device) for name, held in double.items()}

    @property
    def path(self) -> Path:
        """The path whose marginals these are."""
        return self._path

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """E[a' x_1 + s' x_0 | x_t = x], (n, d)."""
        return self._chunked(self._velocity, x, self._inner(t))

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_t(x), (n, d)."""
        self._refuse_sharp(t, "score")
        return self._chunked(self._score, x, t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """E[x_1 | x_t = x], (n, d)."""
        return self._chunked(self._x1_hat, x, self._inner(t))

    def log_density(self, x: Tensor, t: Tensor) -> Tensor:
        """log p_t(x) in nats, (n,)."""
        self._refuse_sharp(t, "density")
        return self._chunked(self._log_density, x, t)

    def draw(self, n: int, t: float, generator: torch.Generator) -> Tensor:
        """n samples of p_t, (n, d) float32 on the generator's device."""
        held, device = self._held[torch.float32], generator.device
        which = torch.multinomial(held["log_w"].exp().to(device), n, replacement=True, generator=generator)
        z1, x0 = (torch.randn(n, self.dim, generator=generator, device=device) for _ in range(2))
        values = held["values"].to(device)[which]
        roots = (values[:, None] if self._round else values).sqrt()
        spread: Tensor = torch.einsum("nij,nj->ni", held["vectors"].to(device)[which], roots * z1)
        time = torch.tensor(t, dtype=torch.float32, device=device)
        x1: Tensor = held["means"].to(device)[which] + spread
        return self._path.a(time) * x1 + self._path.s(time) * x0

    def slices(self, x: Tensor) -> Iterator[slice]:
        """Slices of the n points of x, each short enough (< 50 ms) for one beat."""
        return _slices(len(x), SLICE // self._cost)

    @property
    def _cost(self) -> int:
        per_component = 1 if self._round else self.dim
        return max(1, len(self.mixture.weights) * per_component)

    def _inner(self, t: Tensor) -> Tensor:
        return t.clamp(max=1 - EDGE) if self._sharp and self._ends_sharp(t) else t

    def _ends_sharp(self, t: Tensor) -> bool:
        return float(self._path.s(torch.ones_like(t.reshape(-1)[:1]))) == 0.0

    def _refuse_sharp(self, t: Tensor, what: str) -> None:
        if self._sharp and bool((self._path.s(t) == 0).any()):
            raise Refused(f"Finite data have no {what} at t = 1: choose a time below 1, where noise smooths them.")

    def _chunked(self, of: Callable[[Tensor, Tensor, dict[str, Tensor]], Tensor], x: Tensor, t: Tensor) -> Tensor:
        held = self._held[x.dtype]
        t = t.to(x)
        parts = _slices(len(x), CHUNK // self._cost)
        return torch.cat([of(x[part], t[part] if t.ndim else t, held) for part in parts])

    def _log_parts(self, x: Tensor, t: Tensor, held: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """log(w_k N(x; a m_k, C_k)) (n, k) without the 2 pi; r (n, k, d); c (. , k, d), for round ones (.,
        k).
        """
        a, s2 = self._path.a(t), self._path.s(t) ** 2
        if t.ndim:
            a, s2 = a[:, None], s2[:, None]
        means, values = held["means"], held["values"]
        if self._round:
            # one dimension at a time: as fast as a matrix product for d = 2, without its cancellation
            distance = torch.zeros(len(x), len(means), dtype=x.dtype, device=x.device)
            for axis in range(self.dim):
                gap = x[:, axis, None] - a * means[:, axis]
                distance = torch.addcmul(distance, gap, gap)
            c = a**2 * values + s2
            return held["log_w"] - 0.5 * self.dim * torch.log(c) - 0.5 * distance / c, distance, c
        gap = x[:, None, :] - (a[..., None] if t.ndim else a) * means
        r = torch.einsum("nki,kij->nkj", gap, held["vectors"])
        c = a[..., None] ** 2 * values + s2[..., None] if t.ndim else a**2 * values + s2
        return held["log_w"] - 0.5 * torch.log(c).sum(-1) - 0.5 * (r**2 / c).sum(-1), r, c

    def _moments(self, x: Tensor, t: Tensor, held: dict[str, Tensor], f: Tensor, top: Tensor) -> Tensor:
        """sum_k g_k (f m_k + U_k (top / c) r): f (n or 1, 1), top broadcasting to c."""
        parts, r, c = self._log_parts(x, t, held)
        g = torch.softmax(parts, dim=1)
        if not self._round:
            weight = g[..., None] * (top / c) * r
            return f * (g @ held["means"]) + torch.einsum("nkj,kij->ni", weight, held["vectors"])
        a = self._path.a(t)
        a = a[:, None] if t.ndim else a
        weight = g * (top / c)
        return f * (g @ held["means"]) + x * weight.sum(1, keepdim=True) - a * (weight @ held["means"])

    def _per_component(self, value: Tensor, t: Tensor) -> Tensor:
        """A function of t shaped to broadcast against c."""
        extra = 0 if not t.ndim else (1 if self._round else 2)
        return value.reshape(value.shape + (1,) * extra)

    def _velocity(self, x: Tensor, t: Tensor, held: dict[str, Tensor]) -> Tensor:
        da = self._path.da(t)
        a_da, s_ds = (self._per_component(value, t) for value in (self._path.a(t) * da, self._path.s_ds(t)))
        return self._moments(x, t, held, da[:, None] if t.ndim else da, a_da * held["values"] + s_ds)

    def _x1_hat(self, x: Tensor, t: Tensor, held: dict[str, Tensor]) -> Tensor:
        a = self._per_component(self._path.a(t), t)
        return self._moments(x, t, held, torch.ones((), dtype=x.dtype, device=x.device), a * held["values"])

    def _score(self, x: Tensor, t: Tensor, held: dict[str, Tensor]) -> Tensor:
        minus = -torch.ones((), dtype=x.dtype, device=x.device)
        return self._moments(x, t, held, torch.zeros_like(minus), minus)

    def _log_density(self, x: Tensor, t: Tensor, held: dict[str, Tensor]) -> Tensor:
        parts, _, _ = self._log_parts(x, t, held)
        return torch.logsumexp(parts, dim=1) - 0.5 * self.dim * math.log(2 * math.pi)


def _slices(count: int, size: int) -> Iterator[slice]:
    """Slices of range(count) of at most `size` (at least 1) each; one empty slice for an empty range."""
    size = max(1, size)
    for start in range(0, max(count, 1), size):
        yield slice(start, min(start + size, count))
