"""The linear flow against the multivariate normal, slogdet and the maximum likelihood Gaussian."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.linear_flow import PLU, Q_R, Design, LinearFlow, Sampling, Training, gaussian_likelihood
from dgm_studio.families.parts.factors import LU, QR
from dgm_studio.nets.init import init

BOTH = pytest.mark.parametrize("factors", [PLU, Q_R])


def made(factors: str, dim: int, seed: int = 0) -> LinearFlow:
    with torch.device("meta"):
        model = LinearFlow(Design(factors=factors), dim)
    return init(model, torch.Generator().manual_seed(seed)).double()


def stirred(factors: str, dim: int) -> LinearFlow:
    """With every parameter moved away from where it starts."""
    model, generator = made(factors, dim), torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.5 * torch.randn(weight.shape, generator=generator, dtype=torch.float64))
    return model


def points(n: int = 400, dim: int = 2) -> Tensor:
    """Correlated, off centre, not Gaussian."""
    uniform = torch.rand((n, dim), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    mix = torch.randn((dim, dim), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    return 4 * uniform @ mix + torch.arange(dim)


@BOTH
@pytest.mark.parametrize("dim", [1, 2, 3, 6])
def test_the_density_is_the_gaussians(factors: str, dim: int) -> None:
    model, x = stirred(factors, dim), points(dim=dim)
    matrix = model.linear.matrix().detach().numpy()
    truth = multivariate_normal(model.shift.detach().numpy(), matrix @ matrix.T).logpdf(x.numpy())
    np.testing.assert_allclose(model.log_density(x).detach().numpy(), truth, rtol=1e-9)
    jacobian = torch.func.jacrev(lambda y: model.to_noise(y[None])[0][0])(x[0])
    gained = float(model.to_noise(x)[1][0].detach())
    assert gained == pytest.approx(float(torch.linalg.slogdet(jacobian).logabsdet.detach()), rel=1e-9)
    assert gained == pytest.approx(-float(model.linear.log_diagonal.sum().detach()), rel=1e-9)


@BOTH
def test_the_factors_are_what_their_names_say(factors: str) -> None:
    parts = {factor.name: factor for factor in stirred(factors, 4).linear.factors()}
    assert list(parts) == (["U", "L", "P"] if factors == PLU else ["R", "H4", "H3", "H2", "H1"])
    matrices = {name: part.to_data(torch.eye(4, dtype=torch.float64)).T.detach() for name, part in parts.items()}
    for name, matrix in matrices.items():
        if name in ("U", "R", "L"):
            assert torch.equal(matrix, matrix.tril() if name == "L" else matrix.triu())
            assert bool((matrix.diagonal() > 0).all())
        else:
            torch.testing.assert_close(matrix @ matrix.T, torch.eye(4, dtype=torch.float64))
        if name == "L":
            assert bool((matrix.diagonal() == 1).all())
        if name == "P":
            assert sorted(matrix.flatten().tolist()) == [0.0] * 12 + [1.0] * 4
        if name.startswith("H"):
            assert float(torch.linalg.det(matrix)) == pytest.approx(-1)
            torch.testing.assert_close(matrix, matrix.T)


@BOTH
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_it_starts_at_a_random_orthogonal_matrix(factors: str, dim: int) -> None:
    first, other = (made(factors, dim, seed).linear.matrix().detach() for seed in (0, 1))
    torch.testing.assert_close(first @ first.T, torch.eye(dim, dtype=torch.float64), atol=1e-5, rtol=0)
    assert dim == 1 or not torch.allclose(first, other)


@BOTH
@pytest.mark.parametrize("dim", [2, 4])
def test_the_optimum_is_the_maximum_likelihood_gaussian(factors: str, dim: int) -> None:
    """With the factors of the sample covariance the gradient vanishes and the likelihood is the best Gaussian's."""
    model, x = made(factors, dim), points(dim=dim)
    centred = x - x.mean(0)
    covariance = centred.T @ centred / len(x)
    above = torch.triu_indices(dim, dim, 1)
    with torch.no_grad():
        model.shift.copy_(x.mean(0))
        if isinstance(model.linear, LU):
            turn = model.linear.permutation
            root = torch.linalg.cholesky(turn.T @ covariance @ turn)
            model.linear.lower.copy_((root / root.diagonal()).T[*above])
            model.linear.upper.zero_()
            model.linear.log_diagonal.copy_(root.diagonal().log())
        else:
            assert isinstance(model.linear, QR)
            turn = model.linear.matrix()  # Q, for R = I at the start
            # The upper Cholesky factor S = R R^T is the lower one with both axes turned round.
            root = torch.linalg.cholesky((turn.T @ covariance @ turn).flip(0, 1)).flip(0, 1)
            model.linear.upper.copy_(root[*above])
            model.linear.log_diagonal.copy_(root.diagonal().log())
    loss = -model.log_density(x).mean()
    assert float(loss.detach()) == pytest.approx(-gaussian_likelihood(x), rel=1e-9)
    for gradient in torch.autograd.grad(loss, list(model.parameters())):
        assert float(gradient.abs().max()) < 1e-6


