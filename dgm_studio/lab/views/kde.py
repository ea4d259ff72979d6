"""Kernel density estimates in the precision of views."""

from __future__ import annotations

from collections.abc import Generator

from torch import Tensor

from dgm_studio.lab.views.lattice import precise
from dgm_studio.measures import kde
from dgm_studio.measures.kde import Kde

__all__ = ["Kde", "fit_kde"]


def fit_kde(points: Tensor) -> Generator[None, None, Kde]:
    """measures.kde.fit_kde of points (n, 2) in float64, or in float32 where the device has no other."""
    return (yield from kde.fit_kde(precise(points)))
