"""Probabilistic PCA against scikit-learn, against EM from itself, and as the linear VAE's limit, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families import ppca as room
from dgm_studio.families import vae
from dgm_studio.families.fit import Fit
from dgm_studio.families.ppca import BOUND, EM, LOG_LIKELIHOOD, PPCA, Design, Sampling, Training
from dgm_studio.nets.init import init


def cloud(n: int = 500, dim: int = 5, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    turn = torch.randn((dim, dim), generator=generator, dtype=torch.float64)
    return torch.randn((n, dim), generator=generator, dtype=torch.float64) @ turn + 3


def fit_of(x: Tensor, latent: int, training: Training | None = None, seed: int = 0) -> Fit:
    model = init(PPCA(Design(latent=latent), x.shape[1]), torch.Generator().manual_seed(seed)).double()
    labels = torch.zeros(len(x), dtype=torch.int64)
    return Fit(model, training or Training(), x, labels, torch.Generator().manual_seed(seed))


def model_of(fit: Fit) -> PPCA:
    assert isinstance(fit.model, PPCA)
    return fit.model


def solved(x: Tensor, latent: int) -> PPCA:
    fit = fit_of(x, latent)
    next(fit.beats())
    return model_of(fit)


def log_prob(model: PPCA, x: Tensor) -> Tensor:
    return finish(model.log_prob(x, Sampling(), torch.Generator()))


@pytest.mark.parametrize(("dim", "latent"), [(2, 1), (5, 1), (5, 3), (6, 5)])
def test_the_closed_form_is_scikit_learns(dim: int, latent: int) -> None:
    x = cloud(dim=dim)
    n = len(x)
    model, theirs = solved(x, latent), PCA(latent).fit(x.numpy())
    # Theirs divides by n - 1, the maximum of the likelihood by n.
    torch.testing.assert_close(model.covariance, torch.from_numpy(theirs.get_covariance()) * (n - 1) / n)
    assert float(model.variance) == pytest.approx(theirs.noise_variance_ * (n - 1) / n)
    assert float(log_prob(model, x).mean()) == pytest.approx(theirs.score(x.numpy()), abs=1e-4)
    truth = MultivariateNormal(model.mean, model.covariance)
    torch.testing.assert_close(log_prob(model, x), truth.log_prob(x))  # type: ignore[no-untyped-call]
    facts = {fact.label: fact.text for fact in finish(model.facts(x, Sampling(), torch.Generator()))}
    assert facts["Explained variance"] == f"{100 * theirs.explained_variance_ratio_.sum():.1f} %"
    assert facts["Log-likelihood"] == facts["Best linear VAE's ELBO"]


@pytest.mark.parametrize(("dim", "latent"), [(2, 1), (5, 2), (3, 3)])
def test_em_climbs_to_the_closed_form_and_its_bound_lies_between(dim: int, latent: int) -> None:
    x = cloud(dim=dim, seed=1)  # whose eigenvalues differ: EM turns slowly where they are close
    fit = fit_of(x, latent, Training(method=EM))
    beats = fit.beats()
    scalars = [pair for _ in range(1600) for pair in next(beats).values.items()]
    assert [name for name, _ in scalars[:3]] == [LOG_LIKELIHOOD, BOUND, LOG_LIKELIHOOD]
    values = np.array([value for _, value in scalars])
    assert bool((np.diff(values) > -1e-10).all())
    best = float(log_prob(solved(x, latent), x).mean())
    assert values.max() <= best + 1e-10
    if latent < dim:
        assert values[-1] == pytest.approx(best, abs=1e-6)
        torch.testing.assert_close(model_of(fit).covariance, solved(x, latent).covariance, rtol=1e-3, atol=1e-3)
    else:  # without noise to find, EM slows down as sigma falls: it is still on its way
        assert values[-1] > values[0] + 0.3


def test_no_other_weight_is_better() -> None:
    x = cloud()
    model = solved(x, 2)
    covariance = room.covariance_of(x)
    best = room.expected_log_prob(covariance, model.weight, model.variance)
    weight, variance = model.weight.clone().requires_grad_(), model.variance.clone().requires_grad_()
    slopes = torch.autograd.grad(room.expected_log_prob(covariance, weight, variance), [weight, variance])
    assert max(float(slope.abs().max()) for slope in slopes) < 1e-10
    generator = torch.Generator().manual_seed(1)
    for _ in range(50):
        nudge = 0.1 * torch.randn(weight.shape, generator=generator, dtype=torch.float64)
        assert room.expected_log_prob(covariance, model.weight + nudge, 0.9 * model.variance) < best


def test_as_many_coordinates_as_columns_is_any_gaussian() -> None:
    x = cloud(dim=2)
    for latent in (2, 7):
        model = solved(x, latent)
        torch.testing.assert_close(model.covariance, room.covariance_of(x), rtol=0, atol=1e-4)
        assert float(model.variance) == pytest.approx(1e-5 * float(room.covariance_of(x).trace()) / 2)
    flat = torch.stack([x[:, 0], x[:, 0]], 1)  # data without noise: the floor holds
    assert bool(log_prob(solved(flat, 1), flat).isfinite().all())
    same = x[:1].expand(4, 2)
    assert bool(log_prob(solved(same, 1), same).isfinite().all())


@pytest.mark.parametrize(("dim", "latent"), [(2, 1), (4, 2)])
def test_a_linear_vae_with_these_weights_has_this_likelihood_as_its_elbo(dim: int, latent: int) -> None:
    x = cloud(dim=dim)
    model = solved(x, latent)
    design = vae.Design(latent=latent, layers=0, sigma=math.sqrt(float(model.variance)))
    twin = init(vae.VAE(design, dim), torch.Generator().manual_seed(0)).double()
    encoder, decoder = twin.encoder.layers[0], twin.decoder.layers[0]
    assert isinstance(encoder, nn.Linear)
    assert isinstance(decoder, nn.Linear)
    zero = torch.zeros((1, dim), dtype=torch.float64)
    at_zero, log_variance = model.encode(zero)
    with torch.no_grad():
        decoder.weight.copy_(model.weight)
        decoder.bias.copy_(model.mean)
        encoder.weight.zero_()
        encoder.weight[:latent] = (model.encode(torch.eye(dim, dtype=torch.float64))[0] - at_zero).T
        encoder.bias.copy_(torch.cat([at_zero[0], log_variance[0]]))
    # q(z|x) is the posterior itself, so that one draw of z gives log p(x) for each x, not only on average.
    bound = finish(twin.log_prob(x, vae.Sampling(importance_samples=1), torch.Generator().manual_seed(0)))
    torch.testing.assert_close(bound, log_prob(model, x))
    torch.testing.assert_close(twin.decode(at_zero), model.decode(at_zero))


def test_the_posterior_is_that_of_the_joint_gaussian() -> None:
    x = cloud(dim=3)
    model = solved(x, 2)
    mean, log_variance = model.encode(x[:4])
    # z and x are jointly Gaussian with covariance [[I, W^T], [W, C]]: condition by Schur's complement.
    gain = model.weight.T @ torch.linalg.inv(model.covariance)
    torch.testing.assert_close(mean, (x[:4] - model.mean) @ gain.T)
    left = torch.eye(2, dtype=torch.float64) - gain @ model.weight
    torch.testing.assert_close(log_variance.exp(), left.diagonal().expand(4, 2))
    assert float((left - left.diagonal().diag()).abs().max()) < 1e-12


def test_the_line_the_ellipses_and_the_walk() -> None:
    x = cloud(dim=2)
    model = solved(x, 1)
    shown = finish(model.structure(x, Sampling(), torch.Generator()))
    line, one, two = shown.lines
    torch.testing.assert_close(line.mean(0), model.mean)
    assert float((line[1] - line[0]).norm()) == pytest.approx(6 * float(model.weight.norm()))
    gap = one - model.mean
    whitened = ((gap @ torch.linalg.inv(model.covariance)) * gap).sum(1)
    torch.testing.assert_close(whitened, torch.ones(65, dtype=torch.float64))
    assert two.shape == (65, 2)
    generator = torch.Generator().manual_seed(0)
    start = model.prior(50_000, generator)
    on_line, samples = (s.x for s in model.walk(start, Sampling(), generator))
    off = on_line - model.mean
    assert float((off[:, 0] * model.weight[1, 0] - off[:, 1] * model.weight[0, 0]).abs().max()) < 1e-12
    torch.testing.assert_close(samples.T.cov(), model.covariance, rtol=0.03, atol=0.02)
    assert [s.x.shape for s in model.walk(start, Sampling(decoder_noise=False), generator)] == [(50_000, 2)]
    assert len(list(solved(x, 2).walk(torch.zeros((3, 2)).double(), Sampling(), generator))) == 3
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(x, Sampling(), torch.Generator(), t=0.5))
