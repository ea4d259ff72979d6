"""Fixtures: the key layouts of well-known training programs, of random tensors in their shapes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from tests.checkpoints.fixtures import fixture
from tests.checkpoints.fixtures_torch_files import drawn, saved, under, unknown
from tests.checkpoints.layouts import guided_unet, lucidrains_unet

STEPS = 100


def sigmoid_betas(steps: int = STEPS, start: float = -3.0, end: float = 3.0) -> Tensor:
    """lucidrains' default schedule, float64: abar(t) by a sigmoid between start and end."""
    t = torch.linspace(0, 1, steps + 1, dtype=torch.float64)
    low, high = torch.tensor(start).sigmoid(), torch.tensor(end).sigmoid()
    left = (-(t * (end - start) + start).sigmoid() + high) / (high - low)
    left = left / left[0]
    return (1 - left[1:] / left[:-1]).clamp(0, 0.999)


def buffers(objective: str, *, clipped: bool = False, betas: Tensor | None = None) -> dict[str, Tensor]:
    """What lucidrains' GaussianDiffusion registers, float32: the schedule and the loss_weight of its objective."""
    betas = sigmoid_betas() if betas is None else betas
    left = torch.cumprod(1 - betas, 0)
    snr = left / (1 - left)
    c = snr.clamp(max=5) if clipped else snr
    weight = {"pred_noise": c / snr, "pred_x0": c, "pred_v": c / (snr + 1)}[objective]
    found = {
        "betas": betas,
        "alphas_cumprod": left,
        "sqrt_alphas_cumprod": left.sqrt(),
        "sqrt_one_minus_alphas_cumprod": (1 - left).sqrt(),
        "loss_weight": weight,
    }
    return {name: one.float() for name, one in found.items()}


def milestone(objective: str, *, clipped: bool = False, spoilt: bool = False) -> dict[str, Any]:
    """A whole lucidrains milestone; `spoilt` averages the buffers too (issue #136)."""
    schedule = buffers(objective, clipped=clipped)
    model = {**schedule, **under("model.", lucidrains_unet())}
    averaged = {**schedule, **under("model.", lucidrains_unet(seed=5))}
    if spoilt:
        averaged["alphas_cumprod"] = averaged["alphas_cumprod"] * 0.8
    ema = {"initted": torch.tensor(True), "step": torch.tensor(40)}
    ema |= {**under("online_model.", model), **under("ema_model.", averaged)}
    return {"step": 40, "model": model, "opt": {"state": {}, "param_groups": []}, "ema": ema, "scaler": None,
            "version": "2.1.1"}  # fmt: skip


@fixture("lucidrains")
def _lucidrains(folder: Path) -> Path:
    return saved(milestone("pred_v"), folder / "model-4.pt")


@fixture("lucidrains-noise")
def _noise(folder: Path) -> Path:
    return saved(milestone("pred_noise", clipped=True), folder / "model-5.pt")


@fixture("lucidrains-x0")
def _x0(folder: Path) -> Path:
    return saved(milestone("pred_x0"), folder / "model-6.pt")


@fixture("lucidrains-spoilt")
def _spoilt(folder: Path) -> Path:
    return saved(milestone("pred_v", spoilt=True), folder / "model-7.pt")


@fixture("guided-diffusion")
def _guided(folder: Path) -> Path:
    return saved(guided_unet(learn_sigma=True), folder / "ema_0.9999_010000.pt")


@fixture("guided-diffusion-raw")
def _guided_raw(folder: Path) -> Path:
    return saved(guided_unet(classes=10), folder / "model010000.pt")


@fixture("torchcfm")
def _torchcfm(folder: Path) -> Path:
    nets = {"net_model": under("module.", guided_unet()), "ema_model": under("module.", guided_unet(seed=3))}
    return saved(
        {**nets, "sched": {}, "optim": {"state": {}}, "step": 400}, folder / "otcfm_cifar10_weights_step_400.pt"
    )


K_CONFIG = {
    "model": {
        "type": "image_transformer_v2",
        "input_channels": 1,
        "input_size": [28, 28],
        "sigma_data": 0.6162,
        "sigma_min": 0.01,
        "sigma_max": 80,
        "loss_config": "karras",
    },
    "optimizer": {"lr": 5e-4},
}


@fixture("k-diffusion")
def _k(folder: Path) -> Path:
    nets = {"model": under("inner_model.", unknown()), "model_ema": under("inner_model.", unknown(seed=7))}
    whole = {"config": K_CONFIG, **nets, "opt": {}, "sched": {}, "ema_sched": {}, "epoch": 1, "step": 9}
    return saved({**whole, "gns_stats": None, "ema_stats": {}, "demo_gen": drawn(4), "elapsed": 1.0}, folder / "k.pth")


