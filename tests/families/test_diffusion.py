"""The diffusion with its network replaced by the exact answer for Gaussian data: every path, every target,
float64.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.families.diffusion import Design, Diffusion, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.times import logit_normal
from dgm_studio.nets.init import init
from dgm_studio.paths import paths
from dgm_studio.paths.targets import TARGETS, from_clean_and_noise

MEAN, STD = 0.7, 0.5
PAIRS = [(path, target.id) for path in sorted(paths()) for target in TARGETS]


class Exact(nn.Module):
    """What the network should give for data N(MEAN, STD^2 I): E[target | x_t] / c(t), at its preconditioned
    input.
    """

    def __init__(self, model: Diffusion) -> None:
        super().__init__()
        self.design, self.path = model.design, model.path

    def forward(self, z: Tensor, time: Tensor, label: Tensor | None = None) -> Tensor:
        # EDM's network is told of half of c_noise = ln(s / a) / 4 in place of the time.
        t = self.path.time_of(torch.exp(8 * time)) if self.design.prediction == "edm" else time
        a, s = self.path.a(t)[:, None], self.path.s(t)[:, None]
        x = z * torch.sqrt(a**2 * self.design.sigma_data**2 + s**2)
        clean, noise = posterior(x, a, s)
        one, zero = torch.ones_like(a), torch.zeros_like(a)
        d, target = self.design.sigma_data, self.design.prediction
        c1, c0 = (from_clean_and_noise(target, *w, t, self.path, d) for w in ((one, zero), (zero, one)))
        return from_clean_and_noise(target, clean, noise, t, self.path, d) / torch.sqrt(c1**2 * d**2 + c0**2)


def posterior(x: Tensor, a: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """E[x_1 | x_t = x] and E[x_0 | x_t = x] for data N(MEAN, STD^2 I)."""
    gap = (x - a * MEAN) / (a**2 * STD**2 + s**2)
    return MEAN + a * STD**2 * gap, s * gap


def made(path: str, prediction: str, exact: bool = True) -> Diffusion:
    with torch.device("meta"):
        model = Diffusion(Design(path=path, prediction=prediction, width=16, layers=1), 2)
    init(model, torch.Generator().manual_seed(0)).double()
    if exact:
        keep = nn.Parameter(torch.zeros(1, dtype=torch.float64))
        model.net = Exact(model)
        model.net.keep = keep
    return model


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("path", "prediction"), PAIRS)
def test_every_target_gives_the_same_fields(path: str, prediction: str) -> None:
    model, x = made(path, prediction), 2 * noise(30, 2)
    own = model.path
    for t in (0.05, 0.3, 0.8, 0.99):
        time = torch.tensor(t, dtype=torch.float64)
        a, s = own.a(time), own.s(time)
        clean, eps = posterior(x, a, s)
        torch.testing.assert_close(model.x1_hat(x, time), clean, rtol=1e-7, atol=1e-7)
        torch.testing.assert_close(model.score(x, time), -eps / s, rtol=1e-7, atol=1e-7)
        velocity = own.da(time) * clean + own.ds(time) * eps
        torch.testing.assert_close(model.velocity(x, time), velocity, rtol=1e-7, atol=1e-7)
        torch.testing.assert_close(model.velocity(x, time.expand(30)), velocity, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(("path", "prediction"), PAIRS)
def test_the_loss_is_least_at_the_exact_answer(path: str, prediction: str) -> None:
    """The regression's residual is orthogonal to functions of (x_t, t): E[(F - goal)] = 0 and E[(F - goal)
    x_t] = 0.
    """
    model = made(path, prediction)
    n = 40_000
    x1, x0 = MEAN + STD * noise(n, 2), noise(n, 2, seed=2)
    t = torch.rand(n, generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 0.98 + 0.01
    residual = model.residual(x1, x0, t)
    x_t = model.path.mix(x1, x0, t)
    for test in (torch.ones_like(x_t), x_t / x_t.std(), t[:, None] * x_t / x_t.std()):
        product = residual * test
        assert float((product.mean(0).abs() / (product.std(0) / math.sqrt(n))).max()) < 4.5


@pytest.mark.parametrize("path", sorted(paths()))
def test_the_scales_are_those_of_the_docstring(path: str) -> None:
    t = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)
    own = paths()[path]

    def scale(prediction: str) -> Tensor:
        return made(path, prediction).scale(t)[:, 0]

    torch.testing.assert_close(scale("epsilon"), torch.ones_like(t))
    torch.testing.assert_close(scale("x"), 1.4 * torch.ones_like(t))
    torch.testing.assert_close(scale("score"), 1 / own.s(t))
    torch.testing.assert_close(scale("edm"), torch.ones_like(t))
    torch.testing.assert_close(scale("velocity"), ((1.4 * own.da(t)) ** 2 + own.ds(t) ** 2).sqrt())


@pytest.mark.parametrize("weighting", ["unit", "plain"])
@pytest.mark.parametrize("prediction", ["score", "velocity"])
def test_the_step_descends_the_weighted_error(weighting: str, prediction: str) -> None:
    model = made("vp", prediction, exact=False)
    data, labels = noise(50, 2), torch.zeros(50, dtype=torch.int64)
    fit = Fit(model, Training(weighting=weighting, batch=64), data, labels, torch.Generator().manual_seed(0))
    twin = torch.Generator().manual_seed(0)
    x1 = data[torch.randint(50, (64,), generator=twin)]
    x0 = torch.randn((64, 2), generator=twin, dtype=torch.float64)
    t = torch.rand((64,), generator=twin, dtype=torch.float64).clamp(max=1 - 1e-3)
    goal = from_clean_and_noise(prediction, x1, x0, t, model.path)
    x_t = model.path.mix(x1, x0, t)
    answer = model.score(x_t, t) if prediction == "score" else model.velocity(x_t, t)
    error = (answer - goal) ** 2
    if weighting == "unit":
        error = error / model.scale(t) ** 2
    assert next(fit.beats()).values["loss"] == pytest.approx(float(error.mean().detach()), rel=1e-9)


@pytest.mark.parametrize("t", [0.0, 0.4, 0.9, 1.0])
def test_the_density_is_the_gaussians(t: float) -> None:
    """Straight path: p_0 is the prior exactly, so the flow's density at t is N(a m, (a^2 STD^2 + s^2) I)."""
    model, x = made("straight", "velocity"), noise(1500, 2)
    found = finish(model.log_prob(x, Sampling(density_steps=100), torch.Generator(), t))
    std = math.sqrt(t**2 * STD**2 + (1 - t) ** 2)
    expected = torch.distributions.Normal(t * MEAN, std).log_prob(x).sum(1)  # type: ignore[no-untyped-call]
    # The velocity of t = 0.001 and of t = 0.999 is used for the first and the last thousandth.
    torch.testing.assert_close(found, expected, atol=2e-4 if t < 1 else 2e-3, rtol=0)


