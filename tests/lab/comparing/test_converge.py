"""Error against evaluations: measured orders are those on the cards."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from dgm_studio.core.comparing import Converge, Entrant
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.lab.comparing.converge_task import ConvergeTask
from dgm_studio.lab.comparing.reference import rms
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.run import Run
from dgm_studio.solvers import solvers
from tests.lab.comparing.watching import contest, converged
from tests.lab.recipes import go, small

SOURCE = "exact:trigonometric:mixture-1d"


def test_orders_of_the_odes_solvers() -> None:
    ids = ("euler", "midpoint", "heun", "rk4")
    found = contest("exact:trigonometric:gaussian-1d:mean=1;std=0.7", ids, step_counts=(64, 8, 16, 32), count=20)
    for place, id in enumerate(ids):
        points, card = found[place], solvers()[id].card
        assert [one.steps for one in points] == [8, 16, 32, 64]
        assert [one.error.value for one in points] == sorted((one.error.value for one in points), reverse=True)
        assert points[-1].claimed == card.fact("order")
        assert points[-1].slope is not None
        assert abs(points[-1].slope.value - points[-1].claimed) < 0.3
        assert points[1].slope is None
        assert points[-1].evaluations == pytest.approx(64 * float(card.fact("evaluations") or 0), abs=1)


def test_an_adaptive_solver_runs_at_tolerances() -> None:
    (points,) = contest(SOURCE, ("dopri5",), step_counts=(1, 2, 3, 4), count=10).values()
    assert points[-1].error.value < 0.1 * points[0].error.value
    assert points[-1].evaluations > points[0].evaluations
    assert points[-1].error.value < 1e-3
    assert points[-1].reference == "float64, tolerance 1e-8"


def test_a_tolerance_too_fine_for_the_numbers_leaves_the_others_their_points() -> None:
    most = tuple(range(1, 16))  # the last would be run at 1e-16
    found = contest("exact:trigonometric:gaussian-1d", ("dopri5", "rk4"), step_counts=most, count=2)
    assert (len(found[0]), len(found[1])) == (14, 15)


def test_solvers_with_noise_along_one_path() -> None:
    ids = ("euler-maruyama", "edm-churn", "heun")
    found = contest("exact:straight:gaussian-1d", ids, step_counts=(4, 8, 16, 32), count=60)
    assert sorted(found) == [0, 2]  # what cannot be judged is left out
    (points, _) = found.values()
    assert points[0].reference == "the same Brownian path, 8 times finer than 32"
    slope = points[-1].slope
    assert slope is not None
    assert abs(slope.value - 1) < 0.4  # strong order 1: the noise of a reverse SDE is additive


def test_the_kink_at_the_ends_of_a_learned_field_is_what_lowers_its_order() -> None:
    """Inside of where it stands still the order is the claimed one; over the whole path it falls towards 1."""
    run = Run(small("diffusion", DataSpec("gaussian-1d", {}, 200)))
    go(run, 2)
    model = copy.deepcopy(run.scene().model).double()
    assert isinstance(model, Diffusion)
    start = torch.randn(8, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    rk4, orders = solvers()["rk4"], []
    for low, high in ((0.0, 1.0), (0.001, 0.999)):
        ends = []
        for steps in (32, 64, 192):
            times = torch.linspace(low, high, steps + 1, dtype=torch.float64)
            with torch.no_grad():
                *_, last = rk4.walk(model, start, times, torch.Generator())
            ends.append(last.x)
        orders.append(math.log2(rms(ends[0] - ends[2]) / rms(ends[1] - ends[2])))
    assert orders[0] < 2
    assert orders[1] == pytest.approx(4, abs=0.4)


def test_the_cheapest_come_first() -> None:
    task, _ = Desk("cpu").open(
        Converge("errors", SOURCE, (Entrant("rk4"), Entrant("euler")), step_counts=(8, 4), count=5)
    )
    order = [(one.steps, one.entrant) for one in task.beats() if one is not None]  # type: ignore[union-attr]
    assert order == [(4, 1), (4, 0), (8, 1), (8, 0)]


def test_a_learned_model_and_its_exact_field() -> None:
    run = Run(small("diffusion", DataSpec("gaussian-1d", {}, 200)))
    go(run, 2)
    entrants = (Entrant("heun"), Entrant("ddim", {"eta": 0.0}))
    for exact in (False, True):
        request = Converge("errors", "", entrants, step_counts=(2, 8), count=8, exact=exact)
        found = converged(ConvergeTask(run.scene(), request))
        assert [len(points) for points in found.values()] == [2, 2]
        assert found[0][1].error.value < found[0][0].error.value
        assert found[0][0].reference == ("closed form" if exact else "float64, tolerance 1e-8")
        assert ("kink" in found[0][0].doubt) is not exact


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"entrants": ()}, "No solver"), ({"step_counts": (0, 4)}, "1 to 1,000 steps"), ({"count": 0}, "at least 1"),
        ({"step_counts": (10**6,)}, "1 to 1,000 steps"), ({"entrants": (Entrant("langevin"),)}, "chain"),
        ({"entrants": (Entrant("huen"),)}, "huen"), ({"source": "nobody"}, "no model to compare"),
    ],
)  # fmt: skip
def test_what_is_refused(asked: dict[str, object], told: str) -> None:
    request = Converge("errors", **{"source": SOURCE, "entrants": (Entrant("heun"),), **asked})  # type: ignore[arg-type]
    with pytest.raises(Refused, match=told):
        Desk("cpu").open(request)
