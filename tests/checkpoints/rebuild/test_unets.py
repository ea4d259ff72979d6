"""lucidrains', guided-diffusion's and torchcfm's U-Nets: rebuilt from shapes alone, they answer as plain functions of
the same tensors do, and the studio films them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import NOISE_TO_DATA, Denoiser, Discrete, Flow
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import BROKEN, PICTURES
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.foreign import family_of
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from tests.checkpoints.layouts import guided_unet, lucidrains_unet
from tests.checkpoints.rebuild import unet_references as reference

X = torch.randn((2, 3, 8, 8), generator=torch.Generator().manual_seed(4))
T = torch.tensor([3.0, 70.0])


def _lively(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Random weights of such a size that every part of the network is heard in its answer."""
    generator = torch.Generator().manual_seed(11)
    return {
        name: torch.randn(one.shape, generator=generator) / max(1.0, one[0].numel() ** 0.5 if one.ndim > 1 else 2.0)
        + (1.0 if name.endswith(".g") or ("norm" in name and name.endswith("weight")) else 0.0)
        for name, one in tensors.items()
    }


def _saved(path: Path, content: Any) -> Path:
    torch.save(content, path)
    return path


def _rebuilt(path: Path, **choice: str) -> Denoiser:
    made = finish(rebuilding(path, choice, "cpu"))
    assert isinstance(made, Denoiser)
    return made


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: one for name, one in tensors.items()}


@torch.no_grad()
def test_lucidrains_answers_as_its_layout_says(tmp_path: Path) -> None:
    own = _lively(lucidrains_unet(dim=8, mults=(1, 2), channels=3))
    betas = torch.linspace(1e-3, 0.05, 100)
    model = _under("model.", own) | {"betas": betas, "alphas_cumprod": torch.cumprod(1 - betas, 0)}
    made = _rebuilt(_saved(tmp_path / "model-1.pt", {"step": 1, "model": model}), size="16 x 16", prediction="sample")
    wanted = reference.lucidrains(own, X, T, 2)
    assert wanted.std() > 0.1
    torch.testing.assert_close(made.predict(X, T, torch.tensor([-1, -1])), wanted, atol=1e-4, rtol=1e-3)
    assert isinstance(made.schedule, Discrete)
    assert made.prediction == "sample"
    np.testing.assert_allclose(made.schedule.alphas_cumprod, np.cumprod(1 - betas.double().numpy()), rtol=1e-5)
    assert tuple(made.shape)[:3] == (3, 16, 16)
    assert not made.remark


@torch.no_grad()
def test_lucidrains_that_is_told_its_own_guess_is_told_zeros(tmp_path: Path) -> None:
    own = _lively(lucidrains_unet(dim=8, mults=(1, 2), channels=3))
    own["init_conv.weight"] = torch.randn((8, 6, 7, 7), generator=torch.Generator().manual_seed(1)) / 12
    made = _rebuilt(_saved(tmp_path / "model-2.pt", {"model": _under("model.", own)}), prediction="epsilon")
    wanted = reference.lucidrains(own, torch.cat([torch.zeros_like(X), X], 1), T, 2)
    torch.testing.assert_close(made.predict(X, T, torch.tensor([-1, -1])), wanted, atol=1e-4, rtol=1e-3)
    assert "zeros" in made.remark
    assert made.shape.channels == 3


@torch.no_grad()
@pytest.mark.parametrize(
    ("heads", "order"), [("4 heads", "heads first"), ("32 channels a head", "query, key, value first")]
)
def test_guided_diffusion_answers_as_its_layout_says(heads: str, order: str, tmp_path: Path) -> None:
    own = _lively(guided_unet(classes=5, learn_sigma=True))
    made = _rebuilt(_saved(tmp_path / "model010000.pt", own), heads=heads, order=order, prediction="epsilon")
    number = 4 if heads == "4 heads" else 2  # 64 channels are attended to
    wanted = reference.guided(own, X, T, torch.tensor([1, 3]), number, order == "heads first")
    assert wanted.std() > 0.1
    torch.testing.assert_close(made.predict(X, T, torch.tensor([1, 3])), wanted, atol=1e-4, rtol=1e-3)
    without = {name: one for name, one in own.items() if name != "label_emb.weight"}
    wanted = reference.guided(without, X, T, None, number, order == "heads first")
    torch.testing.assert_close(made.predict(X, T, torch.tensor([-1, -1])), wanted, atol=1e-4, rtol=1e-3)
    assert made.shape.classes == 5
    assert isinstance(made.schedule, Discrete)
    assert made.schedule.variance == "learned_range"
    assert made.schedule.clip == 1.0


@torch.no_grad()
def test_scale_shift_norm_is_seen_by_the_shapes(tmp_path: Path) -> None:
    own = _lively(guided_unet())
    for name in [name for name in own if ".emb_layers.1." in name]:
        own[name] = torch.cat([own[name], own[name].flip(0)])
    made = _rebuilt(_saved(tmp_path / "model.pt", own), prediction="epsilon")
    wanted = reference.guided(own, X, T, None, 4)
    torch.testing.assert_close(made.predict(X, T, torch.tensor([-1, -1])), wanted, atol=1e-4, rtol=1e-3)


@torch.no_grad()
def test_torchcfm_is_a_flow_from_noise_to_data(tmp_path: Path) -> None:
    own = _lively(guided_unet())
    nets = {"net_model": own, "ema_model": own, "sched": {}, "optim": {}, "step": 4}
    made = _rebuilt(_saved(tmp_path / "cfm_cifar10_weights_step_4.pt", nets), prediction=NOISE_TO_DATA)
    assert made.schedule == Flow()
    assert made.prediction == NOISE_TO_DATA
    time = torch.tensor([0.2, 0.9])
    torch.testing.assert_close(
        made.predict(X, time, torch.tensor([-1, -1])), reference.guided(own, X, time, None, 1), atol=1e-4, rtol=1e-3
    )  # 64 channels a head: one head
    family = family_of(made)
    start = family.prior(2, torch.Generator().manual_seed(0))
    *_, last = family.walk(start, family.Sampling(steps=2), torch.Generator().manual_seed(0))
    assert last.x.shape == (2, 3 * 32 * 32)
    assert bool(torch.isfinite(last.x).all())


def test_a_missing_tensor_is_broken_and_named(tmp_path: Path) -> None:
    own = guided_unet()
    del own["middle_block.1.qkv.weight"]
    found = {one.id: one for one in inspect(_saved(tmp_path / "model.pt", own)).candidates}
    assert found["guided-unet"].verdict == BROKEN
    assert "middle_block.1" in found["guided-unet"].reasons[0]
    own = lucidrains_unet()
    del own["ups.1.3.weight"]
    found = {one.id: one for one in inspect(_saved(tmp_path / "l.pt", {"model": own})).candidates}
    assert found["lucidrains-unet"].verdict == BROKEN
    assert found["lucidrains-unet"].makes != PICTURES


def test_heads_that_do_not_divide_are_refused(tmp_path: Path) -> None:
    path = _saved(tmp_path / "model.pt", guided_unet(width=32, mults=(1, 3)))
    with pytest.raises(Refused, match="do not divide the 96 channels"):
        _rebuilt(path, heads="64 channels a head")
