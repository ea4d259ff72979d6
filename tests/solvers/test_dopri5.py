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
from dgm_studio.solvers.dopri5 import NEAR_END, Dopri5
from tests.contracts.test_solvers import Counting
from tests.paths import mixtures
from tests.solvers.test_order import flow_map, start

TIMES = torch.linspace(0.0, 0.9, 30, dtype=torch.float64)


def walked(field: ExactField | Counting, tolerance: float, times: Tensor) -> list[Tensor]:
    x = start(field.path)
    return [state.x for state in Dopri5(tolerance, tolerance).walk(field, x, times, torch.Generator())]


@pytest.mark.parametrize("name", ["straight", "vp"])
def test_dense_output_meets_scipys_at_every_time(name: str) -> None:
    field = ExactField(mixtures.three(), paths()[name])
    x = start(field.path)

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


@pytest.mark.parametrize("name", ["straight", "vp", "trigonometric"])
def test_it_looks_about_as_often_as_torchdiffeq(name: str) -> None:
    """Summed over tolerances, up to t = 0.6: near 1 torchdiffeq's last step goes beyond it, where no path is."""
    times, mine, theirs = TIMES[TIMES < 0.6], 0, 0
    for tolerance in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8):
        field = Counting(ExactField(mixtures.three(), paths()[name]))
        walked(field, tolerance, times)
        mine, field.count = mine + field.count, 0
        x, kind = start(field.path), "dopri5"
        odeint(lambda t, y, f=field: f.velocity(y, t), x, times, method=kind, rtol=tolerance, atol=tolerance)
        theirs += field.count
    assert mine <= 1.05 * theirs, (mine, theirs)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_the_flow_map_of_a_gaussian_is_reproduced_to_the_tolerance(path: object) -> None:
    assert path in paths().values()
    mixture, x = mixtures.gaussian(), start(path)  # type: ignore[arg-type]
    *_, last = walked(ExactField(mixture, path), 1e-9, path.time_grid(3, torch.float64))  # type: ignore[arg-type, attr-defined]
    # The last stretch before s = 0 is one Euler step, see NEAR_END.
    allowed = 1e-6 if path.card.id != "custom" else 1e-5  # type: ignore[attr-defined]
    assert float((last - flow_map(mixture, path, x)).abs().max()) < max(allowed, 10 * NEAR_END**2)  # type: ignore[arg-type]


def test_what_cannot_be_is_refused() -> None:
    field = ExactField(mixtures.gaussian(), paths()["straight"])
    with pytest.raises(Refused, match="must be above 0"):
        Dopri5(rtol=0.0)
    with pytest.raises(Refused, match="finer than numbers"):
        walked(field, 1e-17, TIMES)
