"""Colour maps as look-up tables (256, 3) uint8, made from the tokens in OKLab."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.gui.theme.oklab import from_oklab, rgb, to_oklab
from dgm_studio.gui.theme.tokens import Tokens

# As colourful as a screen can show at each lightness; a clipped colour would break the even steps.
_HEAT_AT = (0.0, 0.15, 0.25, 0.32, 0.47, 0.63, 0.8, 1.0)
_HEAT_CHROMA = (0.08, 0.13, 0.1, 0.09, 0.088, 0.115, 0.16, 0.17)


def _table(colours: Array) -> Array:
    return frozen(np.round(np.clip(colours, 0.0, 1.0) * 255).astype(np.uint8))


def _between(stops: list[Array], at: list[float]) -> Array:
    u = np.linspace(0.0, 1.0, 256)
    lab = np.stack([np.interp(u, at, [float(stop[i]) for stop in stops]) for i in range(3)], axis=-1)
    return _table(from_oklab(lab))


@lru_cache(maxsize=8)
def density_map(tokens: Tokens) -> Array:
    """One hue from the stage to the accent: nothing is the empty stage, much is the accent."""
    return _between([to_oklab(rgb(tokens.stage)), to_oklab(rgb(tokens.accent))], [0.0, 1.0])


@lru_cache(maxsize=8)
def heat_map(tokens: Tokens) -> Array:
    """Lightness rises evenly while the hue turns once from violet over teal to yellow.

    In OKLab, L goes from 0.20 to 0.93 and (a, b) = C (cos h, sin h) with h from 300 to 105 degrees: equal
    steps of the
    value are equal steps of lightness, so that it reads the same in grey and with any colour vision.
    """
    del tokens  # the same in both themes: a heat map carries its own ground
    u = np.linspace(0.0, 1.0, 256)
    hue = np.deg2rad(300.0 - 195.0 * u)
    chroma = np.interp(u, _HEAT_AT, _HEAT_CHROMA)
    lab = np.stack([0.20 + 0.73 * u, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
    return _table(from_oklab(lab))


@lru_cache(maxsize=8)
def diverging_map(tokens: Tokens) -> Array:
    """From error (below zero) over the stage (zero) to exact (above).

    Both ends equally far from the middle.
    """
    low, zero, high = (to_oklab(rgb(c)) for c in (tokens.error, tokens.stage, tokens.exact))
    return _between([low, zero, high], [0.0, 0.5, 1.0])
