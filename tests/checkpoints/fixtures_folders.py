"""Fixtures: folders that diffusers and transformers write."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from tests.checkpoints.fixtures import fixture


def library(name: str) -> Any:
    """diffusers or transformers, which have no types."""
    return import_module(name)


def filled(model: Any, seed: int = 0) -> Any:
    """The model with every matrix and kernel drawn anew from a generator of its own."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0.0, 0.05, generator=generator)
    return model


def unet(channels: int = 3, seed: int = 0, **options: Any) -> Any:
    """A UNet2DModel of two levels, 8 x 8 pictures."""
    return filled(
        library("diffusers").UNet2DModel(
            sample_size=8,
            in_channels=channels,
            out_channels=channels,
            layers_per_block=1,
            block_out_channels=(8, 16),
            down_block_types=("DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=4,
            attention_head_dim=4,
            **options,
        ),
        seed,
    )


@fixture("diffusers-unet")
def _unet(folder: Path) -> Path:
    unet().save_pretrained(folder)
    return folder


@fixture("diffusers-ddpm")
def _ddpm(folder: Path) -> Path:
    theirs = library("diffusers")
    scheduler = theirs.DDPMScheduler(prediction_type="v_prediction")
    theirs.DDPMPipeline(unet(), scheduler).save_pretrained(folder)
    return folder


@fixture("diffusers-ema")
def _ema(folder: Path) -> Path:
    """A checkpoint within training, as diffusers' scripts leave it: no index, the average in a folder of its own."""
    scheduler = library("diffusers").DDIMScheduler(beta_schedule="squaredcos_cap_v2", prediction_type="sample")
    scheduler.save_pretrained(folder / "scheduler")
    unet().save_pretrained(folder / "unet")
    unet(seed=4).save_pretrained(folder / "unet_ema")
    return folder


@fixture("diffusers-sharded")
def _sharded(folder: Path) -> Path:
    unet().save_pretrained(folder, max_shard_size="40KB")
    return folder


@fixture("diffusers-dit")
def _dit(folder: Path) -> Path:
    theirs = library("diffusers")
    transformer = theirs.DiTTransformer2DModel(
        num_attention_heads=2, attention_head_dim=8, in_channels=4, out_channels=8, num_layers=2, norm_num_groups=4,
        sample_size=8, patch_size=2, num_embeds_ada_norm=3,
    )  # fmt: skip
    vae = theirs.AutoencoderKL(block_out_channels=(8,), norm_num_groups=4, sample_size=8)
    scheduler = theirs.DDIMScheduler()
    theirs.DiTPipeline(filled(transformer), filled(vae), scheduler).save_pretrained(folder)
    return folder


@fixture("diffusers-vq")
def _vq(folder: Path) -> Path:
    filled(
        library("diffusers").VQModel(
            block_out_channels=(8,), norm_num_groups=4, sample_size=8, latent_channels=2, num_vq_embeddings=16
        )
    ).save_pretrained(folder)
    return folder


@fixture("diffusers-unet1d")
def _unet1d(folder: Path) -> Path:
    """The kind with positional times, as diffusers' planners over trajectories have it."""
    filled(
        library("diffusers").UNet1DModel(
            sample_size=16, in_channels=2, out_channels=2, block_out_channels=(8, 16), norm_num_groups=4,
            time_embedding_type="positional", use_timestep_embedding=True, flip_sin_to_cos=False, freq_shift=1,
            down_block_types=("DownResnetBlock1D", "DownResnetBlock1D"), up_block_types=("UpResnetBlock1D",),
            mid_block_type="MidResTemporalBlock1D", out_block_type="OutConv1DBlock", act_fn="mish",
        )
    ).save_pretrained(folder)  # fmt: skip
    return folder


@fixture("diffusers-flat-old")
def _flat(folder: Path) -> Path:
    """As google/ddpm-* has it: everything at the top, weights as a pickle."""
    unet().save_pretrained(folder, safe_serialization=False)
    scheduler = {"_class_name": "DDPMScheduler", "beta_end": 0.02, "beta_schedule": "linear", "beta_start": 0.0001}
    scheduler |= {"clip_sample": True, "num_train_timesteps": 1000, "variance_type": "fixed_large"}
    index = {"_class_name": "DDPMPipeline", "unet": ["diffusers", "UNet2DModel"]}
    (folder / "scheduler_config.json").write_text(json.dumps(scheduler), "utf-8")
    (folder / "model_index.json").write_text(json.dumps(index), "utf-8")
    (folder / "modeling_ddpm.py").write_text("raise SystemExit\n", "utf-8")
    return folder


@fixture("diffusers-unknown-class")
def _unknown(folder: Path) -> Path:
    unet().save_pretrained(folder / "unet")
    index = {"_class_name": "MyPipeline", "unet": ["my_library", "MyUNet"], "scheduler": ["diffusers", "NoSuchThing"]}
    (folder / "model_index.json").write_text(json.dumps(index), "utf-8")
    return folder


@fixture("diffusers-vae")
def _vae(folder: Path) -> Path:
    blocks = {"block_out_channels": (8, 16), "norm_num_groups": 4, "sample_size": 16}
    kinds = {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2}
    filled(library("diffusers").AutoencoderKL(**blocks, **kinds)).save_pretrained(folder)
    return folder


@fixture("transformers-bert")
def _bert(folder: Path) -> Path:
    theirs = library("transformers")
    config = theirs.BertConfig(
        vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24,
    )  # fmt: skip
    filled(theirs.BertForMaskedLM(config)).save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{at}" for at in range(27))]
    (folder / "vocab.txt").write_text("\n".join(words), "utf-8")
    return folder
