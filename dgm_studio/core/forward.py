"""What a film of the forward process tells of itself before its first frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Report


@dataclass(frozen=True)
class ForwardReport(Report):
    """Given the datum x_1, x_t is N(a(t) x_1, s(t)^2 I): `a` and `s` (F,) at the times `t` (F,) of the film's states,
    from data (1) to noise (0). `way` is one of core.film.FORWARD_WAYS."""

    ends_step: ClassVar[bool] = False

    way: str
    t: Array
    a: Array
    s: Array
