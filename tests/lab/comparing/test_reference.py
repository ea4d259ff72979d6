"""References against what is known better: the exact map of Gaussian data, scipy's solvers, a much finer path."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families import families
from dgm_studio.lab.comparing.reference import CLOSED_FORM, Walked, _adaptive, field_in_double, reference, refined, rms
from dgm_studio.lab.run import Run
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.solvers import solvers
from dgm_studio.solvers.noise import BrownianPath
from tests.lab.recipes import go, small

BELL = Mixture(
    np.array([1.0]), np.array([[0.8, -0.3]]), np.array([[[0.5, 0.2], [0.2, 0.3]]])
)  # of a covariance that no axis is an eigenvector of
TWO = Mixture.isotropic(np.array([[1.2, 0.0], [-1.0, 0.5]]), 0.5)


def walked(law: Mixture, path: str, solver: str, count: int = 12, seed: int | None = 0, steps: int = 8) -> Walked:
    field = ExactField(law, paths()[path])
    generator = torch.Generator().manual_seed(1)
    start = field.path.prior_std * torch.randn(count, law.dim, generator=generator, dtype=torch.float64)
    times = field.path.time_grid(steps, torch.float64)
    return Walked(field, solvers()[solver], times, start, count, seed)


@pytest.mark.parametrize("path", sorted(paths()))
def test_the_solve_meets_the_exact_map_of_gaussian_data(path: str) -> None:
    """Two ways to one truth (CONVENTIONS.md), on every path; the solve's own error is of the size it is said to be."""
    asked = walked(BELL, path, "heun")
    truth = finish(reference(asked))
    assert (truth.words, truth.own_error) == (CLOSED_FORM, 0.0)
    tight, loose = (finish(_adaptive(asked, tolerance)) for tolerance in (1e-8, 1e-7))
    assert rms(tight - truth.ends) < 1e-6
    assert rms(tight - truth.ends) < 10 * rms(tight - loose) / 9 + 1e-9


def test_the_solve_meets_scipys() -> None:
    from scipy.integrate import solve_ivp

    asked = walked(TWO, "trigonometric", "heun", count=3)

    def velocity(t: float, y: Array) -> Array:
        x = torch.from_numpy(y.reshape(3, 2).copy())
        return np.asarray(asked.field.velocity(x, torch.tensor(t, dtype=torch.float64)).numpy().ravel())

    held = solve_ivp(velocity, (0, 1), asked.start.numpy().ravel(), "DOP853", rtol=1e-8, atol=1e-8)
    truth = finish(reference(asked))
    assert truth.words == "float64, tolerance 1e-8"
    assert 0 < truth.own_error < 1e-6
    assert rms(truth.ends - torch.from_numpy(held.y[:, -1].reshape(3, 2))) < 1e-6


def test_a_walk_from_the_middle_has_a_reference_from_there() -> None:
    asked = walked(BELL, "vp", "heun")
    late = Walked(asked.field, asked.solver, asked.times[3:], asked.start, 12, None)
    assert rms(finish(reference(late)).ends - finish(_adaptive(late, 1e-8))) < 1e-6


@pytest.mark.parametrize("solver", ["ddpm"])
def test_finer_walks_along_one_path_have_about_the_error_they_say(solver: str) -> None:
    asked = walked(BELL, "vp", solver, count=24, steps=3)
    truth = finish(reference(asked))
    *_, much_finer = asked.solver.walk(asked.field, asked.start, refined(asked.times, 64), BrownianPath(0))
    assert truth.words == "the same Brownian path, 16 times finer"
    real = rms(truth.ends - much_finer.x)
    assert real < 2 * truth.own_error
    *_, coarse = asked.solver.walk(asked.field, asked.start, asked.times, BrownianPath(0))
    assert rms(coarse.x - much_finer.x) > 4 * real


def test_a_solve_tells_its_own_error() -> None:
    """Against a solve at a hundredth of the tolerance."""
    one = walked(TWO, "vp", "heun")
    found = finish(reference(one))
    error = rms(found.ends - finish(_adaptive(one, 1e-10)))
    assert 0.1 * found.own_error < error < 10 * found.own_error


def test_refined_times_hold_the_coarse_ones() -> None:
    times = torch.tensor([0.0, 0.5, 0.6, 1.0])
    fine = refined(times, 5)
    assert len(fine) == 16
    assert torch.equal(fine[::5], times.double())
    assert bool((fine.diff() > 0).all())


@pytest.mark.parametrize(
    ("solver", "told"), [("edm-churn", "belongs to no step"), ("langevin", "chain"), ("ddpm", "noise of its own")]
)
def test_what_no_reference_can_judge(solver: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        finish(reference(walked(BELL, "vp", solver, seed=None)))


def float_and_double(family: str, **knobs: object) -> tuple[Tensor, Tensor]:
    """The model's own walk, and its solver along the field that is followed in float64, from the first state on."""
    run = Run(small(family, **knobs))  # type: ignore[arg-type]
    go(run, 3)
    scene, generator = run.scene(), torch.Generator().manual_seed(2)
    start = scene.model.prior(40, generator)
    state = generator.get_state()
    with torch.no_grad():
        first, *_, last = scene.model.walk(start, scene.sampling, generator)
        field = field_in_double(scene, False, 40, state, 30)
        solver = solvers()[scene.sampling.solver]
        times = field.path.time_grid(scene.sampling.steps, torch.float64)
        *_, end = solver.walk(field, first.x[:30].double(), times, torch.Generator())
    return last.x[:30], end.x


@pytest.mark.parametrize(
    ("family", "knobs"),
    [("diffusion", {"classes": 2, "guidance": 2.0, "path": "vp", "solver": "heun"}), ("classifier-guidance", {}),
     ("reflow", {"path": "ve", "round_steps": 2}), ("pair-flow-matching", {})],
)  # fmt: skip
def test_the_field_in_double_is_the_one_that_is_walked(family: str, knobs: dict[str, object]) -> None:
    """Labels that are drawn for 40 particles are those of the first 30."""
    single, double = float_and_double(family, **knobs)
    assert double.dtype == torch.float64
    assert float((single.double() - double).abs().max()) < 1e-3 * float(double.abs().max() + 1)


@pytest.mark.parametrize("family", ["gan", "ncsn", "realnvp", "vae"])
def test_what_solves_no_differential_equation_has_no_reference(family: str) -> None:
    assert family in families()
    scene = Run(small(family)).scene()
    with pytest.raises(Refused, match="solves no differential equation"):
        field_in_double(scene, False, 4, torch.Generator().get_state(), 4)
