"""The VQ-VAE against autograd, scikit-learn's k-means, torch.distributions and the paper's own recursion."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from torch import Tensor
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.codebook import Codebook
from dgm_studio.families.parts.diagonal_normal import FIXED, LEARNED, log_normal
from dgm_studio.families.vqvae import (
    GUMBEL,
    MOVING,
    STRAIGHT_THROUGH,
    UNIFORM,
    USAGE,
    VQVAE,
    Design,
    Sampling,
    Training,
    gumbel_softmax,
)
from dgm_studio.nets.init import init


def made(seed: int = 0, dim: int = 2, **design: Any) -> VQVAE:
    with torch.device("meta"):
        model = VQVAE(fill(Design, {"codes": 7, "width": 16, "layers": 1, **design}), dim)
    model = init(model, torch.Generator().manual_seed(seed)).double()
    with torch.no_grad():
        model.codebook.usage.copy_(torch.arange(1, model.design.codes + 1) / sum(range(model.design.codes + 1)))
    return model


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def book(codes: Tensor) -> Codebook:
    found = Codebook(*codes.shape).double()
    with torch.no_grad():
        found.codes.copy_(codes)
        found.usage.fill_(1 / len(codes))
    return found


class Watched(Fit):
    """A fit that keeps the gradient of each loss it descends."""

    gradients: tuple[Tensor | None, ...] = ()

    def descend(self, loss: Tensor, group: str = "main", rate: float | None = None) -> None:
        self.gradients = torch.autograd.grad(loss, list(self.model.parameters()), retain_graph=True, allow_unused=True)
        super().descend(loss, group, rate)


def fit_of(model: VQVAE, data: Tensor, seed: int = 0, **training: Any) -> Watched:
    own: Any = fill(Training, {"batch": 64, **training})
    labels = torch.zeros(len(data), dtype=torch.int64)
    return Watched(model, own, data, labels, torch.Generator().manual_seed(seed))


# The codebook.


def test_lloyds_algorithm_is_the_ema_codebook_without_memory() -> None:
    z = torch.cat([noise(60, 2, seed=seed) + 4 * noise(1, 2, seed=100 + seed) for seed in range(5)])
    start = z[:: len(z) // 5][:5] + 0.3
    reference = KMeans(5, init=start.numpy(), n_init=1, algorithm="lloyd", tol=0).fit(z.numpy())
    found = book(start)
    for _ in range(60):
        choice = found.nearest(z)
        found.count(torch.bincount(choice, minlength=5) / len(z), 0.0)
        found.follow(z, choice, 0.0)
    np.testing.assert_allclose(found.codes.detach().numpy(), reference.cluster_centers_, atol=1e-9)
    np.testing.assert_array_equal(found.nearest(z).numpy(), reference.labels_)


def test_the_ema_codebook_is_the_papers_recursion() -> None:
    found, decay = book(noise(6, 3)), 0.9
    number = found.usage.clone()
    total = number[:, None] * found.codes.detach()
    for seed in range(20):
        z = noise(32, 3, seed=seed)
        choice = torch.cdist(z, total / number[:, None]).argmin(1)
        assert torch.equal(choice, found.nearest(z))
        for k in range(6):
            number[k] = decay * number[k] + (1 - decay) * (choice == k).sum() / 32
            total[k] = decay * total[k] + (1 - decay) * z[choice == k].sum(0) / 32
        found.count(torch.bincount(choice, minlength=6) / 32, decay)
        found.follow(z, choice, decay)
        torch.testing.assert_close(found.usage, number)
        torch.testing.assert_close(found.codes.detach(), total / number[:, None])


def test_dead_codes_move_onto_encodings() -> None:
    found, z = book(noise(4, 2)), noise(50, 2, seed=2)
    before = found.codes.detach().clone()
    found.usage.copy_(torch.tensor([0.5, 0.01, 0.485, 0.005]))
    found.revive(z, 0.1, torch.tensor([3, 4, 5, 6]))
    torch.testing.assert_close(found.codes.detach(), torch.stack([before[0], z[4], before[2], z[6]]))
    assert float(found.usage.sum()) == pytest.approx(1)
    assert float(found.usage[1]) == pytest.approx(0.25 / 1.485)


def test_perplexity_counts_codes_used_alike() -> None:
    found = book(noise(8, 2))
    assert float(found.perplexity()) == pytest.approx(8)
    found.usage.copy_(torch.tensor([0.5, 0.5, 0, 0, 0, 0, 0, 0]))
    assert float(found.perplexity()) == pytest.approx(2)


# Training.


@pytest.mark.parametrize("decoder", [FIXED, LEARNED])
def test_the_gradient_is_straight_through(decoder: str) -> None:
    model, data = made(decoder=decoder), noise(1, 2)
    fit = fit_of(model, data, quantiser=STRAIGHT_THROUGH, commitment=0.7, revive=0.0, batch=1)
    reference = made(decoder=decoder)
    z = reference.encoder(data)
    code = reference.codebook.codes[reference.assign(data)]
    handed = code.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(-log_normal(data, *reference.likelihood(handed)).sum(), handed)
    # The encoder sees the decoder's slope at the code, and the pull of its commitment.
    pull = slope + 0.7 * 2 * (z - code).detach()
    encoder = torch.autograd.grad((z * pull).sum(), list(reference.encoder.parameters()))
    decode = torch.autograd.grad(
        -log_normal(data, *reference.likelihood(code.detach())).sum(), list(reference.decoder.parameters())
    )
    # The codebook learns from its own loss only.
    (codes,) = torch.autograd.grad((z.detach() - code).square().sum(), reference.codebook.codes)
    next(fit.beats())
    for found, expected in zip(fit.gradients, (*encoder, codes, *decode), strict=True):
        torch.testing.assert_close(found, expected)


def test_the_curves_are_the_lectures_bound() -> None:
    fit = fit_of(made(), noise(100, 2))
    values = next(fit.beats()).values
    assert values["KL"] == pytest.approx(math.log(7))
    assert values["ELBO"] == pytest.approx(values["reconstruction"] - math.log(7))


def test_the_gumbel_bound_has_the_posteriors_entropy() -> None:
    model, data = made(), noise(1, 2)
    log_q = model.log_posterior(model.encoder(data)).detach()
    posterior = Categorical(logits=log_q)
    assert int(log_q.argmax()) == int(model.assign(data))
    codes, usage = model.codebook.codes.detach().clone(), model.codebook.usage.clone()
    terms = log_normal(data, *model.likelihood(codes)).detach()
    fit = fit_of(model, data, quantiser=GUMBEL, kl_weight=0.3, revive=0.0, usage_decay=0.5, batch=4096)
    values = next(fit.beats()).values
    assert values["KL"] == pytest.approx(math.log(7) - float(posterior.entropy()))  # type: ignore[no-untyped-call]
    assert values["loss"] == pytest.approx(0.3 * values["KL"] - values["reconstruction"])
    expected, spread = float((posterior.probs * terms).sum()), float(terms.std())
    assert values["reconstruction"] == pytest.approx(expected, abs=5 * spread / 64)
    torch.testing.assert_close(model.codebook.usage, 0.5 * usage + 0.5 * posterior.probs[0])


def test_gumbel_draws_follow_the_softmax() -> None:
    logits = noise(1, 5).expand(40_000, 5)
    uniform = torch.rand((40_000, 5), generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    hard = gumbel_softmax(logits, uniform, 0.7, hard=True)
    assert bool(((hard - hard.round()).abs() < 1e-12).all())
    torch.testing.assert_close(hard.mean(0), logits[0].softmax(0), atol=0.01, rtol=0)
    soft = gumbel_softmax(logits, uniform, 0.7, hard=False)
    torch.testing.assert_close(soft.sum(1), torch.ones(40_000, dtype=torch.float64))
    assert torch.equal(soft.argmax(1), hard.argmax(1))
    # Their law is Maddison's concrete density: the same as of a Gibbs race of exponentials raised to 1 / temperature.
    race = (-uniform.flip(0).log() / logits.softmax(1)).pow(-1 / 0.7)
    torch.testing.assert_close(soft.mean(0), (race / race.sum(1, keepdim=True)).mean(0), atol=0.01, rtol=0)
    # The hard choice hands on the soft one's gradient.
    first, second = (logits[:3].clone().requires_grad_() for _ in range(2))
    weight = noise(3, 5, seed=4)
    (a,) = torch.autograd.grad((weight * gumbel_softmax(first, uniform[:3], 0.7, hard=True)).sum(), first)
    (b,) = torch.autograd.grad((weight * gumbel_softmax(second, uniform[:3], 0.7, hard=False)).sum(), second)
    torch.testing.assert_close(a, b)


@pytest.mark.parametrize("quantiser", [STRAIGHT_THROUGH, MOVING, GUMBEL])
def test_every_quantiser_learns_and_resumes_bit_exactly(quantiser: str) -> None:
    data = 2 * noise(300, 2)
    through, stopped, resumed = (fit_of(made(seed), data, seed, quantiser=quantiser) for seed in (0, 0, 5))
    before = {name: weight.clone() for name, weight in through.model.named_parameters()}
    one, two, three = through.beats(), stopped.beats(), resumed.beats()
    for _ in range(4):
        assert next(one) == next(two)
    tensors, meta = stopped.state()
    resumed.restore({name: tensor.clone() for name, tensor in tensors.items()}, meta)
    for _ in range(4):
        assert next(one) == next(three)
    assert all(bool((weight != before[name]).any()) for name, weight in through.model.named_parameters())


def test_the_quantiser_can_be_changed_while_it_learns() -> None:
    fit = fit_of(made(), 2 * noise(300, 2))
    beats = fit.beats()
    for quantiser in (STRAIGHT_THROUGH, MOVING, GUMBEL, STRAIGHT_THROUGH):
        fit.training = fill(Training, {"quantiser": quantiser})
        assert all(math.isfinite(value) for _ in range(3) for value in next(beats).values.values())


# The model.


@pytest.mark.parametrize(("decoder", "prior"), [(FIXED, USAGE), (LEARNED, USAGE), (LEARNED, UNIFORM)])
def test_the_density_is_that_of_torch_distributions(decoder: str, prior: str) -> None:
    model, x = made(decoder=decoder), noise(500, 2)
    sampling: Any = fill(Sampling, {"code_prior": prior})
    mean, log_variance = (part.detach() for part in model.likelihood(model.codebook.codes))
    weights = model.codebook.usage if prior == USAGE else torch.ones(7, dtype=torch.float64)
    reference = MixtureSameFamily(
        Categorical(weights), Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
    )  # fmt: skip
    found = finish(model.log_prob(x, sampling, torch.Generator()))
    torch.testing.assert_close(found, reference.log_prob(x))  # type: ignore[no-untyped-call]
    with pytest.raises(Refused, match="t = 1"):
        finish(model.log_prob(x, sampling, torch.Generator(), t=0.5))


def test_samples_are_codes_by_their_share_with_the_decoders_noise() -> None:
    model = made(decoder=FIXED, sigma=0.3)
    generator = torch.Generator().manual_seed(0)
    start = model.prior(40_000, generator)
    clean, noisy = (state.x for state in model.walk(start, fill(Sampling, {}), generator))
    decoded = model.likelihood(model.codebook.codes)[0].detach()
    code = torch.cdist(clean, decoded).argmin(1)
    torch.testing.assert_close(clean, decoded[code])
    torch.testing.assert_close(torch.bincount(code) / 40_000, model.codebook.usage.float(), atol=0.01, rtol=0)
    assert float((noisy - clean).std()) == pytest.approx(0.3, rel=0.02)
    quiet: Mapping[str, Any] = {"decoder_noise": False, "code_prior": UNIFORM}
    *_, last = model.walk(start, fill(Sampling, quiet), generator)
    uniform = torch.bincount(torch.cdist(last.x, decoded).argmin(1)) / 40_000
    torch.testing.assert_close(uniform, torch.full((7,), 1 / 7), atol=0.01, rtol=0)


# Showing.


def test_the_borders_are_where_the_code_changes() -> None:
    model, x = made(codes=12), 2 * noise(400, 2)
    found = finish(model.structure(x, fill(Sampling, {}), torch.Generator()))
    assert found.dots is not None
    assert found.shares is not None
    assert found.weights is not None
    assert torch.equal(found.shares.argmax(1), model.assign(x))
    assert float(found.weights.max()) == 1
    torch.testing.assert_close(found.dots, model.likelihood(model.codebook.codes)[0].detach())
    vertices = torch.cat(found.lines)
    gaps = model.codebook.distances(model.encoder(vertices)).detach().sqrt().sort(dim=1).values
    near, away = gaps[:, 1] - gaps[:, 0], model.codebook.distances(model.encoder(x)).detach().sqrt().sort(1).values
    # All but the few in the middle of a square where several cells meet.
    assert float(near.quantile(0.9)) < 0.02 * float((away[:, 1] - away[:, 0]).median())


def test_facts_and_bars_count_the_training_points() -> None:
    model, x = made(codes=12), 2 * noise(400, 2)
    counts = torch.bincount(model.assign(x), minlength=12)
    bars = finish(model.bars(x, fill(Sampling, {}), torch.Generator()))
    torch.testing.assert_close(bars.values, counts.double() / 400)
    used, perplexity, bits = finish(model.facts(x, fill(Sampling, {}), torch.Generator()))
    entropy = float(Categorical(counts / 400).entropy())  # type: ignore[no-untyped-call]
    assert used.text == f"{int((counts > 0).sum())} of 12"
    assert float(perplexity.text) == pytest.approx(math.exp(entropy), abs=0.06)
    assert float(bits.text) == pytest.approx(entropy / math.log(2), abs=0.006)


def test_in_three_dimensions_there_are_cells_but_no_lines() -> None:
    x = noise(50, 3)
    found = finish(made(dim=3).structure(x, fill(Sampling, {}), torch.Generator()))
    assert found.lines == ()
    assert found.shares is not None
