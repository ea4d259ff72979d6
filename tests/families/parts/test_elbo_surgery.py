"""ELBO surgery: the identity to rounding, and encoders whose mutual information is known, in float64."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from dgm_studio.core.slow import finish
from dgm_studio.families.parts.elbo_surgery import Surgery, surgery
from dgm_studio.families.parts.latent_priors import AGGREGATED, FLOW, STANDARD, VAMP
from dgm_studio.families.vae import VAE, Design, Sampling
from dgm_studio.nets.init import init


def made(**design: object) -> VAE:
    with torch.device("meta"):
        model = VAE(Design(**{"width": 16, "layers": 2, "components": 8, **design}), 2)  # type: ignore[arg-type]
    return init(model, torch.Generator().manual_seed(0)).double()


def points(n: int) -> Tensor:
    return 2 * torch.randn((n, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def split(model: VAE, data: Tensor, draws: int = 1_000) -> Surgery:
    return finish(surgery(model, data, torch.Generator().manual_seed(2), draws))


@pytest.mark.parametrize("prior", [STANDARD, FLOW, VAMP, AGGREGATED])
def test_the_parts_add_up_to_rounding(prior: str) -> None:
    for data, draws in ((points(1_700), 1_000), (points(60), 1_000), (points(300), 7)):
        found = split(made(prior=prior, latent=3), data, draws)
        parts = found.reconstruction - found.mutual_information - found.marginal_kl
        assert found.elbo == pytest.approx(parts, abs=1e-12)
        assert found.mutual_information <= math.log(len(data))
        assert (found.n, found.draws) == (len(data), min(draws, len(data)))


def test_the_terms_are_those_of_torch_distributions() -> None:
    model, data = made(), points(50)
    found = split(model, data)
    generator = torch.Generator().manual_seed(2)
    which = torch.randperm(50, generator=generator)
    mean, log_variance = (part.detach() for part in model.encode(data))
    z = mean[which] + (0.5 * log_variance[which]).exp() * torch.randn((50, 2), generator=generator, dtype=torch.float64)
    posteriors = Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
    mixed = MixtureSameFamily(Categorical(torch.ones(50, dtype=torch.float64)), posteriors).log_prob(z)  # type: ignore[no-untyped-call]
    standard = Normal(0.0, 1.0).log_prob(z).sum(1)  # type: ignore[no-untyped-call]
    assert found.marginal_kl == pytest.approx(float((mixed - standard).mean()))
    own = Independent(Normal(mean[which], (0.5 * log_variance[which]).exp()), 1).log_prob(z)  # type: ignore[no-untyped-call]
    assert found.mutual_information == pytest.approx(float((own - mixed).mean()))


def sharpen(model: VAE, weight: float, log_variance: float) -> None:
    """A linear encoder: mean = weight x, one log-variance for all."""
    (layer,) = model.encoder.layers
    assert isinstance(layer, nn.Linear)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[:2] = weight * torch.eye(2)
        layer.bias[:2], layer.bias[2:] = 0.0, log_variance


def test_an_encoder_that_ignores_the_data_tells_nothing() -> None:
    model = made(layers=0)
    sharpen(model, 0.0, math.log(0.25))
    found = split(model, points(400))
    assert found.mutual_information == pytest.approx(0, abs=1e-12)
    # The aggregated posterior is N(0, 0.25 I) itself: KL = (0.25 - 1 - log 0.25) / 2 a coordinate.
    assert found.marginal_kl == pytest.approx(0.25 - 1 - math.log(0.25), abs=0.06)


def test_codes_far_apart_tell_all() -> None:
    model = made(layers=0)
    sharpen(model, 1.0, -14.0)
    found = split(model, 50 * points(200))
    assert found.mutual_information == pytest.approx(math.log(200), abs=1e-9)


def test_the_aggregated_posterior_is_the_optimal_prior() -> None:
    data = points(64)
    model = made(prior=AGGREGATED, components=64)
    with torch.no_grad():
        model.latent_prior.inputs.copy_(data)  # type: ignore[operator]
    found = split(model, data)
    assert found.marginal_kl == pytest.approx(0, abs=1e-12)
    assert found.elbo == pytest.approx(found.reconstruction - found.mutual_information)


def test_the_bars_are_the_four_numbers() -> None:
    model, data = made(), points(100)
    bars = finish(model.bars(data, Sampling(), torch.Generator().manual_seed(2)))
    elbo, reconstruction, information, marginal = bars.values.tolist()
    assert bars.names == ("ELBO", "Reconstruction", "Mutual information", "Marginal KL")
    assert elbo == pytest.approx(reconstruction - information - marginal)
    assert f"log n = {math.log(100):.2f}" in bars.note
