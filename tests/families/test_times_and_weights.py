"""Where along the path training spends its loss: times by their laws, weights as weights of the clean point's error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.ask import Ask
from dgm_studio.core.knobs import fill
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.families.diffusion import Design, Diffusion, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.times import draw_times, shifted
from dgm_studio.lab.views.loss_floor import VIEW
from dgm_studio.nets.init import init
from dgm_studio.paths import paths
from dgm_studio.paths.targets import TARGETS
from tests.lab.views.scenes import exact_diffusion, fit_of, scene_of

STRAIGHT = paths()["straight"]


def drawn(n: int = 40_000, path: str = "straight", **knobs: object) -> Tensor:
    training = fill(Training, knobs)
    return draw_times(training, paths()[path], n, torch.Generator().manual_seed(0), torch.float64)


def made(**design: object) -> Diffusion:
    model = Diffusion(fill(Design, {"width": 16, "layers": 1, **design}), 2)
    return init(model, torch.Generator().manual_seed(0)).double()


def test_discrete_times_are_the_chains() -> None:
    t = drawn(times="discrete", levels=8)
    levels, counts = torch.unique(t, return_counts=True)
    torch.testing.assert_close(levels, torch.arange(8, dtype=torch.float64) / 8)
    assert float((counts / len(t) - 1 / 8).abs().max()) < 0.01


def test_shifted_times_are_esser_et_als() -> None:
    u = torch.linspace(0, 1, 11, dtype=torch.float64)
    torch.testing.assert_close(1 - shifted(1 - u, 3.0), 3 * u / (1 + 2 * u))
    torch.testing.assert_close(drawn(times="shifted", shift=1.0), drawn())
    # P(t' < m) for uniform u is P(u > u*(m)), u* = (1 - m) / (3 - 2 (1 - m)).
    assert float((drawn(times="shifted", shift=3.0) < 0.5).double().mean()) == pytest.approx(0.75, abs=0.01)


def test_log_normal_levels_on_any_path() -> None:
    for path in ("straight", "vp", "trigonometric"):
        t = drawn(20_000, path, times="log-normal", location=0.3, scale=0.5)
        log_sigma = torch.log(paths()[path].s(t) / paths()[path].a(t))
        assert float(log_sigma.mean()) == pytest.approx(-0.3, abs=0.02)
        assert float(log_sigma.std()) == pytest.approx(0.5, abs=0.02)


def weights_of_clean(kind: str, t: Tensor, path: str) -> Tensor:
    """The paper's factor of |x_1 - x1_hat|^2, with d SNR / dt by autograd."""
    own = paths()[path]
    time = t.clone().requires_grad_()
    snr = (own.a(time) / own.s(time)) ** 2
    (slope,) = torch.autograd.grad(snr.sum(), time)
    snr = snr.detach()
    return {
        "elbo": 0.5 * slope, "snr": snr, "min-snr": snr.clamp(max=5.0), "edm": (1 / snr + 1.96) / (1.96 / snr),
    }[kind]  # fmt: skip


@pytest.mark.parametrize("path", ["straight", "vp", "ve", "custom"])
@pytest.mark.parametrize("prediction", [target.id for target in TARGETS])
@pytest.mark.parametrize("kind", ["elbo", "snr", "min-snr", "edm"])
def test_a_weighting_is_the_same_for_every_target(path: str, prediction: str, kind: str) -> None:
    model = made(path=path, prediction=prediction)
    normal = torch.randn((2, 30, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    x1, x0 = 1.4 * normal[0], normal[1]
    t = torch.linspace(0.05, 0.95, 30, dtype=torch.float64)
    residual = model.residual(x1, x0, t).detach()
    found = model._weight(Training(weighting=kind), t) * residual**2
    error = (model.x1_hat(model.path.mix(x1, x0, t), t).detach() - x1) ** 2
    factor = weights_of_clean(kind, t, path)
    torch.testing.assert_close(found, factor[:, None] * error, rtol=1e-6, atol=1e-9)


def test_snr_weighting_is_the_simple_loss() -> None:
    """DDPM's L_simple is the plain error of epsilon: SNR weighting whatever is predicted, unit for epsilon."""
    t = torch.linspace(0.05, 0.95, 20, dtype=torch.float64)
    weight = made(path="vp", prediction="epsilon")._weight(Training(weighting="snr"), t)
    torch.testing.assert_close(weight, torch.ones_like(weight))


@pytest.mark.parametrize(
    "knobs",
    [
        {"times": "discrete", "levels": 10}, {"times": "shifted"}, {"times": "log-normal"}, {"weighting": "min-snr"},
        {"weighting": "snr", "times": "shifted"},
    ],
    ids=str,
)  # fmt: skip
def test_the_loss_floor_knows_every_time_and_weight(knobs: dict[str, Any]) -> None:
    """The training beat with the exact posterior in the network's place measures the floor that the view shows."""
    fit = fit_of("diffusion", batch=4096, **knobs)
    mixture = data_sets()["eight-gaussians"].mixture()
    assert mixture is not None
    model = exact_diffusion(mixture)
    shown = finish(VIEW.compute(scene_of(fit, model=model), Ask("loss_floor"))).numbers
    points = torch.from_numpy(mixture.draw(4096, np.random.default_rng(0))[0])
    losses = []
    for seed in range(6):
        generator = torch.Generator().manual_seed(seed)
        beat = Fit(model, replace(fit.training), points, torch.zeros(4096, dtype=torch.int64), generator).beats()
        losses.append(next(beat).values["loss"])
    mean = sum(losses) / len(losses)
    spread = torch.tensor(losses).std().item() / len(losses) ** 0.5
    half = shown["high"] - shown["best_possible"]
    assert abs(mean - shown["best_possible"]) < 2 * half + 4 * spread + 0.02 * mean
