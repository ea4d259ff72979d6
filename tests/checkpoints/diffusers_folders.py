"""Small diffusers folders with random weights, written by diffusers itself, and what its pipelines make of them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import Tensor

lib: Any = diffusers
"""Without its types: most of it is not annotated."""

SIDE = 8
LENGTH = 60
"""Pixels a side, and steps of the chains."""


def seeded(build: Any, **own: Any) -> Any:
    """A network of random weights, in eval mode; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # noqa: TID251 -- diffusers draws its weights from nothing else
        return build(**own).eval()


def unet(channels: int = 3, outputs: int = 3, **own: Any) -> Any:
    """Two sizes, attention at the smaller."""
    return seeded(
        lib.UNet2DModel, sample_size=SIDE, in_channels=channels, out_channels=outputs, layers_per_block=1,
        block_out_channels=(8, 16), norm_num_groups=4, attention_head_dim=8,
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"), **own,
    )  # fmt: skip


def coder(kind: Any = None, **own: Any) -> Any:
    """An autoencoder of 2 SIDE pixels a side, latents at half that."""
    return seeded(
        kind or lib.AutoencoderKL, down_block_types=("DownEncoderBlock2D",) * 2, block_out_channels=(8, 16),
        up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=4, sample_size=2 * SIDE, **own,
    )  # fmt: skip


def vae() -> Any:
    """AutoencoderKL."""
    return coder(latent_channels=4)


def vq() -> Any:
    """VQModel of 12 codes."""
    return coder(lib.VQModel, latent_channels=3, num_vq_embeddings=12)


def ddpm(prediction: str, **own: Any) -> Any:
    """DDPM over pixels."""
    return _quiet(lib.DDPMPipeline(unet(), lib.DDPMScheduler(LENGTH, prediction_type=prediction, **own)))


def ddim(prediction: str, **own: Any) -> Any:
    """DDIM over pixels."""
    return _quiet(lib.DDIMPipeline(unet(), lib.DDIMScheduler(LENGTH, prediction_type=prediction, **own)))


@cache
def transformer() -> Any:
    """A DiT with a learned variance; its pipeline asks for 1,000 classes."""
    return seeded(
        lib.DiTTransformer2DModel, num_attention_heads=2, attention_head_dim=8, in_channels=4, out_channels=8,
        num_layers=1, sample_size=SIDE, patch_size=2, num_embeds_ada_norm=1000,
    )  # fmt: skip


def dit(prediction: str) -> Any:
    """A DiT over the latents of `vae`."""
    scheduler = lib.DDIMScheduler(LENGTH, prediction_type=prediction, clip_sample=False)
    return _quiet(lib.DiTPipeline(transformer(), vae(), scheduler))


def saved(pipeline: Any, folder: Path, **own: Any) -> Path:
    """The folder it was written to."""
    pipeline.save_pretrained(folder, **own)
    return folder


def pictures(made: Any) -> Tensor:
    """A pipeline's output (n, h, w, c) in [0, 1] as (n, c, h, w)."""
    return torch.tensor(made.images).permute(0, 3, 1, 2)


def _quiet(pipeline: Any) -> Any:
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