def test_the_best_gaussian_is_scipys() -> None:
    x = points(dim=3)
    covariance = np.cov(x.numpy().T, bias=True)
    truth = multivariate_normal(x.mean(0).numpy(), covariance).logpdf(x.numpy()).mean()
    assert gaussian_likelihood(x) == pytest.approx(truth, rel=1e-9)
    assert gaussian_likelihood(torch.tensor([[0.0, 0.0], [1.0, 1.0]])) == math.inf


@BOTH
def test_training_reaches_the_best_gaussian(factors: str) -> None:
    model, x = made(factors, 2), points()
    generator = torch.Generator().manual_seed(0)
    fit = Fit(model, Training(batch=400), x, torch.zeros(len(x), dtype=torch.int64), generator)
    beats = fit.beats()
    for _ in range(800):
        next(beats)
    reached = float(finish(fit.shadow().log_prob(x, Sampling(), generator)).mean())  # type: ignore[operator]
    assert gaussian_likelihood(x) - 0.01 < reached <= gaussian_likelihood(x)


@BOTH
def test_the_film_passes_through_every_factor(factors: str) -> None:
    model, z = stirred(factors, 2), points()
    sampling = Sampling(frames_per_factor=5)
    states = list(model.walk(z, sampling, torch.Generator()))
    assert len(states) == model.frames(sampling)
    x = z
    for k, factor in enumerate(model.layers(), start=1):
        x = factor.to_data(x).detach()
        torch.testing.assert_close(states[5 * k].x, x)
        before, middle = states[5 * k - 5].x, states[5 * k - 2].x
        torch.testing.assert_close(middle, before + 0.6 * (x - before))
    torch.testing.assert_close(x, (z @ model.linear.matrix().T + model.shift).detach())
    torch.testing.assert_close(model.to_noise(x)[0].detach(), z)
    assert [states[0].t, states[-1].t] == [0, 1]


@BOTH
def test_its_facts_are_the_closed_forms(factors: str) -> None:
    model, x = stirred(factors, 2), points()
    facts = {fact.label: fact.text for fact in finish(model.facts(x, Sampling(), torch.Generator()))}
    matrix = model.linear.matrix().detach()
    assert facts["log|det A| by the diagonal"] == facts["log|det A| by slogdet"]
    assert float(facts["log|det A| by slogdet"]) == pytest.approx(
        math.log(abs(float(torch.linalg.det(matrix)))), abs=1e-4
    )
    assert float(facts["Best Gaussian"].split()[0]) == pytest.approx(gaussian_likelihood(x), abs=1e-4)
    assert float(facts["Log-likelihood"].split()[0]) < gaussian_likelihood(x)
    numbers = [float(number) for row in facts[f"A = {model.linear.formula}"].split("; ") for number in row.split(", ")]
    assert numbers == pytest.approx(matrix.flatten().tolist(), abs=1e-3)


def test_its_structure_is_the_columns_and_the_ellipses() -> None:
    model, x = stirred(PLU, 2), points()
    shown = finish(model.structure(x, Sampling(), torch.Generator()))
    matrix, shift = model.linear.matrix().detach(), model.shift.detach()
    first, second, *ellipses = shown.lines
    torch.testing.assert_close(torch.stack([first[1] - first[0], second[1] - second[0]], 1), matrix)
    for radius, ellipse in enumerate(ellipses, start=1):
        distance = torch.linalg.solve(matrix, (ellipse - shift).T).norm(dim=0)
        torch.testing.assert_close(distance, torch.full_like(distance, radius))
    with pytest.raises(Refused, match="Choose two"):
        finish(stirred(PLU, 3).structure(points(dim=3), Sampling(), torch.Generator()))


def test_the_bars_name_the_factors_and_sum_to_the_likelihood() -> None:
    model, x = stirred(PLU, 2), points(5000)
    bars = finish(model.bars(x, Sampling(), torch.Generator()))
    assert bars.names == ("log p(z)", "U", "L", "P", "b")
    torch.testing.assert_close(bars.values.sum(), model.log_density(x).mean().detach())
    assert bars.values[2:].tolist() == [0, 0, 0]
