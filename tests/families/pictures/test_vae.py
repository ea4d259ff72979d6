"""The VAE of pictures against Monte Carlo, probabilistic PCA, its own surgery and torch.distributions, in float64."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, Normal, kl_divergence

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.diagonal_normal import LEARNED, log_normal
from dgm_studio.families.parts.elbo_surgery import surgery
from dgm_studio.families.parts.latent_priors import AGGREGATED, FLOW, STANDARD, VAMP, Aggregated
from dgm_studio.families.pictures.capabilities import EncodesLatent
from dgm_studio.families.pictures.vae import LINEAR, VAE, Design, Sampling, Training
from dgm_studio.nets.init import init

SHAPE = PictureShape(1, 8, 8)


def made(seed: int = 0, shape: PictureShape = SHAPE, **design: Any) -> VAE:
    own: Any = fill(Design, {"latent": 3, "width": 4, "blocks": 1, "prior": STANDARD, **design})
    with torch.device("meta"):
        model = VAE(own, shape)
    return init(model, torch.Generator().manual_seed(seed)).double()


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def pictures(n: int, shape: PictureShape = SHAPE, seed: int = 2) -> Tensor:
    """Bytes (n, dim): bright squares at random places."""
    generator = torch.Generator().manual_seed(seed)
    canvas = torch.zeros((n, *shape[:3]), dtype=torch.uint8)
    for one in canvas:
        row, column, level = (int(torch.randint(1, 5, (), generator=generator)) for _ in range(3))
        one[:, row : row + 3, column : column + 3] = 60 * level
    return canvas.flatten(1)


@pytest.mark.parametrize("shape", [SHAPE, PictureShape(3, 8, 12, 4)])
@pytest.mark.parametrize("decoder", ["fixed", LEARNED])
def test_pictures_go_through_the_latent_space_and_back(shape: PictureShape, decoder: str) -> None:
    model = made(shape=shape, decoder=decoder, sigma=0.3)
    assert isinstance(model, EncodesLatent)
    x = model.seen(pictures(5, shape))
    mean, log_variance = model.encode(x)
    assert mean.shape == log_variance.shape == (5, model.latent_dim) == (5, 3)
    centre, spread = model.likelihood(mean)
    assert centre.shape == spread.shape == (5, shape.dim)
    torch.testing.assert_close(model.decode(mean), centre)
    if decoder == "fixed":
        torch.testing.assert_close(spread, torch.full_like(spread, 2 * math.log(0.3)))


def test_sides_that_cannot_be_halved_twice_are_refused() -> None:
    with pytest.raises(Refused, match="halved twice"):
        made(shape=PictureShape(1, 10, 8))


def test_the_kl_term_is_its_monte_carlo_mean() -> None:
    model = made()
    x = 3 * noise(4, SHAPE.dim)
    _, divergence = model.terms(x, noise(4, 3))
    mean, log_variance = (part.detach() for part in model.encode(x))
    posterior = Normal(mean, (0.5 * log_variance).exp())
    torch.testing.assert_close(divergence, kl_divergence(posterior, Normal(0.0, 1.0)))
    z = mean + posterior.scale * noise(40_000, 4, 3, seed=5)
    drawn = log_normal(z, mean, log_variance) - log_normal(z, torch.zeros(3), torch.zeros(3))
    error = 4 * drawn.std(0) / math.sqrt(len(drawn))
    assert ((divergence.sum(1) - drawn.mean(0)).abs() < error).all()


def test_a_linear_vaes_optimum_is_probabilistic_pca() -> None:
    """Tipping and Bishop, 1999: W = U (L - sigma^2)^(1/2), sigma^2 the mean of the eigenvalues left out."""
    dim, latent = SHAPE.dim, 3
    x = noise(300, dim) @ noise(dim, dim, seed=3) / 8 + 0.2
    mean = x.mean(0)
    values, vectors = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
    variance = float(values[: dim - latent].mean())
    weight = vectors[:, dim - latent :] * (values[dim - latent :] - variance).sqrt()
    model = made(network=LINEAR, latent=latent, sigma=math.sqrt(variance))
    (into,), (back,) = model.encoder.layers, model.decoder.layers
    inner = torch.linalg.inv(weight.T @ weight + variance * torch.eye(latent, dtype=torch.float64))
    with torch.no_grad():
        back.weight.copy_(weight)
        back.bias.copy_(mean)
        into.weight.zero_()
        into.weight[:latent] = inner @ weight.T
        into.bias[:latent] = -inner @ weight.T @ mean
        into.bias[latent:] = (variance * inner.diagonal()).log()
    density = MultivariateNormal(mean, weight @ weight.T + variance * torch.eye(dim, dtype=torch.float64))
    expected = density.log_prob(x)  # type: ignore[no-untyped-call]
    # At the optimum q is the posterior itself: the weight p(x, z) / q(z|x) is p(x) for every z, at any K.
    for count in (1, 5):
        found = finish(model.log_prob(x, Sampling(importance_samples=count), torch.Generator().manual_seed(0)))
        torch.testing.assert_close(found, expected)
    draws = [model.terms(x, noise(len(x), latent, seed=seed)) for seed in range(200)]
    loss = torch.stack([divergence.sum(1) - likelihood for likelihood, divergence in draws]).mean()
    gradient = torch.autograd.grad(loss, list(model.parameters()))
    moved = [part.detach().clone() for part in model.parameters()]
    with torch.no_grad():
        for weight, start in zip(model.parameters(), moved, strict=True):
            weight.copy_(start + 0.1 * noise(*start.shape, seed=9))
    off = torch.stack(
        [d.sum(1) - log_p for log_p, d in (model.terms(x, noise(len(x), latent, seed=s)) for s in range(9))]
    )
    away = torch.autograd.grad(off.mean(), list(model.parameters()))
    assert max(float(part.abs().max()) for part in gradient) < 0.05 * max(float(part.abs().max()) for part in away)


@pytest.mark.parametrize("prior", [STANDARD, FLOW, VAMP, AGGREGATED])
def test_elbo_surgery_is_an_identity_for_every_prior(prior: str) -> None:
    model = made(prior=prior, components=4)
    x = model.seen(pictures(60))
    found = finish(surgery(model, x, torch.Generator().manual_seed(0), draws=40, rows=16))
    parts = found.reconstruction - found.mutual_information - found.marginal_kl
    assert found.elbo == pytest.approx(parts, abs=1e-6)
    assert 0 <= found.mutual_information <= math.log(60) + 1e-9
    whole = finish(surgery(model, x, torch.Generator().manual_seed(0), draws=40))
    assert whole.elbo == pytest.approx(found.elbo, abs=1e-9)
    drawn = model.latent_prior_draw(7, torch.Generator().manual_seed(0))
    assert drawn.shape == (7, 3)
    assert drawn.dtype == model.dtype


def test_more_importance_samples_tighten_the_bound() -> None:
    model = made(sigma=0.5)
    with torch.no_grad():
        model.encoder.out.weight.mul_(20)  # a posterior that is not the prior, so that there is a gap
    x = model.seen(pictures(40))
    means = [
        float(finish(model.log_prob(x, Sampling(importance_samples=k), torch.Generator().manual_seed(0))).mean())
        for k in (1, 8, 64)
    ]
    assert means[0] < means[1] < means[2]
    draws = [model.terms(x, noise(40, 3, seed=seed)) for seed in range(40)]
    elbo = torch.stack([likelihood - divergence.sum(1) for likelihood, divergence in draws]).mean()
    assert means[1] > float(elbo.detach())


def fit_of(model: VAE, **training: Any) -> Fit:
    own: Any = fill(Training, {"batch": 16, "learning_rate": 5e-3, "ema": 0.0, **training})
    labels = torch.zeros(64, dtype=torch.int64)
    return Fit(model.float(), own, pictures(64), labels, torch.Generator().manual_seed(0))


def test_it_learns_from_bytes() -> None:
    fit = fit_of(made(sigma=0.3))
    beats = fit.beats()
    first = next(beats).values
    for _ in range(120):
        last = next(beats).values
    assert fit.points.dtype == torch.uint8
    assert last["ELBO"] > first["ELBO"] + 200
    assert last["loss"] == pytest.approx(-last["ELBO"], rel=1e-5)


def test_the_aggregated_posterior_is_that_of_numbers_not_of_bytes() -> None:
    fit = fit_of(made(prior=AGGREGATED, components=5))
    next(fit.beats())
    prior = fit.model.latent_prior
    assert isinstance(prior, Aggregated)
    data = fit.model.seen(fit.points)
    assert all((row == data).all(1).any() for row in prior.inputs)


def test_facts_and_bars_read_bytes() -> None:
    model, generator = made(), torch.Generator().manual_seed(0)
    bars = finish(model.bars(pictures(50), Sampling(), generator))
    elbo, reconstruction, information, marginal = bars.values.tolist()
    assert elbo == pytest.approx(reconstruction - information - marginal, abs=1e-6)
    active, *_ = finish(model.facts(pictures(50), Sampling(), generator))
    mean, _ = model.encode(model.seen(pictures(50)))
    assert active.text == f"{int((mean.var(0, correction=0) > 0.01).sum())} of 3"


def test_a_batch_times_importance_samples_is_bounded() -> None:
    model = made()
    assert not model.refuses(fill(Training, {"batch": 32, "training_samples": 16}))
    assert "512 pictures" not in model.refuses(fill(Training, {"batch": 64, "training_samples": 16}))
    assert "1,024 pictures" in model.refuses(fill(Training, {"batch": 64, "training_samples": 16}))
