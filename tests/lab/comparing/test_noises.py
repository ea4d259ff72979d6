"""Which noise a walk has, and the first rows of a Brownian path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.lab.comparing.noises import CHAIN, FRESH, NONE, PATH, FirstRows, noise_kind
from dgm_studio.solvers import solvers
from dgm_studio.solvers.noise import BrownianPath


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 700), kept=st.integers(1, 700), dim=st.integers(1, 3), seed=st.integers(0, 99))
def test_the_first_rows_are_those_of_the_whole_path(count: int, kept: int, dim: int, seed: int) -> None:
    kept = min(count, kept)
    whole = BrownianPath(seed).increment(0.125, 0.3, torch.Size((count, dim)))
    assert torch.equal(FirstRows(seed, count).increment(0.125, 0.3, torch.Size((kept, dim))), whole[:kept])


@pytest.mark.parametrize(
    ("id", "own", "kind"),
    [
        ("heun", {}, NONE), ("dopri5", {}, NONE), ("dpmpp-2m", {}, NONE), ("ddim", {}, NONE),
        ("ddim", {"eta": 0.5}, PATH),
        ("ddpm", {}, PATH), ("euler-maruyama", {}, PATH), ("stochastic-heun", {}, PATH), ("lambda-sde", {}, PATH),
        ("lambda-sde", {"lam": 0.0}, NONE), ("edm-churn", {}, FRESH), ("edm-churn", {"churn": 0.0}, NONE),
        ("predictor-corrector", {}, FRESH), ("langevin", {}, CHAIN), ("langevin", {"noise": 0.0}, CHAIN),
    ],
)  # fmt: skip
def test_kinds_of_noise(id: str, own: dict[str, Any], kind: str) -> None:
    assert noise_kind(replace(solvers()[id], **own)) == kind


def test_solvers_without_noise_draw_none_and_the_others_do() -> None:
    """The kind is what the walk does: two seeds end alike without noise, and only then."""
    from dgm_studio.data.mixture import Mixture
    from dgm_studio.paths import paths
    from dgm_studio.paths.exact import ExactField

    field = ExactField(Mixture.isotropic([[1.0], [-1.0]], 0.4), paths()["vp"])  # type: ignore[arg-type]
    start = torch.linspace(-1, 1, 5, dtype=torch.float64)[:, None]
    times = torch.linspace(0, 1, 5, dtype=torch.float64)
    for id, solver in solvers().items():
        ends = []
        for seed in (1, 2):
            *_, last = solver.walk(field, start, times, torch.Generator().manual_seed(seed))
            ends.append(last.x)
        assert torch.equal(*ends) == (noise_kind(solver) == NONE), id
