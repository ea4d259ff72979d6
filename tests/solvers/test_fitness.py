"""What a solver needs and a field lacks."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.solvers import solvers
from dgm_studio.solvers.fitness import unfit
from tests.paths import mixtures


class OnlyVelocity:
    """A flow whose source is no plain noise."""

    path = paths()["straight"]

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        return -x


class Network(OnlyVelocity):
    """A diffusion: no density."""

    score = x1_hat = OnlyVelocity.velocity


def test_the_exact_field_takes_every_solver() -> None:
    field = ExactField(mixtures.three(), paths()["vp"])
    assert not any(unfit(solver, field) for solver in solvers().values())


def test_a_network_takes_all_but_the_one_that_needs_the_density() -> None:
    assert {id for id, solver in solvers().items() if unfit(solver, Network())} == {"mala"}
    with pytest.raises(Refused, match="accepts by the density"):
        list(solvers()["mala"].walk(Network(), torch.zeros(2, 2), torch.tensor([0.0, 1.0]), torch.Generator()))


def test_a_velocity_alone_takes_the_solvers_of_the_ode() -> None:
    fits = {id for id, solver in solvers().items() if not unfit(solver, OnlyVelocity())}
    assert fits == {"euler", "midpoint", "heun", "rk4", "dopri5"}
    assert all(why.endswith(".") for why in (unfit(solver, OnlyVelocity()) for solver in solvers().values()) if why)
