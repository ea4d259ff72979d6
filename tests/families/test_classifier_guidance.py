"""Classifier guidance where classifier and denoiser are the exact ones of two Gaussians, and trained on data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.classifier_guidance import ClassifierGuidance, Sampling
from dgm_studio.families.fit import Fit
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField

MEANS, STD = np.array([[-1.0, 0.0], [1.0, 0.5]]), 0.4
BOTH = Mixture.isotropic(MEANS, STD)
EACH = [Mixture.isotropic(mean[None], STD) for mean in MEANS]


def made(**design: object) -> ClassifierGuidance:
    own = fill(ClassifierGuidance.Design, {"width": 16, "layers": 1, "classes": 2, **design})
    model = init(ClassifierGuidance(own, 2), torch.Generator().manual_seed(0)).double()
    return model.requires_grad_(False)


def exact(path: str) -> ClassifierGuidance:
    """The model that knows the mixture and Bayes' rule."""

    class Known(ClassifierGuidance):
        def clean_and_noise(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor]:
            clean = ExactField(BOTH, self.path).x1_hat(x, t)
            return clean, (x - self.path.a(t) * clean) / self.path.s(t)

        def logits(self, x: Tensor, t: Tensor) -> Tensor:
            return torch.stack([ExactField(one, self.path).log_density(x, t) for one in EACH], dim=1)

    own = fill(ClassifierGuidance.Design, {"width": 16, "layers": 1, "classes": 2, "path": path})
    return init(Known(own, 2), torch.Generator().manual_seed(0)).double().requires_grad_(False)


def noise(n: int, seed: int = 1) -> Tensor:
    return torch.randn((n, 2), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("path", ["vp", "straight", "ve"])
@pytest.mark.parametrize("t", [0.2, 0.6, 0.9])
def test_bayes_rule_at_gamma_one(path: str, t: float) -> None:
    """With the exact classifier the guided field at gamma = 1 is the class's own; at 0 it is the unconditional."""
    model, x, time = exact(path), 1.5 * noise(20), torch.tensor(t, dtype=torch.float64)
    for label in (0, 1):
        guided = model.guided(torch.tensor([label]), Sampling(guidance=1.0))
        own, free = ExactField(EACH[label], model.path), ExactField(BOTH, model.path)
        none = model.guided(torch.tensor([label]), Sampling(guidance=0.0))
        for name in ("score", "velocity", "x1_hat"):
            torch.testing.assert_close(getattr(guided, name)(x, time), getattr(own, name)(x, time))
            torch.testing.assert_close(getattr(none, name)(x, time), getattr(free, name)(x, time))


def test_the_score_gains_gamma_times_the_gradient() -> None:
    model, x, time = made(), noise(15), torch.tensor(0.4, dtype=torch.float64)
    labels = torch.arange(15) % 2
    pull = model.pull(x, time, labels)
    h = 1e-6
    for axis in range(2):
        step = h * torch.eye(2, dtype=torch.float64)[axis]
        up, down = (model.logits(x + sign * step, time.expand(15)).log_softmax(1) for sign in (1, -1))
        slope = (up - down).gather(1, labels[:, None])[:, 0] / (2 * h)
        torch.testing.assert_close(pull[:, axis], slope, atol=1e-7, rtol=1e-5)
    guided = model.guided(labels, Sampling(guidance=2.5))
    torch.testing.assert_close(guided.score(x, time), model.score(x, time) + 2.5 * pull)


def test_noise_says_nothing_of_the_class() -> None:
    model = made(path="straight")
    zero = torch.zeros(6, dtype=torch.float64)
    assert bool((model.pull(noise(6), zero[0], torch.zeros(6, dtype=torch.int64)).abs() < 1e-2).all())
    logits = model.logits(noise(6), zero)
    bias = model.classifier.get_parameter("bias")
    torch.testing.assert_close(logits, bias.expand(6, 2))


def test_both_kinds_of_guidance_reach_the_class_on_one_trained_model() -> None:
    model = made(width=32, layers=2).float().requires_grad_(True)
    points, labels = (torch.from_numpy(part) for part in BOTH.draw(2_000, np.random.default_rng(0)))
    training = fill(ClassifierGuidance.Training, {"batch": 256, "ema": 0.9})
    fit = Fit(model, training, points, labels, torch.Generator().manual_seed(0))
    beats = fit.beats()
    names = [next(beats).name for _ in range(800)]
    assert names[:4] == ["denoiser", "classifier", "denoiser", "classifier"]
    shadow: Any = fit.shadow()
    start = shadow.prior(500, torch.Generator().manual_seed(1))
    for kind in ("classifier", "classifier-free"):
        for label, sign in ((0, -1), (1, 1)):
            sampling = Sampling(kind=kind, label=label, guidance=1.0)
            end = list(shadow.walk(start, sampling, torch.Generator().manual_seed(2)))[-1].x
            assert float((sign * end[:, 0] > 0).float().mean()) > 0.95, (kind, label)
    shown = finish(shadow.push(points, 0.8, Sampling(label=1), torch.Generator()))
    assert shown.x.shape == shown.v.shape == (400, 2)
    # Between the classes the classifier pushes towards class 1, to the right.
    between = (shown.x[:, 0].abs() < 0.5) & (shown.x[:, 1].abs() < 0.5)
    assert bool((shown.v[between][:, 0] > 0).all())
    assert "class 1" in shown.note


def test_one_label_is_refused() -> None:
    assert ClassifierGuidance.refuses_data(2, 1).endswith(".")
    assert not ClassifierGuidance.refuses_data(2, 2)
