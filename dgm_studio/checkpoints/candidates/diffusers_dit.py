"""diffusers' DiTTransformer2DModel: a diffusion transformer told a class, mostly over an autoencoder's latents."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import (
    Unfit,
    architecture,
    expect,
    part,
    scheduler_settings,
    sides,
    whole,
)
from dgm_studio.core.inspection import Conclusion

ID, TITLE = "diffusers-dit", "Diffusion transformer of diffusers (DiT)"
CLASSES = ("DiTTransformer2DModel", "Transformer2DModel")
TELLING = (
    "pos_embed.proj.weight",
    "transformer_blocks.0.norm1.linear.weight",
    "proj_out_1.weight",
    "proj_out_2.weight",
)
TABLE = "transformer_blocks.0.norm1.emb.class_embedder.embedding_table.weight"
DECODERS = ("vae", "vqvae")
MOST_TABLE = 1 << 28
"""Numbers of the table of positions, which the network computes for itself."""


def _settle(asked: Asked) -> tuple[float, tuple[str, ...], tuple[Conclusion, ...]]:
    config = asked.config
    if config.get("norm_type", "ada_norm_zero") != "ada_norm_zero":
        raise Unfit(f"Its norms are {str(config.get('norm_type'))[:40]}; a DiT's are ada_norm_zero.")
    heads = whole(config, "num_attention_heads", 16, 1, 1_024)
    width = heads * whole(config, "attention_head_dim", 72, 1, 4_096)
    channels = whole(config, "in_channels", 4, 1, 1_024)
    outputs = whole(config, "out_channels", channels, 1, 2_048)
    layers, patch = whole(config, "num_layers", 28, 1, 1_024), whole(config, "patch_size", 2, 1, 64)
    classes = whole(config, "num_embeds_ada_norm", 1_000, 1, 1_000_000)
    size = sides(config) or (32, 32)
    if size[0] != size[1] or size[0] % patch:
        raise Unfit(f"Its pictures are {size[0]} x {size[1]}; a DiT's are square and whole patches of {patch} pixels.")
    if (size[0] // patch) ** 2 * width > MOST_TABLE:
        raise Unfit(f"Its table of positions would hold {(size[0] // patch) ** 2 * width:,} numbers.")
    if outputs not in (channels, 2 * channels):
        raise Unfit(f"It takes {channels} channels and predicts {outputs}: it denoises something else than its input.")
    expect(asked, "pos_embed.proj.weight", (width, channels, patch, patch))
    expect(asked, "proj_out_2.weight", (patch * patch * outputs, width))
    expect(asked, TABLE, (classes + 1, width))
    if f"transformer_blocks.{layers - 1}.norm1.linear.weight" not in asked.tensors:
        raise Unfit(f"config.json gives {layers} layers; the file has no tensors of the last.")
    decoder, _ = part(asked, *DECODERS)
    reasons = (
        f"The patches, the class table and the output fit it: {layers} layers of width {width}.",
        f"It denoises {channels} channels of {size[0]} x {size[1]}, "
        + (f"which the folder's {decoder} decodes." if decoder else "and no decoder came with it."),
    )
    own = (
        Conclusion("size", "Size", f"{size[0]} x {size[1]}", "from config.json"),
        Conclusion(
            "classes", "Classes", classes, f"by shape of {TABLE.rpartition('.embedding')[0].rpartition('.')[2]}"
        ),
        Conclusion("null", "Class that stands for none", classes, "DiT's last row of the class table"),
    )
    return 0.95, reasons, (*scheduler_settings(asked), *own)


CANDIDATE = architecture(ID, TITLE, CLASSES, TELLING, _settle)