@fixture("k-diffusion-safetensors")
def _k_flat(folder: Path) -> Path:
    path = folder / "k.safetensors"
    save_file(under("inner_model.", unknown()), path, {"config": json.dumps(K_CONFIG)})
    return path


def token_net(tokens: int = 12, width: int = 8, layers: int = 2, seed: int = 0) -> dict[str, Tensor]:
    """MDLM's diffusion transformer, in the order in which its parameters are registered."""
    found = {"vocab_embed.embedding": drawn(tokens, width, seed=seed)}
    for at, (wide, out) in ((0, (256, 4 * width)), (2, (4 * width, 4 * width))):
        found[f"sigma_map.mlp.{at}.weight"] = drawn(out, wide, seed=seed)
        found[f"sigma_map.mlp.{at}.bias"] = drawn(out, seed=seed)
    for layer in range(layers):
        head = f"blocks.{layer}."
        found[f"{head}norm1.weight"] = drawn(width, seed=seed)
        found[f"{head}attn_qkv.weight"] = drawn(3 * width, width, seed=seed)
        found[f"{head}attn_out.weight"] = drawn(width, width, seed=seed)
        found[f"{head}norm2.weight"] = drawn(width, seed=seed)
    found["output_layer.linear.weight"] = drawn(tokens, width, seed=seed)
    found["output_layer.linear.bias"] = drawn(tokens, seed=seed)
    return found


def averages(net: dict[str, Tensor]) -> dict[str, Any]:
    """torch_ema's state: a list without names."""
    return {"decay": 0.9999, "num_updates": 40, "shadow_params": [one * 0.9 for one in net.values()]}


@fixture("mdlm")
def _mdlm(folder: Path) -> Path:
    net = token_net()
    state = {**under("backbone.", net), "backbone.rotary_emb.inv_freq": drawn(4)}
    settings = {"parameterization": "subs", "T": 0, "model": {"length": 16, "n_heads": 2}}
    whole = {"state_dict": state, "ema": averages(net), "pytorch-lightning_version": "2.2.1"}
    return saved({**whole, "hyper_parameters": {"config": settings}}, folder / "last.ckpt")


@fixture("sedd")
def _sedd(folder: Path) -> Path:
    net = token_net()
    return saved({"optimizer": {}, "model": under("module.", net), "ema": averages(net), "step": 9}, folder / "c.pth")


@fixture("latent-diffusion")
def _latent(folder: Path) -> Path:
    """CompVis' layout: the U-Net, the autoencoder, and an average whose names have lost their dots."""
    net, left = guided_unet(), np.cumprod(1 - np.linspace(0.0015**0.5, 0.0195**0.5, 1000) ** 2)
    inner = under("diffusion_model.", net)
    flat = {name.replace(".", ""): tensor * 0.9 for name, tensor in inner.items()}
    state = {
        "betas": torch.from_numpy(np.linspace(0.0015**0.5, 0.0195**0.5, 1000) ** 2).float(),
        "alphas_cumprod": torch.from_numpy(left).float(),
        **under("model.", inner),
        **under("model_ema.", {"decay": torch.tensor(0.9999), "num_updates": torch.tensor(4), **flat}),
        "first_stage_model.encoder.conv_in.weight": drawn(8, 3, 3, 3),
        "first_stage_model.decoder.conv_in.weight": drawn(8, 4, 3, 3),
    }  # fmt: skip
    return saved(
        {"epoch": 1, "global_step": 4, "pytorch-lightning_version": "1.4.2", "state_dict": state}, folder / "ldm.ckpt"
    )


def dcgan(latent: int = 8, width: int = 4, channels: int = 1) -> dict[str, Tensor]:
    """The tutorial's generator of 16 x 16 pictures."""
    sizes = (latent, 2 * width, width, channels)
    found = {}
    for at, (wide, out) in enumerate(pairwise(sizes)):
        found[f"main.{3 * at}.weight"] = drawn(wide, out, 4, 4)
        if out != channels:
            norm = {"weight": torch.ones(out), "bias": torch.zeros(out), "running_mean": torch.zeros(out)}
            norm |= {"running_var": torch.ones(out), "num_batches_tracked": torch.tensor(3)}
            found |= under(f"main.{3 * at + 1}.", norm)
    return found


@fixture("dcgan")
def _dcgan(folder: Path) -> Path:
    return saved(dcgan(), folder / "netG.pth")


@fixture("gan-pair")
def _gan(folder: Path) -> Path:
    judge = {"main.0.weight": drawn(4, 1, 4, 4), "main.2.weight": drawn(8, 4, 4, 4), "main.5.weight": drawn(1, 8, 4, 4)}
    nets = {"generator": dcgan(), "discriminator": judge, "g_ema": {name: one * 1 for name, one in dcgan().items()}}
    return saved({**nets, "g_optim": {"state": {}}, "d_optim": {"state": {}}, "epoch": 3}, folder / "gan.pt")
