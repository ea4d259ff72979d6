"""Colours of codebook entries: near in the plane, near in colour."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array

LIGHTNESS, SWING, CHROMA = 66.0, 14.0, 46.0
"""Of CIE L*a*b*: the middle, what the second axis adds to it, and the outermost colour's distance from grey."""

TO_RGB = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.969266, 1.8760108, 0.041556], [0.0556434, -0.2040259, 1.0572252]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def entry_colours(plane: Array) -> Array:
    """Bytes (K, 3) of sRGB: the ranks of the plane's (K, 2) two coordinates are a* and b* of CIE L*a*b* (D65), and the
    second the lightness too, so that entries also differ where colours look alike."""
    ranks = np.stack([_ranks(column) for column in np.asarray(plane).T], axis=1)
    lightness = LIGHTNESS + SWING * ranks[:, 1]
    return _srgb(np.column_stack([lightness, CHROMA * ranks]))


def _ranks(values: Array) -> Array:
    """Evenly over [-1, 1] in the order of the values."""
    order = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return 2.0 * order / max(len(values) - 1, 1) - 1.0


def _srgb(lab: Array) -> Array:
    """CIE L*a*b* (n, 3) as bytes of sRGB (IEC 61966-2-1), clipped to what it can show."""
    middle = (lab[:, 0] + 16.0) / 116.0
    bent = np.stack([middle + lab[:, 1] / 500.0, middle, middle - lab[:, 2] / 200.0], axis=1)
    straight = np.where(bent > 6 / 29, bent**3, 3 * (6 / 29) ** 2 * (bent - 4 / 29)) * WHITE
    linear = np.clip(straight @ TO_RGB.T, 0.0, 1.0)
    shown = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255.0 * shown), dtype=np.uint8)
