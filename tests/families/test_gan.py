"""The GAN's game: its value, its two losses, its optimal discriminator."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.gan import DISCRIMINATOR, GAN, LEAST_SQUARES, LOSSES, MINIMAX, NON_SATURATING, Design, Training
from dgm_studio.families.parts.adversarial import Sampling
from dgm_studio.families.parts.best_discriminator import jsd, log_ratios
from dgm_studio.nets.init import init
from dgm_studio.nets.mlp import MLP


def made(training: Training, data: Tensor | None = None, design: Design | None = None) -> tuple[GAN, Fit]:
    with torch.device("meta"):
        model = GAN(design or Design(width=16, layers=2), 2)
    init(model, torch.Generator().manual_seed(0))
    if data is None:
        data = torch.randn((2000, 2), generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(len(data), dtype=torch.int64)
    return model, Fit(model, training, data, labels, torch.Generator().manual_seed(2))


def last_layer(model: GAN) -> nn.Linear:
    net = model.discriminator
    assert isinstance(net, MLP)
    layer = net.layers[-1]
    assert isinstance(layer, nn.Linear)
    return layer


@pytest.mark.parametrize("kind", [MINIMAX, NON_SATURATING])
def test_the_values_are_those_of_the_game(kind: str) -> None:
    model, fit = made(Training(generator_loss=kind, batch=64))
    twin = torch.Generator().manual_seed(2)
    real = fit.points[torch.randint(2000, (64,), generator=twin)]
    with torch.no_grad():
        d_real = model.critic(real)
        d_fake = model.critic(model.generator(torch.randn((64, 2), generator=twin)))
        value = float(d_real.log().mean() + (1 - d_fake).log().mean())
    beats = fit.beats()
    first = next(beats)
    assert first.values["V(G, D)"] == pytest.approx(value, rel=1e-5)
    assert first.values["discriminator loss"] == pytest.approx(-value, rel=1e-5)
    with torch.no_grad():
        d_fake = model.critic(model.generator(torch.randn((64, 2), generator=twin)))
        goal = (1 - d_fake).log().mean() if kind == MINIMAX else -d_fake.log().mean()
    assert next(beats).values["generator loss"] == pytest.approx(float(goal), rel=1e-5)


def test_an_undecided_discriminator_has_the_value_of_lecture_5() -> None:
    model, fit = made(Training())
    with torch.no_grad():
        for parameter in last_layer(model).parameters():
            parameter.zero_()
    beat = next(fit.beats())
    assert beat.values["V(G, D)"] == pytest.approx(-2 * math.log(2))


def test_each_beat_moves_its_own_player_only() -> None:
    model, fit = made(Training(d_beats=2))
    beats = fit.beats()
    for expected in ("discriminator", "discriminator", "generator"):
        before = {name: weight.clone() for name, weight in model.named_parameters()}
        assert next(beats).name == expected
        moved = {name.split(".")[0] for name, weight in model.named_parameters() if (weight != before[name]).any()}
        assert moved == {expected}


def test_the_rate_factor_is_the_discriminators_alone() -> None:
    model, fit = made(Training(learning_rate=1e-3, d_rate_factor=0.01))
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    beats = fit.beats()
    next(beats), next(beats)
    # Adam's first step moves each weight by the rate.
    change = {name: float((weight.detach() - before[name]).abs().max()) for name, weight in model.named_parameters()}
    for name, moved in change.items():
        assert moved == pytest.approx(1e-5 if name.startswith("disc") else 1e-3, rel=0.02)


def test_training_the_discriminator_alone_finds_the_optimal_one() -> None:
    """Data N((1, 0), I) against a generator that is N(0, I): D* = p / (p + q) = sigmoid(x - 1/2)."""
    data = torch.randn((20_000, 2), generator=torch.Generator().manual_seed(3)) + torch.tensor([1.0, 0.0])
    model, fit = made(Training(batch=1024, learning_rate=3e-3), data)
    model.generator = nn.Identity()
    for _ in range(300):
        model.beat(DISCRIMINATOR, fit)
    x = 0.5 * torch.randn((500, 2), generator=torch.Generator().manual_seed(4)) + torch.tensor([0.5, 0.0])
    error = (model.critic(x) - torch.sigmoid(x[:, 0] - 0.5)).abs()
    assert float(error.mean().detach()) < 0.03


def test_r1_is_half_gamma_times_the_squared_slope() -> None:
    plain, with_r1 = (next(made(Training(r1=r1))[1].beats()).values for r1 in (0.0, 2.0))
    model, fit = made(Training(r1=2.0))
    real = fit.batch().requires_grad_()
    (slope,) = torch.autograd.grad(model.discriminator(real).sum(), real)
    penalty = 0.5 * 2.0 * float(slope.square().sum(1).mean())
    assert with_r1["V(G, D)"] == plain["V(G, D)"]
    difference = with_r1["discriminator loss"] - plain["discriminator loss"]
    assert difference == pytest.approx(penalty, rel=1e-3)


def test_the_average_covers_the_generator_only() -> None:
    model, fit = made(Training(ema=0.9))
    beats: Any = fit.beats()
    for _ in range(20):
        next(beats)
    shadow = fit.shadow()
    assert isinstance(shadow, GAN)

    def first(net: nn.Module) -> Tensor:
        return next(net.parameters())

    assert not torch.equal(first(shadow.generator), first(model.generator))
    assert torch.equal(first(shadow.discriminator), first(model.discriminator))


def test_other_latents_leave_out_the_first_state_and_refuse_the_grid() -> None:
    model, _ = made(Training(), design=Design(latent=5, width=8, layers=1))
    z = model.prior(4, torch.Generator().manual_seed(0))
    states = list(model.walk(z, Sampling(), torch.Generator()))
    assert [state.x.shape for state in states] == [(4, 2)]
    with pytest.raises(Refused, match="latent dimension to 2"):
        list(model.transport(z, Sampling()))


def test_least_squares_is_that_of_mao_et_al() -> None:
    model, fit = made(Training(generator_loss=LEAST_SQUARES, batch=64))
    twin = torch.Generator().manual_seed(2)
    real = fit.points[torch.randint(2000, (64,), generator=twin)]
    with torch.no_grad():
        fake = model.generator(torch.randn((64, 2), generator=twin))
        goal = 0.5 * (model.discriminator(real) - 1).square().mean() + 0.5 * model.discriminator(fake).square().mean()
    beats = fit.beats()
    first = next(beats).values
    assert first["discriminator loss"] == pytest.approx(float(goal), rel=1e-5)
    assert "V(G, D)" not in first
    with torch.no_grad():
        fake = model.generator(torch.randn((64, 2), generator=twin))
        goal = 0.5 * (model.discriminator(fake) - 1).square().mean()
    assert next(beats).values["generator loss"] == pytest.approx(float(goal), rel=1e-5)
    with torch.no_grad():
        last_layer(model).bias.fill_(50.0)
        assert bool((model.critic(real) == 1).all())


def test_least_squares_alone_finds_the_same_optimal_discriminator() -> None:
    data = torch.randn((20_000, 2), generator=torch.Generator().manual_seed(3)) + torch.tensor([1.0, 0.0])
    model, fit = made(Training(batch=1024, learning_rate=3e-3, generator_loss=LEAST_SQUARES), data)
    model.generator = nn.Identity()
    for _ in range(300):
        model.beat(DISCRIMINATOR, fit)
    x = 0.5 * torch.randn((500, 2), generator=torch.Generator().manual_seed(4)) + torch.tensor([0.5, 0.0])
    assert float((model.critic(x) - torch.sigmoid(x[:, 0] - 0.5)).abs().mean().detach()) < 0.03


@pytest.mark.parametrize("kind", [MINIMAX, NON_SATURATING, LEAST_SQUARES])
def test_the_push_is_down_the_generators_loss_and_the_curve_its_length(kind: str) -> None:
    model, fit = made(Training(generator_loss=kind, batch=300))
    beats = fit.beats()
    next(beats)
    start = torch.Generator()
    start.set_state(fit.generator.get_state())
    found = finish(model.push(fit.points, 1.0, Sampling(), start))
    small = 1e-3
    with torch.no_grad():
        before = model.persuade(model.discriminator(found.x))
        after = model.persuade(model.discriminator(found.x + small * found.v))
    gain = float((before - after).mean()) / small
    assert gain == pytest.approx(float(found.v.square().sum(1).mean()), rel=0.02)
    assert next(beats).values["generator gradient"] == pytest.approx(float(found.v.norm(dim=1).mean()), rel=1e-4)


def test_minimax_fades_where_the_discriminator_wins() -> None:
    lengths = {}
    for kind in (MINIMAX, NON_SATURATING):
        model, fit = made(Training(generator_loss=kind))
        with torch.no_grad():
            last_layer(model).bias.fill_(-20.0)
        model.game.fill_(LOSSES.index(kind))
        lengths[kind] = finish(model.push(fit.points, 1.0, Sampling(), torch.Generator().manual_seed(0))).v.norm()
    ratio = float(lengths[MINIMAX] / lengths[NON_SATURATING])
    assert ratio == pytest.approx(math.exp(-20), rel=0.5)  # D / (1 - D)


def test_instance_noise_reaches_the_discriminator_and_fades() -> None:
    training = Training(instance_noise=0.5, noise_steps=10)
    model, fit = made(training)
    assert model.noise(training) == 0.5
    beats = fit.beats()
    for _ in range(10):
        next(beats)
    assert model.noise(training) == pytest.approx(0.25)
    assert model.noise(Training(instance_noise=0.5, noise_steps=0)) == 0.5
    fit.training = Training()
    next(beats), next(beats)
    assert model.noise(training) == 0.5
    plain, noisy = (next(made(Training(instance_noise=sd))[1].beats()).values["V(G, D)"] for sd in (0.0, 3.0))
    assert plain != noisy


def test_unrolled_steps_change_the_generators_gradient_only() -> None:
    plain, ahead = (made(Training(unrolled=steps, unrolled_rate=0.5, batch=32)) for steps in (0, 3))
    one, two = plain[1].beats(), ahead[1].beats()
    assert next(one) == next(two)
    before = [weight.clone() for weight in ahead[0].discriminator.parameters()]
    assert next(one).values["generator loss"] != next(two).values["generator loss"]
    assert all(torch.equal(a, b) for a, b in zip(before, ahead[0].discriminator.parameters(), strict=True))


def test_the_best_discriminators_value_is_the_jsd_by_quadrature() -> None:
    """p = N(0, 1), q = N(2, 1) along one axis: JSD = 0.2405 nats by quadrature; estimated within its bias."""
    generator = torch.Generator().manual_seed(0)
    data = torch.randn((4000, 2), generator=generator)
    fakes = torch.randn((4000, 2), generator=generator) + torch.tensor([2.0, 0.0])
    axis = torch.linspace(-12, 14, 20_001, dtype=torch.float64)
    p, q = (torch.exp(-0.5 * (axis - mean) ** 2) / math.sqrt(2 * math.pi) for mean in (0.0, 2.0))
    tiny = 1e-300
    inside = 0.5 * (p * torch.log((2 * p + tiny) / (p + q + tiny)) + q * torch.log((2 * q + tiny) / (p + q + tiny)))
    truth = float(torch.trapezoid(inside, axis))
    assert jsd(*finish(log_ratios(data, fakes))) == pytest.approx(truth, abs=0.03)
    assert abs(jsd(*finish(log_ratios(data, data.flip(0))))) < 0.03


@pytest.mark.parametrize("kind", [NON_SATURATING, LEAST_SQUARES])
def test_the_facts_compare_the_game_with_its_best(kind: str) -> None:
    model, fit = made(Training(generator_loss=kind))
    beats = fit.beats()
    for _ in range(4):
        next(beats)
    facts = finish(model.facts(fit.points, Sampling(), torch.Generator().manual_seed(0)))
    value, best, short = (float(fact.text) for fact in facts[:3])
    assert short == pytest.approx(abs(best - value), abs=2e-3)
    assert all(fact.help.endswith(".") for fact in facts)
    with pytest.raises(Refused, match="16 data points"):
        finish(model.facts(fit.points[:5], Sampling(), torch.Generator()))
