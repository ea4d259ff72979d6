"""The GAN's game: its value, its two losses, its optimal discriminator."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.families.fit import Fit
from dgm_studio.families.gan import DISCRIMINATOR, GAN, MINIMAX, NON_SATURATING, Design, Sampling, Training
from dgm_studio.nets.init import init


def made(training: Training, data: Tensor | None = None, design: Design | None = None) -> tuple[GAN, Fit]:
    with torch.device("meta"):
        model = GAN(design or Design(width=16, layers=2), 2)
    init(model, torch.Generator().manual_seed(0))
    if data is None:
        data = torch.randn((2000, 2), generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(len(data), dtype=torch.int64)
    return model, Fit(model, training, data, labels, torch.Generator().manual_seed(2))


def last_layer(model: GAN) -> nn.Linear:
    layer = model.discriminator.layers[-1]
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
    model.generator = nn.Identity()  # type: ignore[assignment]
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
