"""The Wasserstein GAN: its constraints, its estimate beside the exact distance."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.slow import finish
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.adversarial import Sampling
from dgm_studio.families.wgan import CLIPPING, CONSTRAINTS, CRITIC, PENALTY, SPECTRAL, WGAN, Design, Training
from dgm_studio.nets.init import init
from dgm_studio.nets.lipschitz import slopes

SHIFT = torch.tensor([3.0, 0.0])


def made(training: Training, data: Tensor | None = None) -> tuple[WGAN, Fit]:
    with torch.device("meta"):
        model = WGAN(Design(width=32, layers=2), 2)
    init(model, torch.Generator().manual_seed(0))
    if data is None:
        data = torch.randn((2000, 2), generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(len(data), dtype=torch.int64)
    return model, Fit(model, training, data, labels, torch.Generator().manual_seed(2))


def test_the_beats_are_n_critic_and_one() -> None:
    model, _ = made(Training())
    assert model.beats(Training(critic_beats=4)) == ("critic",) * 4 + ("generator",)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_the_first_beat_is_the_difference_of_means_and_its_penalty(constraint: str) -> None:
    model, fit = made(Training(constraint=constraint, penalty=5.0, batch=64))
    model.f.normalised.fill_(constraint == SPECTRAL)
    twin = torch.Generator().manual_seed(2)
    real = fit.points[torch.randint(2000, (64,), generator=twin)]
    with torch.no_grad():
        fake = model.generator(torch.randn((64, 2), generator=twin))
        estimate = float((model.critic(real) - model.critic(fake)).mean())
    share = torch.rand((64, 1), generator=twin)
    penalty = float((slopes(model.f, share * real + (1 - share) * fake) - 1).square().mean().detach())
    first = next(fit.beats()).values
    assert first["critic estimate"] == pytest.approx(estimate, abs=1e-6)
    goal = -estimate + (5.0 * penalty if constraint == PENALTY else 0.0)
    assert first["critic loss"] == pytest.approx(goal, rel=1e-4, abs=1e-6)


def test_clipping_holds_every_weight_in_the_box() -> None:
    model, fit = made(Training(constraint=CLIPPING, clip_weights=0.02))
    next(fit.beats())
    largest = max(float(weight.detach().abs().max()) for weight in model.f.parameters())
    assert largest == pytest.approx(0.02)


def test_spectral_norm_is_lipschitz_and_ends_when_another_constraint_is_chosen() -> None:
    model, fit = made(Training(constraint=SPECTRAL, learning_rate=1e-2))
    beats = fit.beats()
    for _ in range(40):
        next(beats)
    assert float(slopes(model.f, 4 * torch.randn((500, 2))).max()) < 1.05
    fit.training = Training(constraint=CLIPPING)
    while next(beats).name != CRITIC:
        pass
    assert not bool(model.f.normalised)


@pytest.mark.parametrize("constraint", [PENALTY, CLIPPING])
def test_the_scaled_estimate_is_the_distance_of_two_shifted_gaussians(constraint: str) -> None:
    """W1(N(0, I), N((3, 0), I)) = 3, the best critic is x_1; clipping's K is what its weights allow, not 1."""
    data = torch.randn((5000, 2), generator=torch.Generator().manual_seed(3)) + SHIFT
    training = Training(constraint=constraint, batch=256, learning_rate=3e-3, clip_weights=0.2, penalty=10.0)
    model, fit = made(training, data)
    model.generator = nn.Identity()
    for _ in range(300):
        model.beat(CRITIC, fit)
    facts = {fact.label: fact for fact in finish(model.facts(data, Sampling(), torch.Generator().manual_seed(4)))}
    exact = float(facts["W1, exact"].text)
    assert exact == pytest.approx(3, abs=0.3)
    assert float(facts["W1, floor"].text) < 0.5
    scaled = float(facts["Critic estimate, scaled"].text)
    # A clipped critic is far from the best: it prefers two slopes to one (Gulrajani et al., 2017, figure 1).
    assert (0.7 if constraint == PENALTY else 0.2) * exact < scaled < 1.05 * exact
    raw = float(facts["Critic estimate, raw"].text)
    assert raw == pytest.approx(exact, rel=0.25) if constraint == PENALTY else raw != pytest.approx(exact, rel=0.25)


def test_the_push_is_the_critics_slope() -> None:
    model, fit = made(Training())
    found = finish(model.push(fit.points, 1.0, Sampling(), torch.Generator().manual_seed(0)))
    assert found.x.shape == found.v.shape == (300, 2)
    assert torch.allclose(found.v.norm(dim=1), slopes(model.f, found.x), rtol=1e-4)
    with torch.no_grad():
        assert float(model.critic(found.x + 0.01 * found.v).mean()) > float(model.critic(found.x).mean())
