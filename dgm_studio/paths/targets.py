"""What a network may predict, and the one table that converts it to (x1_hat, eps_hat) and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice
from dgm_studio.core.names import near
from dgm_studio.paths.path import Path

Row = TypeVar("Row")

TARGETS = (
    Choice("x", "Clean datum x₁", "The network predicts the clean point; singular for the noise at t = 1."),
    Choice(
        "epsilon",
        "Noise ε",
        "The network predicts x₀, as DDPM; says nothing of the datum where a = 0.",
    ),
    Choice("v", "v = a x₀ − s x₁", "Salimans and Ho, 2022; well-conditioned at both ends."),
    Choice("score", "Score −x₀ / s", "Song and Ermon, 2019; unbounded at t = 1."),
    Choice("velocity", "Velocity a′x₁ + s′x₀", "Flow matching; what the ODE solvers walk along."),
    Choice(
        "edm", "EDM, preconditioned", "Karras et al., 2022; between noise and datum, of variance one at every time."
    ),
)
"""What a knob `target` may choose from; ids as in CONVENTIONS.md."""


class At(NamedTuple):
    """a, s, a', s' at the times, each (n, 1) or 0-d, and the data's scale, which EDM's target is made for."""

    a: Tensor
    s: Tensor
    da: Tensor
    ds: Tensor
    sigma_data: float = 1.0


def at(path: Path, t: Tensor, sigma_data: float = 1.0) -> At:
    """The path's four functions at t (n,) or 0-d, shaped to multiply points (n, d)."""
    a, s, da, ds = (f(t)[:, None] if t.ndim else f(t) for f in (path.a, path.s, path.da, path.ds))
    return At(a, s, da, ds, sigma_data)


def _over(numerator: Tensor, denominator: Tensor) -> Tensor:
    """numerator / denominator, and 0 where the denominator is 0."""
    zero = denominator == 0
    return torch.where(zero, torch.zeros_like(numerator), numerator / torch.where(zero, 1.0, denominator))


def _from_x(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    return p, _over(x - c.a * p, c.s)


def _from_epsilon(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    return _over(x - c.s * p, c.a), p


def _from_v(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    norm = c.a**2 + c.s**2
    return (c.a * x - c.s * p) / norm, (c.s * x + c.a * p) / norm


def _from_score(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    return _from_epsilon(-c.s * p, x, c)


def _from_velocity(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    det = c.a * c.ds - c.s * c.da
    return (c.ds * x - c.s * p) / det, (c.a * p - c.da * x) / det


def _from_edm(p: Tensor, x: Tensor, c: At) -> tuple[Tensor, Tensor]:
    square = c.a**2 * c.sigma_data**2 + c.s**2
    spread, d = square.sqrt(), c.sigma_data
    return d * (c.a * d * x + c.s * spread * p) / square, (c.s * x - c.a * d * spread * p) / square


_READ: dict[str, Callable[[Tensor, Tensor, At], tuple[Tensor, Tensor]]] = {
    "x": _from_x,
    "epsilon": _from_epsilon,
    "v": _from_v,
    "score": _from_score,
    "velocity": _from_velocity,
    "edm": _from_edm,
}


def _edm(c: At) -> tuple[Tensor, Tensor]:
    """Of (x_1 - c_skip z) / c_out for z = x_t / a at the noise level sigma = s / a (Karras et al., 2022, equation 7
    and table 1), multiplied out: regular at both ends of every path.
    """
    d = c.sigma_data
    spread = torch.hypot(d * c.a, c.s)
    return c.s / (d * spread), -d * c.a / spread


_WRITE: dict[str, Callable[[At], tuple[Tensor, Tensor]]] = {
    "x": lambda c: (torch.ones_like(c.a), torch.zeros_like(c.a)),
    "epsilon": lambda c: (torch.zeros_like(c.a), torch.ones_like(c.a)),
    "v": lambda c: (-c.s, c.a),
    "score": lambda c: (torch.zeros_like(c.a), -_over(torch.ones_like(c.s), c.s)),
    "velocity": lambda c: (c.da, c.ds),
    "edm": _edm,
}
"""c_1, c_0 of each target, which is c_1 x_1 + c_0 x_0."""


def to_clean_and_noise(
    target: str, prediction: Tensor, x_t: Tensor, t: Tensor, path: Path, sigma_data: float = 1.0
) -> tuple[Tensor, Tensor]:
    """(x1_hat, eps_hat), each (n, d), from a prediction (n, d) of `target` at x_t (n, d) and t (n,) or 0-d.

    Solves x_t = a x1 + s x0 with the target's definition (CONVENTIONS.md). Where that is singular the limit
    is used: at s = 0, target x: eps_hat = 0, since E[x_0 | x_t] = -s score -> 0 for data with a smooth
    density; at a = 0, targets epsilon and score: they say nothing of the datum, so x1_hat is its prior mean,
    taken as 0 (the studio centres its data). v, velocity and edm are regular everywhere. Only edm asks for
    `sigma_data`, the scale of the data it was made for. Refused for an unknown target.
    """
    return read(target, prediction, x_t, at(path, t, sigma_data))


def read(target: str, prediction: Tensor, x_t: Tensor, here: At) -> tuple[Tensor, Tensor]:
    """`to_clean_and_noise` where a, s (and for velocities a', s') are at hand: a chain has no path. Refused for an
    unknown target."""
    return _known(_READ, target)(prediction, x_t, here)


def from_clean_and_noise(target: str, x1: Tensor, x0: Tensor, t: Tensor, path: Path, sigma_data: float = 1.0) -> Tensor:
    """The target (n, d) of clean points and noise (n, d) at t (n,) or 0-d: the inverse of
    `to_clean_and_noise`.

    Linear in (x1, x0), so it maps posterior means to posterior means. At s = 0 the score is not determined by
    the noise and 0 is returned: ask at `inner_time`. Refused for an unknown target.
    """
    c1, c0 = coefficients(target, at(path, t, sigma_data))
    return c1 * x1 + c0 * x0


def coefficients(target: str, here: At) -> tuple[Tensor, Tensor]:
    """(c_1, c_0) of the target c_1 x_1 + c_0 x_0, shaped as `here`'s a and s. Refused for an unknown target."""
    return _known(_WRITE, target)(here)


def inner_time(t: Tensor, path: Path, edge: float = 1e-3) -> Tensor:
    """t, but at most 1 - edge where the path ends at s(1) = 0, and at least edge where it starts at a(0) = 0.

    For pictures of a learned score or a learned epsilon-velocity at the very ends, where the conversion
    divides by zero; the edge is that of Ma et al., 2024 (SiT).
    """
    ends = torch.tensor([0.0, 1.0], dtype=t.dtype, device=t.device)
    low = edge if float(path.a(ends)[0]) == 0 else 0.0
    high = 1 - edge if float(path.s(ends)[1]) == 0 else 1.0
    return t.clamp(low, high)


def _known(table: dict[str, Row], target: str) -> Row:
    if target not in table:
        close = near(target, list(table)) or list(table)
        raise Refused(f"There is no prediction target '{target}'. Choose {', '.join(close)}.")
    return table[target]
