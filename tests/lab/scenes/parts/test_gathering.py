"""Numbers of a scene by and by: closed forms first, estimates in shares, what does not exist left out."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.measured import Measured
from dgm_studio.data.laws import MixtureLaw, PointsLaw
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.parts.gathering import Gathering
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE


def normal(mean: float) -> MixtureLaw:
    return MixtureLaw(Mixture.isotropic(np.array([[mean]]), 1.0))


def test_closed_forms_come_first_and_estimates_after() -> None:
    gathering = Gathering(normal(0), normal(1), 200, 0, (("kl", (QUADRATURE,)), ("w1", ("exact-line",))))
    list(gathering.known())
    assert [(one.measure, one.method, one.value) for one in gathering.measured] == [
        ("kl", CLOSED_FORM, 0.5), ("w1", CLOSED_FORM, 1.0),
    ]  # fmt: skip
    while list(gathering.more()):
        pass
    found = gathering.measured
    assert [one.measure for one in found] == ["kl", "kl", "w1", "w1"]
    assert found[1].method == QUADRATURE
    estimate = found[3]
    assert estimate.floor is not None
    assert not estimate.pending
    assert estimate.low < 1 < estimate.high
    assert gathering.measured == found


def test_what_does_not_exist_is_left_out_and_what_is_told_is_there() -> None:
    points = PointsLaw(np.array([[0.0], [1.0]]))
    told = Measured("w1", 7.0, 7.0, 7.0, "by hand")
    gathering = Gathering(normal(0), points, 100, 0, (("kl", (QUADRATURE,)), ("w1", ())), (told,))
    list(gathering.known())
    list(gathering.more())
    assert gathering.measured == (told,)
