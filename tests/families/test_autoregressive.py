"""The autoregressive model: densities by quadrature and torch's mixtures, samples by their frequencies, in float64."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import (
    Categorical,
    MixtureSameFamily,
    Normal,
    SigmoidTransform,
    TransformedDistribution,
    Uniform,
)

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.autoregressive import BACKWARD, Autoregressive, Design, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.heads import GAUSSIANS, LOGISTICS, SOFTMAX, Bells, Softmax, head
from dgm_studio.nets.init import init

KINDS = [GAUSSIANS, LOGISTICS, SOFTMAX]


def made(dim: int = 2, **design: Any) -> Autoregressive:
    """Some way from its start: weights half as large again, so that the factors bend and the means stay near."""
    own = Design(**{"width": 16, "layers": 2, "bins": 12, "components": 3, **design})
    model = init(Autoregressive(own, dim), torch.Generator().manual_seed(0)).double()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.5)
    return model


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def density(model: Autoregressive, x: Tensor) -> Tensor:
    return finish(model.log_prob(x, Sampling(), torch.Generator())).exp()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("design", [{}, {"axes": BACKWARD}, {"order": 0}], ids=["forward", "backward", "independent"])
def test_the_density_integrates_to_one(kind: str, design: dict[str, Any]) -> None:
    model = made(head=kind, **design)
    reach, cells = (1.0, 12 * 20) if kind == SOFTMAX else (5.0, 500)
    axis = 3 * reach * (2 * (torch.arange(cells, dtype=torch.float64) + 0.5) / cells - 1)
    total = density(model, torch.cartesian_prod(axis, axis)).sum() * (6 * reach / cells) ** 2
    assert float(total) == pytest.approx(1, abs=1e-6 if kind == SOFTMAX else 2e-3)
    outside = density(model, torch.tensor([[3.01, 0.0], [0.0, -3.01]], dtype=torch.float64))
    assert bool((outside == 0).all()) == (kind == SOFTMAX)


def test_gaussians_and_logistics_are_torchs_mixtures() -> None:
    raw, u = normal(40, 15), 0.5 + normal(40, seed=1)
    for gaussian in (True, False):
        own = Bells(5, gaussian)
        logits, mean, log_width = own.parts(raw)
        base: Any = Normal(mean, log_width.exp())
        if not gaussian:  # s logit(U) + m
            z = (u[:, None] - mean) / log_width.exp()
            unit = TransformedDistribution(Uniform(0.0, 1.0), [SigmoidTransform().inv])
            log_f = unit.log_prob(z)  # type: ignore[no-untyped-call]
            expected = (logits.log_softmax(1) + log_f - log_width).logsumexp(1)
        else:
            expected = MixtureSameFamily(Categorical(logits=logits), base).log_prob(u)  # type: ignore[no-untyped-call]
        torch.testing.assert_close(own.log_density(raw, u), expected)
        far = own.log_density(raw.float(), torch.full((40,), 1e4))
        assert bool(far.isfinite().all())


@pytest.mark.parametrize("kind", KINDS)
def test_draws_follow_the_density(kind: str) -> None:
    own = head(kind, bins=6, components=3)
    raw = normal(1, own.outputs, seed=3)
    generator = torch.Generator().manual_seed(0)
    count = 60_000
    place = torch.rand(count, generator=generator, dtype=torch.float64)
    draws = own.draw(raw.expand(count, -1), place, 1.0, generator)
    edges = torch.linspace(-1, 2, 19, dtype=torch.float64)
    fine = torch.linspace(-1, 2, 18 * 100 + 1, dtype=torch.float64)
    middle = (fine[1:] + fine[:-1]) / 2
    p = own.log_density(raw.expand(len(middle), -1), middle).exp()
    expected = p.view(18, 100).sum(1) * (3 / 1800)
    found = torch.histogram(draws, edges).hist / count
    torch.testing.assert_close(found, expected, atol=0.008, rtol=0)
    cold = own.draw(raw.expand(500, -1), place[:500], 0.05, generator)
    assert float(cold.std()) < 0.5 * float(draws.std())


@pytest.mark.parametrize("kind", KINDS)
def test_a_tempered_component_is_its_density_to_the_inverse_temperature(kind: str) -> None:
    own = head(kind, bins=5, components=1)
    raw = normal(1, own.outputs, seed=2)
    generator = torch.Generator().manual_seed(0)
    place = torch.rand(40_000, generator=generator, dtype=torch.float64)
    draws = own.draw(raw.expand(40_000, -1), place, 0.5, generator)
    u = torch.linspace(-3, 4, 20_001, dtype=torch.float64)
    sharp = own.log_density(raw.expand(len(u), -1), u).exp().square()
    sharp = sharp / sharp.sum()
    mean = float((sharp * u).sum())
    std = float((sharp * (u - mean).square()).sum().sqrt())
    # For logistics the tails, e^(-|z| / s), become e^(-2 |z| / s) exactly, the middle only nearly.
    assert float(draws.mean()) == pytest.approx(mean, abs=0.02 * std + 0.003)
    assert float(draws.std()) == pytest.approx(std, rel=0.25 if kind == LOGISTICS else 0.02)


@pytest.mark.parametrize(("order", "axes"), [(0, "forward"), (1, "forward"), (2, BACKWARD), (8, "forward")])
def test_each_coordinate_depends_on_those_it_may_see_and_no_other(order: int, axes: str) -> None:
    model, x = made(4, order=order, axes=axes), normal(1, 4, seed=4)
    jacobian = torch.func.jacrev(lambda y: model.log_conditionals(y[None])[0])(x[0])
    for k in range(4):
        own = {model.turn(k), *(model.turn(i) for i in range(max(0, k - order), k))}
        reached = {int(column) for column in jacobian[k].nonzero()[:, 0]}
        assert reached == own
        assert model.names()[k].count("x") == len(own)


def test_the_conditional_is_the_joint_over_the_marginal() -> None:
    for axes, axis in (("forward", 1), (BACKWARD, 0)):
        model = made(axes=axes)
        x = torch.tensor([0.4, -0.9], dtype=torch.float64)
        values = torch.linspace(-12, 12, 3001, dtype=torch.float64)
        slice_ = x.repeat(len(values), 1)
        slice_[:, axis] = values
        joint = density(model, slice_)
        found = model.conditional(x, axis, values)
        torch.testing.assert_close(found, joint / (joint.sum() * 24 / 3000), rtol=1e-3, atol=1e-4)
        first = 1 - axis
        marginal = model.conditional(x, first, x[first : first + 1])
        torch.testing.assert_close(marginal * model.conditional(x, axis, x[axis : axis + 1]), density(model, x[None]))


def test_sampling_takes_one_coordinate_at_a_time() -> None:
    model = made(3, axes=BACKWARD)
    generator = torch.Generator().manual_seed(0)
    states = [state.x for state in model.walk(model.prior(50, generator), Sampling(), generator)]
    assert len(states) == model.frames(Sampling()) == 4
    for k, (before, after) in enumerate(pairwise(states)):
        assert [c for c in range(3) if not torch.allclose(before[:, c], after[:, c])] == [2 - k]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_have_the_models_own_entropy(kind: str) -> None:
    model = made(head=kind)
    generator = torch.Generator().manual_seed(0)
    *_, last = model.walk(model.prior(20_000, generator), Sampling(), generator)
    reach, cells = (3.0, 240) if kind == SOFTMAX else (15.0, 500)
    axis = reach * (2 * (torch.arange(cells, dtype=torch.float64) + 0.5) / cells - 1)
    p = density(model, torch.cartesian_prod(axis, axis))
    entropy = -float(torch.xlogy(p, p).sum()) * (2 * reach / cells) ** 2
    assert -float(density(model, last.x).log().mean()) == pytest.approx(entropy, abs=0.03)


def trained(x: Tensor, design: Design, steps: int) -> Fit:
    model = init(Autoregressive(design, x.shape[1]), torch.Generator().manual_seed(0)).double()
    labels = torch.zeros(len(x), dtype=torch.int64)
    fit = Fit(model, Training(learning_rate=5e-3, ema=0.0), x, labels, torch.Generator().manual_seed(1))
    beats = fit.beats()
    for _ in range(steps):
        next(beats)
    return fit


@pytest.mark.parametrize(("order", "expected"), [(8, 1.0), (0, 0.0)])
def test_training_reaches_a_gaussians_entropy_and_independence_costs_the_mutual_information(
    order: int, expected: float
) -> None:
    rho = 0.9
    z = normal(4000, 2)
    x = torch.stack([z[:, 0], rho * z[:, 0] + math.sqrt(1 - rho**2) * z[:, 1]], 1)
    fit = trained(x, Design(components=2, width=16, layers=1, order=order), 700)
    model = fit.model
    assert isinstance(model, Autoregressive)
    cost = finish(model.bars(x, Sampling(), torch.Generator())).values
    covariance = x.T.cov()
    alone = 0.5 * (1 + math.log(2 * math.pi)) + 0.5 * covariance.diagonal().log()
    information = 0.5 * float(covariance.diagonal().log().sum() - covariance.logdet())
    assert float(cost[0]) == pytest.approx(float(alone[0]), abs=0.03)
    assert float(cost[1]) == pytest.approx(float(alone[1]) - expected * information, abs=0.04)


def test_a_binned_softmax_that_sees_nothing_becomes_the_histogram() -> None:
    x = normal(1000, 1).exp()
    fit = trained(x, Design(head=SOFTMAX, bins=8), 900)
    model = fit.model
    assert isinstance(model, Autoregressive)
    shares = torch.histc(model.box.to_unit(x), 8, 0, 1) / len(x)
    raw = model.nets[0](x[:1, :0])
    torch.testing.assert_close(raw.softmax(1)[0].detach(), shares, atol=0.02, rtol=0)
    assert isinstance(model.head, Softmax)


def test_data_that_leave_the_box_make_a_new_one() -> None:
    x = normal(300, 2)
    fit = trained(x, Design(head=SOFTMAX, width=16), 3)
    fit.set_data(x + 30, fit.labels)
    assert math.isfinite(next(fit.beats()).values["negative log-likelihood"])


def test_facts_count_parameters_and_no_noised_density() -> None:
    model = made(3, bins=10, order=1)
    facts = {fact.label: fact.text for fact in finish(model.facts(normal(20, 3), Sampling(), torch.Generator()))}
    assert facts["Factors"] == "p(x1) · p(x2 | x1) · p(x3 | x2)"
    assert facts["Tables would need"] == f"{9 + 90 + 90}"
    assert facts["Parameters"] == f"{sum(p.numel() for p in model.parameters()):,}"
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(normal(3, 3), Sampling(), torch.Generator(), t=0.5))
