"""What is known of two laws' supports without integrating: that the laws are one, or that no point belongs to both."""

from __future__ import annotations

import numpy as np

from dgm_studio.data.law import Law


def coincide(p: Law, q: Law) -> bool:
    """Whether the laws are known to be one: moving p by nothing gives q."""
    if p is q:
        return True
    shift = p.shift_to(q)
    return shift is not None and not np.any(shift)


def singular(p: Law, q: Law) -> bool:
    """Whether some set has probability 1 under p and 0 under q, and that is known: parallel lines (lecture 5), a line
    or points against a density. Two laws with densities are left to quadrature."""
    if has_density(p) and has_density(q):
        return False
    if (p.atoms() is not None and has_density(q)) or (q.atoms() is not None and has_density(p)):
        return True
    one, other = p.box(), q.box()
    if one is None or other is None:
        return False
    for (low, high), (least, most) in zip(one, other, strict=True):
        flat, flat_too = low == high, least == most
        # A flat box is the support itself along that axis, which a law with a density gives no mass.
        if flat and flat_too and low != least:
            return True
        if (flat and has_density(q)) or (flat_too and has_density(p)):
            return True
    return False


def has_density(law: Law) -> bool:
    """Whether the law knows its density."""
    box = law.box()
    middle = np.zeros((1, law.dim)) if box is None else np.array([[(low + high) / 2 for low, high in box]])
    return law.log_density(middle) is not None
