"""Ways from a latent to the next: straight, along the sphere, straight with the length kept."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import LERP, MODES, NORM, SLERP, stops

PARALLEL = 1e-9
"""Sine of an angle below which two directions span no plane."""


def lerp(a: Array, b: Array, u: Array) -> Array:
    """(1 - u) a + u b for a, b (k,) and u (n,): (n, k)."""
    return np.asarray(np.outer(1.0 - u, a) + np.outer(u, b))


def slerp(a: Array, b: Array, u: Array) -> Array:
    """The great circle between the directions of a and b (k,) at even angles (Shoemake, 1985), with the length
    (1 - u) |a| + u |b|: (n, k) for u (n,). Opposite ends go round by a fixed plane; where an end is the origin, or k is
    1, there is no circle, and it is lerp."""
    first, last = float(np.linalg.norm(a)), float(np.linalg.norm(b))
    if len(a) < 2 or first == 0.0 or last == 0.0:
        return lerp(a, b, u)
    begin, end = a / first, b / last
    angle = 2.0 * np.arctan2(np.linalg.norm(begin - end), np.linalg.norm(begin + end))
    across = end - (begin @ end) * begin
    sine = np.linalg.norm(across)
    across = across / sine if sine > PARALLEL else _perpendicular(begin)
    turned = np.outer(np.cos(u * angle), begin) + np.outer(np.sin(u * angle), across)
    return np.asarray(((1.0 - u) * first + u * last)[:, None] * turned)


def length_kept(a: Array, b: Array, u: Array) -> Array:
    """lerp's direction with the length (1 - u) |a| + u |b|: (n, k). Opposite ends pass the origin, where there is no
    direction: there slerp's is taken."""
    straight = lerp(a, b, u)
    lengths = np.linalg.norm(straight, axis=1, keepdims=True)
    wanted = np.outer(1.0 - u, np.linalg.norm(a)) + np.outer(u, np.linalg.norm(b))
    lost = lengths <= PARALLEL * wanted
    return np.asarray(np.where(lost, slerp(a, b, u), straight * (wanted / np.where(lost, 1.0, lengths))))


WAYS: dict[str, Callable[[Array, Array, Array], Array]] = {LERP: lerp, SLERP: slerp, NORM: length_kept}
"""By the ids of core.latents.MODES."""


def path_through(latents: Array, frames: int, mode: str, closed: bool = False) -> Array:
    """Exactly `frames` latents (frames, k) in float64 through the given ones (m, k), which are among them to the bit,
    at the frames core.latents.stops says; Refused where there are fewer frames than points."""
    points = np.asarray(latents, dtype=np.float64)
    if points.ndim != 2 or len(points) == 0:
        raise Refused("There is no point to begin from. Choose two to eight.")
    if mode not in WAYS:
        raise Refused(f"There is no way '{mode}' between two latents; choose {', '.join(one.id for one in MODES)}.")
    if not np.isfinite(points).all():
        raise Refused("A point holds a number that is not finite. Choose other points.")
    at = stops(len(points), frames, closed)
    if len(at) == 1:
        return np.repeat(points, frames, axis=0)
    path = np.empty((frames, points.shape[1]))
    for index, (begin, end) in enumerate(pairwise(at)):
        a, b = points[index], points[(index + 1) % len(points)]
        path[begin : end + 1] = WAYS[mode](a, b, np.linspace(0.0, 1.0, end - begin + 1))
        path[begin], path[end] = a, b
    return path


def _perpendicular(direction: Array) -> Array:
    """A unit vector at a right angle to a unit vector (k,), k at least 2: always the same one."""
    other = np.zeros_like(direction)
    other[np.abs(direction).argmin()] = 1.0
    other -= (other @ direction) * direction
    return np.asarray(other / np.linalg.norm(other))