def test_the_map_is_the_probability_flow() -> None:
    """x(1) = m + S(1)^(1/2) S(0)^(-1/2) (x(0) - a(0) m), CONVENTIONS.md."""
    for path in ("straight", "vp"):
        model, start = made(path, "velocity"), noise(20, 2)
        own, zero = model.path, torch.zeros((), dtype=torch.float64)
        states = list(model.transport(start, Sampling(solver="rk4", steps=100)))
        first = math.sqrt(float(own.a(zero)) ** 2 * STD**2 + float(own.s(zero)) ** 2)
        expected = MEAN + STD / first * (start - float(own.a(zero)) * MEAN)
        assert len(states) == 101
        torch.testing.assert_close(states[-1].x, expected, atol=2e-3, rtol=0)


def test_a_stochastic_solver_has_no_map_so_heun_walks() -> None:
    model, start = made("vp", "score", exact=False), noise(5, 2)
    heun = [state.x for state in model.transport(start, Sampling(solver="heun", steps=7))]
    for solver in ("ddpm", "euler-maruyama"):
        other = [state.x for state in model.transport(start, Sampling(solver=solver, steps=7))]
        assert all(torch.equal(a, b) for a, b in zip(heun, other, strict=True))
    plain = [state.x for state in model.transport(start, Sampling(solver="ddim", steps=7))]
    noisy = [state.x for state in model.transport(start, fill(Sampling, {"solver": "ddim", "steps": 7, "eta": 1.0}))]
    assert all(torch.equal(a, b) for a, b in zip(plain, noisy, strict=True))


def test_eta_reaches_ddim() -> None:
    model, start = made("vp", "epsilon", exact=False), noise(5, 2)

    def end(sampling: Sampling, seed: int) -> Tensor:
        return list(model.walk(start, sampling, torch.Generator().manual_seed(seed)))[-1].x

    still, moving = Sampling(solver="ddim", steps=5), fill(Sampling, {"solver": "ddim", "steps": 5, "eta": 1.0})
    assert torch.equal(end(still, 0), end(still, 1))
    assert not torch.equal(end(moving, 0), end(moving, 1))
    torch.testing.assert_close(end(moving, 0), end(Sampling(solver="ddpm", steps=5), 0))


def test_logit_normal_times_are_logistic_of_normal() -> None:
    t = logit_normal(noise(50_000), 0.8, 0.5)
    back = torch.special.logit(t)
    assert float(back.mean()) == pytest.approx(0.8, abs=0.01)
    assert float(back.std()) == pytest.approx(0.5, abs=0.01)


def test_the_prior_has_the_paths_width() -> None:
    for path in paths():
        drawn = made(path, "v", exact=False).prior(20_000, torch.Generator().manual_seed(0))
        assert drawn.dtype == torch.float64
        assert float(drawn.std()) == pytest.approx(paths()[path].prior_std, rel=0.02)
