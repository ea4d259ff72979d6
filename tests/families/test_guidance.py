"""Class labels: what the network is told, what guidance mixes, what is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.diffusion import Design, Diffusion, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.continuity import log_density
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField

HALF = torch.tensor(0.5, dtype=torch.float64)


def made(classes: int = 3) -> Diffusion:
    model = Diffusion(fill(Design, {"width": 16, "layers": 1, "classes": classes}), 2)
    return init(model, torch.Generator().manual_seed(0)).double().requires_grad_(False)


def noise(n: int, seed: int = 1) -> Tensor:
    return torch.randn((n, 2), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def trained(classes: int, steps: int, **knobs: object) -> Fit:
    """Classes 0 and 1 at x = -2 and +2, three to one."""
    model = init(Diffusion(fill(Design, {"width": 32, "layers": 2, "classes": classes}), 2), _seed(0)).double()
    labels = (torch.arange(400) % 4 == 0).long()
    points = 0.2 * noise(400)
    points[:, 0] += 4.0 * labels - 2
    fit = Fit(model, fill(Training, {"batch": 256, "ema": 0.0, **knobs}), points, labels, _seed(1))
    beats = fit.beats()
    for _ in range(steps):
        next(beats)
    return fit


def _seed(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("gamma", [0.0, 0.4, 1.0, 3.0])
def test_guidance_is_the_conventions_mixture(gamma: float) -> None:
    """(1 - gamma) f(x) + gamma f(x, y) for velocity, score and clean point alike."""
    model, x = made(), noise(10)
    labels = torch.arange(10) % 3
    field, only = ClassifierFree(model, labels, gamma), ClassifierFree(model, labels, 1.0)
    for name in ("velocity", "score", "x1_hat"):
        mixed = (1 - gamma) * getattr(model, name)(x, HALF) + gamma * getattr(only, name)(x, HALF)
        torch.testing.assert_close(getattr(field, name)(x, HALF), mixed)
    assert not torch.equal(model.velocity(x, HALF), only.velocity(x, HALF))


def test_without_classes_nothing_is_added() -> None:
    model = init(Diffusion(Design(), 2), _seed(0))
    assert not [name for name in model.state_dict() if "label" in name or "frequencies" in name]


def test_labels_are_dropped_in_the_share_asked_for() -> None:
    seen: list[Tensor] = []
    fit = trained(2, 0, label_drop=0.25, batch=4096)
    model: Any = fit.model
    inner = model._network

    def spy(x: Tensor, t: Tensor, here: Any, label: Tensor | None = None) -> Tensor:
        assert label is not None
        seen.append(label)
        found: Tensor = inner(x, t, here, label)
        return found

    model._network = spy
    next(fit.beats())
    shares = torch.bincount(seen[0], minlength=3) / 4096
    torch.testing.assert_close(shares, torch.tensor([0.75 * 0.75, 0.75 * 0.25, 0.25]), atol=0.03, rtol=0)


def test_a_class_is_sampled_and_all_come_as_often_as_in_the_data() -> None:
    fit = trained(5, 400)
    model = fit.shadow()
    start = model.prior(1_000, _seed(2))

    def end(**sampling: object) -> Tensor:
        return list(model.walk(start, fill(Sampling, sampling), _seed(3)))[-1].x

    assert float((end(label=0)[:, 0] < 0).double().mean()) > 0.97
    assert float((end(label=1)[:, 0] > 0).double().mean()) > 0.97
    assert float((end()[:, 0] > 0).double().mean()) == pytest.approx(0.25, abs=0.05)
    # gamma = 0 forgets the label: the data's own shares come out.
    assert float((end(label=1, guidance=0.0)[:, 0] > 0).double().mean()) == pytest.approx(0.25, abs=0.1)
    with pytest.raises(Refused, match=r"which no training point has: choose 0 to 1\."):
        end(label=3)


def test_too_many_labels_are_refused_at_the_first_beat() -> None:
    with pytest.raises(Refused, match="set Classes to 2 or more"):
        trained(1, 1)


def test_the_density_of_all_classes_is_the_mixture_of_what_is_sampled() -> None:
    model, x = made(2), noise(12)
    model.frequencies.copy_(torch.tensor([0.3, 0.7]))
    sampling = Sampling(guidance=2.5, density_steps=6)
    times = model.path.time_grid(6, torch.float64)
    parts = [
        math.log(share) + finish(log_density(ClassifierFree(model, torch.tensor([k]), 2.5), x, times, 1.0))
        for k, share in enumerate((0.3, 0.7))
    ]
    found = finish(model.log_prob(x, sampling, _seed(0)))
    torch.testing.assert_close(found, torch.logsumexp(torch.stack(parts), 0), atol=1e-6, rtol=0)
    one = finish(model.log_prob(x, Sampling(label=1, guidance=2.5, density_steps=6), _seed(0)))
    torch.testing.assert_close(one, parts[1] - math.log(0.7))


def test_the_map_is_of_one_class_or_of_none() -> None:
    model, start = made(), noise(6)
    free = list(model.transport(start, Sampling(steps=4)))[-1].x
    alone = list(model.along(model, start, Sampling(steps=4), _seed(0)))[-1].x
    assert torch.equal(free, alone)
    assert not torch.equal(free, list(model.transport(start, Sampling(steps=4, label=2)))[-1].x)


def test_the_loss_floor_of_labels_is_refused() -> None:
    model, points = made(), noise(5)
    exact = ExactField(Mixture.of_points(points.numpy()), model.path)
    with pytest.raises(Refused, match="class labels"):
        model.loss_of_exact(exact, points, Training(), _seed(0))
