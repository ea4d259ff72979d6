"""NCSN: lecture 7's loss and the annealed Langevin sampler, level by level."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from dgm_studio.data.mixture import Mixture
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.ncsn import NCSN, Design, Sampling
from dgm_studio.measures.sliced_w2 import noise_floor, sliced_w2
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField
from dgm_studio.solvers.langevin import langevin_step


def made(**design: Any) -> NCSN:
    with torch.device("meta"):
        model = NCSN(Design(**{"width": 16, "layers": 2, **design}), 2)
    return init(model, torch.Generator().manual_seed(0)).double()


def ring() -> Mixture:
    angle = torch.arange(8, dtype=torch.float64) * torch.pi / 4
    return Mixture.isotropic(2 * torch.stack((angle.cos(), angle.sin()), 1).numpy(), 0.2)


def test_the_loss_is_lecture_7s() -> None:
    """sigma^2 |s(x + sigma eps) + eps / sigma|^2, averaged over axes."""
    model, generator = made(), torch.Generator().manual_seed(1)
    x1, x0 = (torch.randn(50, 2, generator=generator, dtype=torch.float64) for _ in range(2))
    t = torch.rand(50, generator=generator, dtype=torch.float64)
    sigma = model.path.s(t)[:, None]
    with torch.no_grad():
        lecture = sigma**2 * (model.score(x1 + sigma * x0, t) + x0 / sigma).square()
        own = model.residual(x1, x0, t).square()
    assert torch.allclose(own, lecture)


def test_the_levels_are_geometric_between_the_designs() -> None:
    model = made(sigma_min=0.1, sigma_max=1.6)
    sigma = model.path.s(model.path.time_grid(Sampling(levels=5).steps, torch.float64))
    assert sigma.tolist() == pytest.approx([1.6, 0.8, 0.4, 0.2, 0.1])
    assert model.path.prior_std == 1.6


def test_the_walk_is_algorithm_1_of_the_paper() -> None:
    model = made(sigma_min=0.1, sigma_max=1.6)
    sampling = Sampling(levels=3, level_steps=2, eta=0.3)
    start = model.prior(6, torch.Generator().manual_seed(4))
    states = list(model.walk(start, sampling, torch.Generator().manual_seed(5)))
    twin, x = torch.Generator().manual_seed(5), start
    with torch.no_grad():
        for i, sigma in enumerate((1.6, 0.4, 0.1)):
            for _ in range(2):
                score = model.score(x, torch.tensor(i / 2, dtype=torch.float64))
                x = langevin_step(x, score, 0.3 * sigma**2, twin)
    assert torch.allclose(states[-1].x, x)
    assert [state.t for state in states] == [0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert [state.evaluations for state in states] == [1, 2, 3, 4, 5, 6, 6]
    assert len(states) == model.frames(sampling) == 7


def test_along_the_exact_score_the_defaults_sample_the_data() -> None:
    model = made()
    exact, generator = ExactField(ring(), model.path), torch.Generator().manual_seed(0)
    *_, last = model.along(exact, model.prior(2_000, generator), Sampling(), generator)
    truth = exact.draw(2_000, 1.0, generator).double()
    floor = noise_floor(exact.draw(8_000, 1.0, generator), 2_000, generator)
    assert sliced_w2(last.x, truth, generator) < 2 * floor.high


def test_films_are_thinned_and_the_transport_has_as_many_frames() -> None:
    model, sampling = made(), Sampling(levels=20, level_steps=12)
    generator = torch.Generator().manual_seed(0)
    assert len(list(model.walk(model.prior(3, generator), sampling, generator))) == model.frames(sampling) == 101
    assert len(list(model.transport(model.prior(3, generator), sampling))) == 101


def test_its_presets_are_its_own() -> None:
    assert NCSN.presets[0].id == "ncsn"
    assert not {preset.id for preset in NCSN.presets} & {preset.id for preset in Diffusion.presets}
