"""Ways to go from a latent: its axes, the principal axes of the data's codes, and towards each class' mean."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.latents import Directions
from dgm_studio.lab.pictures.encoded import Encoded
from dgm_studio.lab.pictures.latent_map import principal

MOST_AXES, MOST_PRINCIPAL = 64, 16

AXIS, PRINCIPAL, CLASS = "axis", "principal", "class"


def directions(encoded: Encoded, names: tuple[str, ...]) -> Directions:
    """Unit vectors (m, k). A class' direction is from the mean of all codes to the mean of that class' codes; each
    scale is the standard deviation of the codes along the vector. Draws of a prior have neither principal axes nor
    classes."""
    codes = np.asarray(encoded.codes, dtype=np.float64)
    k = codes.shape[1]
    found = [(AXIS, f"z{axis + 1}", vector) for axis, vector in enumerate(np.eye(k)[:MOST_AXES])]
    if encoded.of_data:
        own = principal(codes)
        share = own.variances / max(own.variances.sum(), 1e-12)
        found += [
            (PRINCIPAL, f"Principal axis {index + 1} ({100 * share[index]:.0f} %)", vector)
            for index, vector in enumerate(own.axes[:MOST_PRINCIPAL])
        ]
        found += [(CLASS, name, vector) for name, vector in _to_classes(codes, encoded.labels, names)]
    vectors = np.stack([vector for _, _, vector in found])
    scales = ((codes - codes.mean(0)) @ vectors.T).std(0)
    return Directions(
        names=tuple(name for _, name, _ in found),
        vectors=frozen(vectors.astype(np.float32)),
        scales=frozen(scales.astype(np.float32)),
        kinds=tuple(kind for kind, _, _ in found),
    )


def _to_classes(codes: Array, labels: Array, names: tuple[str, ...]) -> list[tuple[str, Array]]:
    found, mean = [], codes.mean(0)
    for label, name in enumerate(names):
        own = codes[labels == label]
        towards = own.mean(0) - mean if len(own) else np.zeros_like(mean)
        length = np.linalg.norm(towards)
        if length > 0:
            found.append((name, towards / length))
    return found
