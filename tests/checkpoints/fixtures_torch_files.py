"""Fixtures: what torch.save and safetensors write, with the wrappers that training programs put around weights."""

from __future__ import annotations

from collections import OrderedDict
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from tests.checkpoints.fixtures import fixture


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """A random tensor of this shape; the seed is mixed with the shape so that neighbours differ."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed * 1009 + sum(shape) * 31 + len(shape))) * 0.1


def mlp(seed: int = 0, sizes: tuple[int, ...] = (3, 16, 16, 2)) -> dict[str, Tensor]:
    """A denoiser of points: layers "0", "2", "4" of an nn.Sequential."""
    found = {}
    for at, (wide, out) in enumerate(pairwise(sizes)):
        found[f"{2 * at}.weight"] = drawn(out, wide, seed=seed + at)
        found[f"{2 * at}.bias"] = drawn(out, seed=seed + at)
    return found


def unknown(seed: int = 0) -> dict[str, Tensor]:
    """A network that nobody here knows: tokens of patches, mixed."""
    sizes = {"patch_in.proj.weight": (8, 4, 1), "mid_level.0.self_attn.scale": (2,), "out_norm.scale": (8,)}
    return {name: drawn(*shape, seed=seed) for name, shape in {**sizes, "patch_out.proj.weight": (4, 8, 1)}.items()}


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors with a prefix before each name."""
    return {f"{prefix}{name}": tensor for name, tensor in tensors.items()}


def saved(thing: Any, path: Path, **options: Any) -> Path:
    """By torch.save."""
    torch.save(thing, path, **options)
    return path


@fixture("safetensors")
def _safetensors(folder: Path) -> Path:
    path = folder / "weights.safetensors"
    save_file({**mlp(), "half": drawn(4, 4).half(), "brain": drawn(4).bfloat16()}, path, {"title": "a net"})
    return path


@fixture("safetensors-v-pred")
def _markers(folder: Path) -> Path:
    path = folder / "merged.safetensors"
    save_file({**mlp(), "v_pred": torch.zeros(1), "ztsnr": torch.zeros(1)}, path)
    return path


@fixture("safetensors-modelspec")
def _modelspec(folder: Path) -> Path:
    path = folder / "spec.safetensors"
    save_file(mlp(), path, {"modelspec.architecture": "unknown", "modelspec.prediction_type": "v"})
    return path


@fixture("torch-zip")
def _zip(folder: Path) -> Path:
    return saved(OrderedDict(mlp()), folder / "model.pt")


@fixture("torch-legacy")
def _legacy(folder: Path) -> Path:
    return saved(OrderedDict(mlp()), folder / "model.pth", _use_new_zipfile_serialization=False)


@fixture("lightning")
def _lightning(folder: Path) -> Path:
    return saved(
        {
            "epoch": 3,
            "global_step": 120,
            "pytorch-lightning_version": "2.4.0",
            "state_dict": OrderedDict(under("model.", mlp())),
            "loops": {"fit_loop": {"state_dict": {}}},
            "callbacks": {},
            "optimizer_states": [{"state": {0: {"exp_avg": drawn(16, 3)}}, "param_groups": []}],
            "lr_schedulers": [],
            "hparams_name": "kwargs",
            "hyper_parameters": {"hidden": 16, "parameterization": "v"},
        },
        folder / "last.ckpt",
    )


@fixture("ddp-compiled")
def _ddp(folder: Path) -> Path:
    return saved({"model": under("module._orig_mod.", mlp()), "step": 5}, folder / "ddp.pt")


@fixture("ema-dict")
def _ema(folder: Path) -> Path:
    return saved({"net": mlp(), "ema": mlp(seed=7), "optimizer": {"state": {}}}, folder / "with_ema.pt")


@fixture("params-ema")
def _params_ema(folder: Path) -> Path:
    return saved({"params": mlp(), "params_ema": mlp(seed=7)}, folder / "net_g.pth")


@fixture("optimizer-only")
def _optimizer(folder: Path) -> Path:
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return saved(optimizer.state_dict(), folder / "opt010000.pt")


@fixture("with-nan")
def _nan(folder: Path) -> Path:
    tensors = mlp()
    tensors["2.weight"][0, 0] = torch.nan
    tensors["4.bias"][0] = torch.inf
    return saved(tensors, folder / "diverged.pt")


@fixture("lora")
def _lora(folder: Path) -> Path:
    path = folder / "adapter_model.safetensors"
    head = "base_model.model.layers.0.q_proj."
    save_file({f"{head}lora_A.weight": drawn(4, 32), f"{head}lora_B.weight": drawn(32, 4)}, path)
    return path


@fixture("half-schedule")
def _half(folder: Path) -> Path:
    betas = torch.linspace(1e-4, 0.02, 1000)
    left = torch.cumprod(1 - betas.double(), 0)
    return saved({**mlp(), "betas": betas.half(), "alphas_cumprod": left.half()}, folder / "half.pt")
