"""Dormand and Prince's steps: against scipy's and torchdiffeq's, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from torch import Tensor
from torchdiffeq import odeint

from dgm_studio.core.errors import Refused
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.solvers.dopri5 import NEAR_END, Dopri5
from tests.contracts.test_solvers import Counting
from tests.paths import mixtures
from tests.solvers.test_order import flow_map, start

TIMES = torch.linspace(0.0, 0.9, 30, dtype=torch.float64)


def walked(field: ExactField | Counting, tolerance: float, times: Tensor) -> list[Tensor]:
    x = start(field.path, 20)
    return [state.x for state in Dopri5(tolerance, tolerance).walk(field, x, times, torch.Generator())]


@pytest.mark.parametrize("name", ["straight", "vp"])
def test_dense_output_meets_scipys_at_every_time(name: str) -> None:
    field = ExactField(mixtures.three(), paths()[name])
    x = start(field.path, 20)

    def slope(
        t: float, flat: np.ndarray[tuple[int], np.dtype[np.float64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.asarray(
            field.velocity(torch.from_numpy(flat).view(x.shape), torch.tensor(t).double()).numpy().ravel()
        )

    truth = solve_ivp(slope, (0, 0.9), x.numpy().ravel(), method="DOP853", t_eval=TIMES.numpy(), rtol=1e-12, atol=1e-12)
    wanted = torch.from_numpy(truth.y.T).view(len(TIMES), *x.shape)
    errors = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        found = torch.stack(walked(field, tolerance, TIMES))
        errors.append(float((found - wanted).abs().max()))
    assert errors[2] < 1e-5
    assert errors[0] > 10 * errors[1] > 100 * errors[2], "the tolerance is what decides"


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
@pytest.mark.parametrize("tolerance", [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])
def test_it_looks_no_more_often_than_torchdiffeq(tolerance: float, path: Path) -> None:
    """Up to t = 0.6: near 1 torchdiffeq's last step goes beyond it, where no path is."""
    field, times = Counting(ExactField(mixtures.three(), path)), TIMES[TIMES < 0.6]
    walked(field, tolerance, times)
    mine, field.count = field.count, 0
    odeint(lambda t, y: field.velocity(y, t), start(path, 20), times, method="dopri5", rtol=tolerance, atol=tolerance)
    assert mine <= field.count


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_the_flow_map_of_a_gaussian_is_reproduced_to_the_tolerance(path: Path) -> None:
    mixture, x = mixtures.gaussian(), start(path, 20)
    *_, last = walked(ExactField(mixture, path), 1e-9, path.time_grid(3, torch.float64))
    # The last stretch before s = 0 is one Euler step, see NEAR_END.
    allowed = 1e-6 if path.card.id != "custom" else 1e-5
    assert float((last - flow_map(mixture, path, x)).abs().max()) < max(allowed, 10 * NEAR_END**2)


def test_what_it_knows_where_a_time_ends_a_step() -> None:
    """Its first and its last time, here: there the velocity is at hand."""
    field = ExactField(mixtures.three(), paths()["ve"])  # no s = 0: the last step ends at t = 1 itself
    states = list(Dopri5().walk(field, start(field.path, 20), torch.tensor([0.0, 0.5, 1.0]), torch.Generator()))
    assert [state.velocity is None for state in states] == [False, True, False]
    for state in (states[0], states[-1]):
        t = torch.tensor(state.t, dtype=torch.float64)
        assert state.velocity is not None
        torch.testing.assert_close(state.velocity, field.velocity(state.x, t), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("tolerance", [0.0, -1e-3, float("nan"), float("inf")])
def test_a_tolerance_that_is_none_is_refused(tolerance: float) -> None:
    for name in ("rtol", "atol"):
        with pytest.raises(Refused, match="must be above 0"):
            Dopri5(**{name: tolerance})


def test_a_tolerance_below_machine_precision_is_refused() -> None:
    field = ExactField(mixtures.gaussian(), paths()["straight"])
    with pytest.raises(Refused, match="finer than numbers"):
        walked(field, 1e-17, TIMES)
    with pytest.raises(Refused, match="give at least 5e-07"):
        list(Dopri5(rtol=1e-8).walk(field, start(field.path).float(), TIMES, torch.Generator()))
