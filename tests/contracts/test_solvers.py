"""Claims over every solver, on every path."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures.sliced_w2 import noise_floor, sliced_w2
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import TARGETS, from_clean_and_noise, inner_time, to_clean_and_noise
from dgm_studio.solvers import solvers
from dgm_studio.solvers.noise import BrownianPath
from dgm_studio.solvers.solver import Solver
from tests.paths import mixtures

EVERY = pytest.mark.parametrize("solver", solvers().values(), ids=list(solvers()))
TO_DATA = [solver for solver in solvers().values() if not solver.card.fact("one_level")]
ARRIVES = pytest.mark.parametrize("solver", TO_DATA, ids=[solver.card.id for solver in TO_DATA])
"""Those that end at the data: a chain at one level stays there."""
PATHS = pytest.mark.parametrize("path", paths().values(), ids=list(paths()))


class Counting:
    """Any field, counting its evaluations."""

    def __init__(self, inner: ExactField) -> None:
        self.inner, self.path, self.count = inner, inner.path, 0

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        self.count += 1
        return self.inner.velocity(x, t)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        self.count += 1
        return self.inner.score(x, t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        self.count += 1
        return self.inner.x1_hat(x, t)

    def log_density(self, x: Tensor, t: Tensor) -> Tensor:
        self.count += 1
        return self.inner.log_density(x, t)


class Through:
    """A field as a network of prediction `target` gives it, with a small fixed error."""

    def __init__(self, inner: ExactField, target: str) -> None:
        self.inner, self.path, self.target = inner, inner.path, target

    def _read(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        t = inner_time(t, self.path)
        clean = self.inner.x1_hat(x, t)
        noise = to_clean_and_noise("x", clean, x, t, self.path)[1]
        prediction = from_clean_and_noise(self.target, clean, noise, t, self.path)
        return to_clean_and_noise(self.target, prediction + 0.01 * torch.sin(3 * x), x, t, self.path)

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        return from_clean_and_noise("velocity", *self._read(x, t), inner_time(t, self.path), self.path)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        return from_clean_and_noise("score", *self._read(x, t), inner_time(t, self.path), self.path)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        return self._read(x, t)[0]


def start(path: Path, n: int, generator: torch.Generator) -> Tensor:
    return path.prior_std * torch.randn(n, 2, generator=generator)


SAMPLED = 60
"""Steps of a walk that ends where the data are."""
WITH_TARGETS = [
    (path, target.id)
    for path in paths().values()
    for target in TARGETS
    if path.card.id == "vp" or target.id == "velocity"
]
"""Every target on one path, and on every path the one that most solvers ask for."""


def test_the_issues_solvers_are_there() -> None:
    named = (
        "euler midpoint heun rk4 dopri5 ddim dpmpp-2m exponential-heun euler-maruyama stochastic-heun ddpm edm-churn"
    )
    chains = {"langevin", "mala", "annealed-langevin"}
    assert {*named.split(), *chains, "predictor-corrector", "lambda-sde"} == set(solvers())


@EVERY
def test_card_declares_what_menus_need(solver: Solver) -> None:
    facts = dict(solver.card.facts)
    assert isinstance(facts["order"], float)
    assert isinstance(facts["stochastic"], bool)
    assert isinstance(facts["evaluations"], float)
    assert facts["evaluations"] >= 1
    assert set(solver.card.needs) <= {"velocity", "score", "denoiser", "density"}
    assert solver.card.needs
    assert solver.card.title
    assert solver.card.summary
    assert solver.card.paper
    assert solver.card.formula


@EVERY
@PATHS
def test_a_walk_keeps_the_contract(path: Path, solver: Solver) -> None:
    field = Counting(ExactField(mixtures.three(), path))
    x, times = start(path, 30, torch.Generator().manual_seed(0)), path.time_grid(7)
    states = list(solver.walk(field, x, times, torch.Generator().manual_seed(1)))
    level = getattr(solver, "level", None)
    assert [state.t for state in states] == pytest.approx(times.tolist() if level is None else [level] * len(times))
    assert states[0].x is x or torch.equal(states[0].x, x)
    counts = [state.evaluations for state in states]
    assert counts == sorted(counts)
    assert counts[-1] == field.count
    if not solver.card.fact("adaptive"):
        looks = 8 if solver.card.fact("chain") else 7  # a chain looks where it starts, or where it ends, too
        assert field.count <= looks * float(solver.card.fact("evaluations") or 0)
    for state in states:
        assert state.x.shape == x.shape
        assert state.x.dtype == x.dtype
        assert bool(state.x.isfinite().all())
        if state.x1_hat is not None:
            assert bool(state.x1_hat.isfinite().all())
    sees = [state.x1_hat is not None for state in states[:-1]]
    assert all(sees) or not solver.card.fact("previews", True)


@EVERY
def test_predicted_clean_points_are_the_posterior_mean(solver: Solver) -> None:
    field = ExactField(mixtures.three(), paths()["vp"])
    x = start(field.path, 30, torch.Generator().manual_seed(0)).double()
    times = field.path.time_grid(9, torch.float64)
    for state in itertools.islice(solver.walk(field, x, times, torch.Generator().manual_seed(1)), 9):
        truth = field.x1_hat(state.x, torch.tensor(state.t, dtype=torch.float64))
        if state.x1_hat is not None:
            torch.testing.assert_close(state.x1_hat, truth, rtol=1e-6, atol=1e-6)


@EVERY
@pytest.mark.parametrize("name", ["straight", "vp", "ve"])
def test_velocity_and_drift_are_the_fields_and_the_steps_own(name: str, solver: Solver) -> None:
    """Velocity is the exact one; without its drift a step is centred noise, with a generator as along one path."""
    path = paths()[name]
    field = ExactField(mixtures.three(), path)
    x, times = start(path, 500, torch.Generator().manual_seed(0)).double(), path.time_grid(4, torch.float64)
    for noise in (torch.Generator().manual_seed(1), BrownianPath(1)):
        states = list(solver.walk(field, x, times, noise))
        if solver.card.fact("previews", True):
            blind = solver.card.needs[0] == "score" and float(path.a(times[0])) == 0  # no velocity in a score there
            assert all(state.velocity is not None for state in states[blind:-1])
        for here, then in itertools.pairwise(states):
            if here.velocity is not None:
                truth = field.velocity(here.x, torch.tensor(here.t, dtype=torch.float64))
                torch.testing.assert_close(here.velocity, truth, rtol=1e-6, atol=1e-6)
            if here.drift is not None:
                rest = then.x - here.x - here.drift
                assert bool((rest.mean(0).abs() <= 5 * rest.std(0) / len(rest) ** 0.5).all())
        accepts = "density" in solver.card.needs  # what is refused moves neither by drift nor by noise
        assert any(state.drift is not None for state in states) is (solver.card.fact("stochastic") and not accepts)


@EVERY
def test_only_declared_solvers_use_the_generator(solver: Solver) -> None:
    field = ExactField(mixtures.three(), paths()["straight"])
    x = start(field.path, 30, torch.Generator().manual_seed(0))
    ends = []
    for seed in (1, 1, 2):
        *_, last = solver.walk(field, x, field.path.time_grid(7), torch.Generator().manual_seed(seed))
        ends.append(last.x)
    assert torch.equal(ends[0], ends[1])
    assert torch.equal(ends[0], ends[2]) is not solver.card.fact("stochastic")


@ARRIVES
@pytest.mark.parametrize(("path", "target"), WITH_TARGETS, ids=[f"{path.card.id}-{one}" for path, one in WITH_TARGETS])
def test_every_target_on_every_path_ends_finite_and_near_the_data(target: str, path: Path, solver: Solver) -> None:
    """float32, finite data (the sharpest end there is), and a prediction that is 1 % off."""
    field = Through(ExactField(mixtures.points(), path), target)
    generator = torch.Generator().manual_seed(0)
    steps = 60 if solver.card.fact("stochastic") else 30  # the noise of the last step is theirs to the end
    *_, last = solver.walk(field, start(path, 60, generator), path.time_grid(steps), generator)
    assert bool(last.x.isfinite().all())
    nearest = torch.cdist(last.x, torch.from_numpy(mixtures.points().means).float()).amin(1)
    assert float(nearest.quantile(0.9)) < 0.3


@ARRIVES
@PATHS
def test_samples_of_eight_gaussians_match_the_data(path: Path, solver: Solver) -> None:
    mixture: Mixture = mixtures.eight()
    exact = ExactField(mixture, path)
    generator = torch.Generator().manual_seed(0)
    n = 1_000
    *_, last = solver.walk(exact, start(path, n, generator), path.time_grid(SAMPLED), generator)
    data = ExactField(mixture, paths()["straight"])
    floor = noise_floor(lambda k, g: data.draw(k, 1.0, g), n, generator)
    assert sliced_w2(last.x, data.draw(n, 1.0, generator), generator) < 3 * floor.value


@EVERY
@pytest.mark.parametrize("times", [[0.0], [0.0, 0.5, 0.5], [1.0, 0.0], [-0.1, 1.0], [0.0, 1.2]])
def test_bad_times_are_refused(solver: Solver, times: list[float]) -> None:
    field = ExactField(mixtures.three(), paths()["straight"])
    with pytest.raises(Refused, match="rising times"):
        list(solver.walk(field, torch.zeros(3, 2), torch.tensor(times), torch.Generator()))
