"""The neural ODE against closed forms, autograd and torchdiffeq, in float64."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torchdiffeq import odeint, odeint_adjoint

from dgm_studio.core.errors import Diverged
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.neural_ode import ADAPTIVE, ADJOINT, FIXED, HUTCHINSON, Design, NeuralODE, Sampling, Training
from dgm_studio.families.parts.integrate import DORMAND_PRINCE, EULER, HEUN, RK4, Bundle, Tableau, adaptive, fixed
from dgm_studio.nets.init import init


def made(dim: int = 2, scale: float = 2.0) -> NeuralODE:
    with torch.device("meta"):
        model = NeuralODE(Design(width=16, layers=2), dim)
    init(model, torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(scale)  # far from standing still
    return model


def points(n: int = 12, dim: int = 2) -> Tensor:
    return torch.randn((n, dim), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def fit_of(model: NeuralODE, **training: Any) -> Fit:
    data, generator = points(200), torch.Generator().manual_seed(0)
    knobs = Training(**{"batch": 12, "stepping": FIXED, **training})
    return Fit(model, knobs, data, torch.zeros(200), generator)


def trace(model: NeuralODE, x: Tensor, t: Tensor) -> Tensor:
    """tr df/dx by autograd, row by row."""
    jacobian = torch.func.vmap(torch.func.jacrev(lambda y: model.net(y[None], t)[0]))(x)
    return torch.einsum("nii->n", jacobian)


def torchdiffeq_nll(model: NeuralODE, x: Tensor, solve: Any) -> Tensor:
    """-E log p(x) by their Dormand-Prince and autograd's trace."""

    class Dynamics(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, t: Tensor, y: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            with torch.enable_grad():
                return model.net(y[0], t), trace(model, y[0], t)

    times = torch.tensor([1.0, 0.0], dtype=x.dtype)
    way, gained = solve(Dynamics(), (x, x.new_zeros(len(x))), times, rtol=1e-9, atol=1e-9, method="dopri5")
    noise = torch.distributions.Normal(0.0, 1.0).log_prob(way[-1]).sum(1)  # type: ignore[no-untyped-call]
    found: Tensor = -(noise + gained[-1]).mean()
    return found


def ours(fit: Fit, adjoint: bool) -> tuple[Tensor, list[Tensor]]:
    model: Any = fit.model
    x, weights = points(), list(model.parameters())
    f = model.dynamics(model.directions(fit.training, fit), fit.training)
    if adjoint:
        nll, energy, gradients, _ = model.by_adjoint(x, f, fit.training, weights)
        return nll + energy, gradients
    nll, energy, _ = model.loss(x, f, fit.training)
    return (nll + energy).detach(), list(torch.autograd.grad(nll + energy, weights))


def close(left: list[Tensor], right: list[Tensor], tolerance: float) -> None:
    a, b = (torch.cat([part.flatten() for part in parts]) for parts in (left, right))
    assert float((a - b).norm() / b.norm()) < tolerance


def test_pushed_tangents_are_autograds() -> None:
    model, x, t = made(3), points(dim=3), torch.tensor(0.3, dtype=torch.float64)
    v = torch.randn((4, 12, 3), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    value, pushed = model.net.push(x, t, v)
    torch.testing.assert_close(value, model.net(x, t))
    for direction, found in zip(v, pushed, strict=True):
        truth = torch.func.jvp(lambda y: model.net(y, t), (x,), (direction,))[1]
        torch.testing.assert_close(found, truth)


@pytest.mark.parametrize("adjoint", [False, True])
def test_loss_and_gradient_are_torchdiffeqs(adjoint: bool) -> None:
    model = made()
    nll = torchdiffeq_nll(model, points(), odeint_adjoint if adjoint else odeint)
    theirs = list(torch.autograd.grad(nll, list(model.parameters())))
    loss, gradients = ours(fit_of(model, solve_steps=40), adjoint)
    assert float(loss) == pytest.approx(float(nll.detach()), abs=1e-6)
    close(gradients, theirs, 1e-5)


@pytest.mark.parametrize("energies", [{}, {"kinetic": 0.3, "jacobian": 0.2}])
@pytest.mark.parametrize("kind", ["exact", HUTCHINSON])
def test_the_adjoint_gradient_is_the_direct_one_in_the_limit(kind: str, energies: dict[str, float]) -> None:
    """At fourth order: halving the steps divides the gap by about 16."""
    gaps = []
    for steps in (10, 20):
        one, other = (fit_of(made(), trace=kind, solve_steps=steps, **energies) for _ in range(2))
        (loss, direct), (same, adjoint) = ours(one, False), ours(other, True)
        assert float(loss) == pytest.approx(float(same), rel=1e-12)
        flat = [torch.cat([part.flatten() for part in parts]) for parts in (direct, adjoint)]
        gaps.append(float((flat[0] - flat[1]).norm() / flat[0].norm()))
    assert gaps[1] < 1e-3
    assert 8 < gaps[0] / gaps[1] < 40


def test_the_adaptive_adjoint_agrees_too() -> None:
    loss, gradients = ours(fit_of(made(), stepping=ADAPTIVE, tolerance=1e-5), True)
    truth, fine = ours(fit_of(made(), solve_steps=40), False)
    assert float(loss) == pytest.approx(float(truth), abs=1e-4)
    close(gradients, fine, 1e-3)


def test_the_density_is_the_change_of_variables() -> None:
    model, x = made(), points()
    found = finish(model.log_prob(x, Sampling(density_steps=60), torch.Generator()))
    sampling = Sampling(steps=60)

    def to_noise(y: Tensor) -> Tensor:
        *_, last = model._walk(y[None], sampling, [1 - k / 60 for k in range(61)])
        return last.y[0][0]

    for row, log_p in zip(x, found, strict=True):
        determinant = torch.linalg.slogdet(torch.func.jacrev(to_noise)(row))[1]
        z = to_noise(row)
        truth = -0.5 * z.square().sum() - math.log(2 * math.pi) + determinant
        assert float(log_p) == pytest.approx(float(truth.detach()), abs=1e-5)


def test_the_density_on_the_way_is_the_flows_own() -> None:
    """p_t at x(t) = p_0 at x(0) less the trace gathered until t; at t = 0 it is the prior's."""
    model, z = made(), points()
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(1)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(finish(model.log_prob(z, Sampling(), torch.Generator(), t=0.0)), prior)
    states = list(model.walk(z, Sampling(steps=40), torch.Generator()))
    half = finish(model.log_prob(states[20].x, Sampling(density_steps=40), torch.Generator(), t=0.5))
    whole = finish(model.log_prob(states[40].x, Sampling(density_steps=40), torch.Generator()))
    with torch.no_grad():
        times = [state.t for state in states]
        traces = torch.stack([trace(model, s.x, torch.tensor(s.t, dtype=torch.float64)) for s in states])
    torch.testing.assert_close(half, prior - torch.trapezoid(traces[:21], torch.tensor(times[:21]).double(), dim=0),
                               atol=2e-3, rtol=0)  # fmt: skip
    torch.testing.assert_close(whole, prior - torch.trapezoid(traces, torch.tensor(times).double(), dim=0),
                               atol=2e-3, rtol=0)  # fmt: skip


def test_hutchinsons_trace_is_right_on_average() -> None:
    model, n = made(), 20_000
    fit = fit_of(model, trace=HUTCHINSON, batch=n)
    x, zero = points(1).expand(n, 2), torch.zeros(n, dtype=torch.float64)
    with torch.no_grad():
        signs = model.directions(fit.training, fit)
        assert bool((signs.abs() == 1).all())
        found = model.dynamics(signs, fit.training)((x, zero, zero), 0.3)[1]
    truth = float(trace(model, x[:1], torch.tensor(0.3, dtype=torch.float64)).detach())
    assert float(found.mean()) == pytest.approx(truth, abs=5 * float(found.std()) / n**0.5)


def test_energies_are_finlays() -> None:
    """kinetic |f|^2 + jacobian |df/dx|_F^2, exactly by the axes."""
    model, x = made(), points()
    fit = fit_of(model, kinetic=0.7, jacobian=0.2)
    t = torch.tensor(0.4, dtype=torch.float64)
    energy = model.dynamics(model.directions(fit.training, fit), fit.training)((x, x[:, 0], x[:, 0]), 0.4)[2]
    jacobian = torch.func.vmap(torch.func.jacrev(lambda y: model.net(y[None], t)[0]))(x)
    truth = 0.7 * model.net(x, t).square().sum(1) + 0.2 * jacobian.square().sum((1, 2))
    torch.testing.assert_close(energy, truth)


def spiral(y: Bundle, t: float) -> Bundle:
    """dx/dt = t A x, A a quarter turn: the angle is t^2 / 2."""
    x = y[0]
    return (t * torch.stack((-x[:, 1], x[:, 0]), 1),)


def turned(x: Tensor, angle: float) -> Tensor:
    c, s = math.cos(angle), math.sin(angle)
    return torch.stack((c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]), 1)


@pytest.mark.parametrize("tableau", [EULER, HEUN, RK4, DORMAND_PRINCE], ids=["euler", "heun", "rk4", "dopri"])
def test_methods_have_their_order_both_ways(tableau: Tableau) -> None:
    x = points()
    for start, end in ((0.0, 3.0), (3.0, 0.0)):
        errors = []
        for steps in (40, 80):
            times = [start + (end - start) * k / steps for k in range(steps + 1)]
            *_, last = fixed(spiral, (x,), times, tableau)
            errors.append(float((last.y[0] - turned(x, (end**2 - start**2) / 2)).norm()))
            assert last.evaluations == steps * len(tableau.nodes)
        assert math.log2(errors[0] / errors[1]) == pytest.approx(tableau.order, abs=0.35)


def test_the_adaptive_solver_keeps_its_tolerance() -> None:
    x, counts = points(), []
    for tolerance in (1e-3, 1e-6):
        *_, last = adaptive(spiral, (x,), 0.0, 3.0, tolerance)
        assert last.t == 3.0
        assert float((last.y[0] - turned(x, 4.5)).abs().max()) < 30 * tolerance
        counts.append(last.evaluations)
    assert counts[0] < counts[1]


def test_what_no_steps_can_solve_has_diverged() -> None:
    fit = fit_of(made(scale=1e4), stepping=ADAPTIVE)
    with pytest.raises(Diverged):
        next(fit.beats())


def test_training_says_what_it_costs() -> None:
    beat = next(fit_of(made(), solve_steps=5).beats())
    assert beat.values["evaluations"] == 20
    assert next(fit_of(made(), solve_steps=5, gradient=ADJOINT).beats()).values["evaluations"] == 40
    assert next(fit_of(made(), stepping=ADAPTIVE).beats()).values["evaluations"] >= 7


def test_the_read_outs_are_true() -> None:
    model = made()
    generator = torch.Generator().manual_seed(0)
    facts = {fact.label: fact.text for fact in finish(model.facts(points(50), Sampling(steps=30), generator))}
    assert facts["Evaluations a sample"] == "120"
    assert float(facts["Round trip"]) < 1e-4
    assert float(facts["Detour"].rstrip("%")) > 0
    drawn = finish(model.structure(points(), Sampling(steps=30), generator))
    assert len(drawn.lines) == 48
    assert drawn.lines[0].shape == (31, 2)
    assert drawn.dots is not None
    assert torch.equal(torch.stack([line[-1] for line in drawn.lines]), drawn.dots)
