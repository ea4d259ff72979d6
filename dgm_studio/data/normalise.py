"""From a file's units to the model's: the three ways, and what cannot be normalised."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import Normalisation
from dgm_studio.core.errors import Refused

How = Literal["centre", "standardise", "none"]
WAYS: tuple[How, ...] = ("centre", "standardise", "none")


def normalisation_of(values: Array, how: How, title: str, names: tuple[str, ...]) -> Normalisation:
    """model = (x - shift) / scale for values (n, d) float64 in data units.

    "centre": shift = mean, one scale = sqrt(mean variance over the axes) for all, so the shape stays.
    "standardise": shift = mean, scale = standard deviation by axis. "none": the identity.
    Refused where there is no spread, or where float32 would lose over a thousandth of it.
    """
    if how not in WAYS:
        raise Refused(f"'{how}' is not a normalisation. Choose {', '.join(WAYS)}.")
    if len(values) < 2:
        raise Refused(f"{title} has fewer than 2 usable rows ({len(values)}). Add points, or choose other columns.")
    size = np.abs(values).max(axis=0)
    if size.max() > 1e30:
        raise Refused(f"{title} holds values up to {size.max():.3g}, too large for single precision. Rescale the file.")
    mean, std = values.mean(axis=0), values.std(axis=0)
    common = float(np.sqrt((std**2).mean()))
    # A column of equal large numbers has a std of a few roundings, not 0: judge it by the range.
    flat = np.ptp(values, axis=0) == 0
    if flat.all():
        place = ", ".join(f"{value:g}" for value in values[0])
        raise Refused(f"{title} holds one point many times, ({place}): without spread. Choose other columns.")
    if how == "standardise" and flat.any():
        name = names[int(np.argmax(flat))]
        raise Refused(f"Column '{name}' of {title} is constant and cannot be standardised. Choose 'centre'.")
    scale = std if how == "standardise" else np.full_like(std, common)
    if (size * float(np.finfo(np.float32).eps) > 1e-3 * scale).any():
        worst = int(np.argmax(size / scale))
        raise Refused(
            f"Column '{names[worst]}' of {title} has values near {size[worst]:.6g} that differ by about "
            f"{scale[worst]:.2g}: single precision loses them. Subtract an offset in the file first."
        )
    if how == "none":
        return Normalisation.none(values.shape[1])
    return Normalisation(tuple(map(float, mean)), tuple(map(float, scale)))
