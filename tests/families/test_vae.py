"""The VAE against torch.distributions and against probabilistic PCA in closed form, in float64."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Independent, MultivariateNormal, Normal, kl_divergence

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.diagonal_normal import LEARNED
from dgm_studio.families.vae import VAE, Design, Sampling, Training, kl_weight
from dgm_studio.nets.init import init


def made(design: Design, dim: int = 2) -> VAE:
    with torch.device("meta"):
        model = VAE(design, dim)
    return init(model, torch.Generator().manual_seed(0)).double()


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("decoder", ["fixed", LEARNED])
def test_the_terms_are_those_of_torch_distributions(decoder: str) -> None:
    model = made(Design(latent=3, width=16, layers=2, decoder=decoder, sigma=0.3))
    x, eps = noise(20, 2), noise(20, 3, seed=2)
    mean, log_variance = model.encode(x)
    posterior = Normal(mean, (0.5 * log_variance).exp())
    z = mean + posterior.scale * eps
    centre, spread = model.likelihood(z)
    found, divergence = model.terms(x, eps)
    torch.testing.assert_close(divergence, kl_divergence(posterior, Normal(0.0, 1.0)))
    likelihood = Independent(Normal(centre, (0.5 * spread).exp()), 1)
    torch.testing.assert_close(found, likelihood.log_prob(x))  # type: ignore[no-untyped-call]
    torch.testing.assert_close(model.decode(z), centre)
    if decoder == "fixed":
        torch.testing.assert_close(spread, torch.full_like(spread, 2 * math.log(0.3)))


def ppca(x: Tensor, latent: int) -> tuple[VAE, MultivariateNormal]:
    """A linear VAE at probabilistic PCA's optimum (Tipping and Bishop, 1999), and PPCA's own density.

    W = U (L - sigma^2 I)^(1/2), sigma^2 the mean of the left-out eigenvalues, q(z|x) = N(M^-1 W^T (x - m),
    sigma^2 M^-1) with M = W^T W + sigma^2 I, which is diagonal for these axes.
    """
    mean, dim = x.mean(0), x.shape[1]
    values, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    variance = float(values[: dim - latent].mean())
    weight = vectors[:, dim - latent :] * (values[dim - latent :] - variance).sqrt()
    model = made(Design(latent=latent, layers=0, sigma=math.sqrt(variance)), dim)
    inner = torch.linalg.inv(weight.T @ weight + variance * torch.eye(latent, dtype=torch.float64))
    encoder, decoder = model.encoder.layers[0], model.decoder.layers[0]
    assert isinstance(encoder, nn.Linear)
    assert isinstance(decoder, nn.Linear)
    with torch.no_grad():
        decoder.weight.copy_(weight)
        decoder.bias.copy_(mean)
        encoder.weight.zero_()
        encoder.weight[:latent] = inner @ weight.T
        encoder.bias[:latent] = -inner @ weight.T @ mean
        encoder.bias[latent:] = (variance * inner.diagonal()).log()
    covariance = weight @ weight.T + variance * torch.eye(dim, dtype=torch.float64)
    return model, MultivariateNormal(mean, covariance)


@pytest.mark.parametrize(("dim", "latent"), [(2, 1), (5, 1), (5, 3)])
def test_a_linear_vaes_optimum_is_probabilistic_pca(dim: int, latent: int) -> None:
    x = noise(400, dim) @ noise(dim, dim, seed=3) + 1
    model, density = ppca(x, latent)
    expected = density.log_prob(x)  # type: ignore[no-untyped-call]
    # At the optimum q is the posterior itself: the weight p(x, z) / q(z|x) is p(x) for every z, at any K.
    for count in (1, 7):
        found = finish(model.log_prob(x, Sampling(importance_samples=count), torch.Generator().manual_seed(0)))
        torch.testing.assert_close(found, expected)
    # And the loss's expectation over z is minus the log-likelihood, with zero gradient.
    draws = [model.terms(x, noise(len(x), latent, seed=seed)) for seed in range(400)]
    loss = torch.stack([divergence.sum(1) - likelihood for likelihood, divergence in draws]).mean(0).mean()
    assert float(loss.detach()) == pytest.approx(-float(expected.mean()), abs=0.015)
    gradient = torch.autograd.grad(loss, list(model.parameters()))
    assert max(float(part.abs().max()) for part in gradient) < 0.05


def test_more_importance_samples_tighten_the_bound() -> None:
    model = made(Design(width=16, layers=1, sigma=0.7))
    x = noise(300, 2)
    means = [
        float(finish(model.log_prob(x, Sampling(importance_samples=k), torch.Generator().manual_seed(0))).mean())
        for k in (1, 10, 1000)
    ]
    assert means[0] < means[1] < means[2]
    # Against p(x) = E_z p(x|z) by plain quadrature over z.
    axis = torch.linspace(-6, 6, 121, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    prior = Normal(0.0, 1.0).log_prob(z).sum(1) + 2 * math.log(0.1)  # type: ignore[no-untyped-call]
    centre, spread = model.likelihood(z)
    likelihood = Independent(Normal(centre, (0.5 * spread).exp()), 1)
    joint = prior + likelihood.log_prob(x[:, None])  # type: ignore[no-untyped-call]
    assert means[2] == pytest.approx(float(joint.logsumexp(1).mean().detach()), abs=0.01)


def test_samples_have_the_decoders_noise() -> None:
    model = made(Design(width=16, layers=1, sigma=0.4))
    z = torch.zeros((20_000, 2), dtype=torch.float64)
    clean = list(model.walk(z, Sampling(decoder_noise=False), torch.Generator()))
    noisy = list(model.walk(z, Sampling(), torch.Generator().manual_seed(0)))
    assert len(clean) == len(noisy) == 2
    torch.testing.assert_close(clean[1].x, model.decode(z).detach())
    assert float((noisy[1].x - clean[1].x).std()) == pytest.approx(0.4, rel=0.02)


def test_what_does_not_fit_is_left_out_or_refused() -> None:
    model = made(Design(latent=3, width=8, layers=1))
    z = noise(4, 3)
    assert [state.x.shape for state in model.walk(z, Sampling(), torch.Generator())] == [(4, 2)]
    with pytest.raises(Refused, match="latent dimension to 2"):
        list(model.transport(z, Sampling()))
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(noise(3, 2), Sampling(), torch.Generator(), t=0.9))


def fit_of(**training: float) -> Fit:
    data = 1.5 * noise(200, 2, seed=4).float()
    own: Any = fill(Training, {"batch": 64, **training})
    model = made(Design(width=16, layers=1)).float()
    return Fit(model, own, data, torch.zeros(200, dtype=torch.int64), torch.Generator().manual_seed(0))


def test_the_kl_warms_up() -> None:
    training: Any = fill(Training, {"beta": 2.0, "warm_up": 4})
    assert [kl_weight(training, step) for step in range(6)] == [0.5, 1.0, 1.5, 2.0, 2.0, 2.0]
    assert kl_weight(fill(Training, {"beta": 2.0}), 0) == 2.0
    fit = fit_of(beta=2.0, warm_up=4)
    beats = fit.beats()
    for weight in (0.5, 1.0, 1.5, 2.0, 2.0):
        values = next(beats).values
        assert values["loss"] == pytest.approx(weight * values["KL"] - values["reconstruction"], rel=1e-5)
        assert values["ELBO"] == pytest.approx(values["reconstruction"] - values["KL"], rel=1e-5)


def test_free_bits_cost_nothing_a_dimension() -> None:
    # Above what both coordinates have: the KL term is constant, so a step is that of beta = 0.
    free, unpaid = fit_of(free_bits=4.0), fit_of(beta=0.0)
    found, plain = next(free.beats()).values, next(unpaid.beats()).values
    assert found["KL"] == pytest.approx(plain["KL"])
    assert found["loss"] == pytest.approx(plain["loss"] + 2 * 4.0, rel=1e-5)
    pairs = zip(free.model.parameters(), unpaid.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    # Below it, only the coordinate with less is lifted to it.
    fit = fit_of(free_bits=0.01)
    layer = fit.model.encoder.layers[-1]  # type: ignore[union-attr, index]
    with torch.no_grad():
        layer.weight[0], layer.bias[0], layer.weight[2], layer.bias[2] = 0.0, 0.0, 0.0, 0.0  # type: ignore[union-attr]
    values = next(fit.beats()).values
    assert values["KL"] > 0.01
    assert values["loss"] == pytest.approx(values["KL"] + 0.01 - values["reconstruction"], rel=1e-5)


def test_training_raises_the_importance_weighted_bound() -> None:
    x = noise(64, 2) @ noise(2, 2, seed=3) + 1
    model, density = ppca(x, 1)
    data, labels = x.float()[:1], torch.zeros(1, dtype=torch.int64)
    one = -float(density.log_prob(x[:1]))  # type: ignore[no-untyped-call]
    # At probabilistic PCA's optimum every weight is p(x), so the loss is -log p(x) at any K; elsewhere it falls with K.
    for count in (2, 20):
        own: Any = fill(Training, {"batch": 8, "training_samples": count})
        fit = Fit(copy.deepcopy(model).float(), own, data, labels, torch.Generator().manual_seed(0))
        assert next(fit.beats()).values["loss"] == pytest.approx(one, abs=1e-4)
    losses = [next(fit_of(training_samples=count).beats()).values["loss"] for count in (1, 5, 50)]
    assert losses[0] > losses[1] > losses[2]


def test_too_many_rows_a_step_are_refused() -> None:
    model = made(Design(width=8, layers=1))
    assert "lower either" in model.refuses(fill(Training, {"batch": 4096, "training_samples": 50}))
    assert model.refuses(fill(Training, {})) == ""


def test_the_structure_is_what_the_decoder_makes_of_the_posteriors() -> None:
    model = made(Design(layers=0))
    decoder = model.decoder.layers[0]
    assert isinstance(decoder, nn.Linear)
    with torch.no_grad():
        decoder.weight.copy_(torch.eye(2))
        decoder.bias.zero_()
    x = noise(400, 2)
    found = finish(model.structure(x, Sampling(), torch.Generator()))
    assert found.dots is not None
    assert len(found.lines) == len(found.dots) == 40
    means, stds = model.latent_map(x[::10])
    for line, mean, std in zip(found.lines, means, stds, strict=True):
        torch.testing.assert_close(((line - mean) / std).square().sum(1), torch.ones(len(line), dtype=torch.float64))
    line = finish(made(Design(layers=0, latent=1)).structure(x, Sampling(), torch.Generator())).lines[0]
    torch.testing.assert_close(line.diff(dim=0), line.diff(dim=0)[:1].expand(240, 2))


def test_a_silent_coordinate_is_not_active() -> None:
    model = made(Design(width=8, layers=1, latent=3))
    layer = model.encoder.layers[-1]
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight[:3] *= 10
        layer.weight[1] = 0
    facts = finish(model.facts(noise(100, 2), Sampling(), torch.Generator()))
    assert facts[0].text == "2 of 3"
