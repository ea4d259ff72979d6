"""OKLab: a colour space in which equal steps look equal (Ottosson, 2020), and contrast by WCAG 2."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dgm_studio.core.arrays import Array

_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(hexed: str) -> Array:
    """'#RRGGBB' as sRGB (3,) in [0, 1]."""
    return np.array([int(hexed[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def hexed(colour: Array) -> str:
    """sRGB (3,) in [0, 1] as '#RRGGBB'."""
    return "#" + "".join(f"{round(float(c) * 255):02X}" for c in np.clip(colour, 0.0, 1.0))


def linear(colour: Array) -> Array:
    """sRGB (..., 3) to linear light."""
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def gamma(light: Array) -> Array:
    """Linear light (..., 3) to sRGB, clipped to what a screen can show."""
    light = np.clip(light, 0.0, 1.0)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def to_oklab(colour: Array) -> Array:
    """sRGB (..., 3) to OKLab (L, a, b)."""
    return np.asarray(np.cbrt(linear(colour) @ _TO_LMS.T) @ _TO_LAB.T)


def from_oklab(lab: Array) -> Array:
    """OKLab (..., 3) to sRGB in [0, 1]."""
    return gamma((lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T)


@lru_cache(maxsize=256)
def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from first to second, evenly in OKLab."""
    return hexed(from_oklab((1 - share) * to_oklab(rgb(first)) + share * to_oklab(rgb(second))))


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    return float(linear(rgb(colour)) @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(first: str, second: str) -> float:
    """Contrast ratio by WCAG 2, from 1 to 21; text needs 4.5, a mark 3."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)
