"""diffusers' UNet2DModel: a U-Net that denoises pictures, or the latents of the autoencoder beside it."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import (
    LEARNED,
    Unfit,
    architecture,
    expect,
    part,
    scheduler_settings,
    sides,
    whole,
    wholes,
)
from dgm_studio.core.inspection import Conclusion

ID, TITLE = "diffusers-unet2d", "U-Net of diffusers (UNet2DModel)"
CLASSES = ("UNet2DModel", "UNetUnconditionalModel")
TELLING = (
    "conv_in.weight",
    "time_embedding.linear_1.weight",
    "down_blocks.0.resnets.0.conv1.weight",
    "conv_out.weight",
)
DECODERS = ("vqvae", "vae", "movq")
SIZES = (8, 16, 28, 32, 64, 96, 128, 256)
NO_CLASS = "none"


def _settle(asked: Asked) -> tuple[float, tuple[str, ...], tuple[Conclusion, ...]]:
    config = asked.config
    widths = wholes(config, "block_out_channels", (224, 448, 672, 896), 16, 16_384)
    layers = whole(config, "layers_per_block", 2, 1, 64)
    channels = whole(config, "in_channels", 3, 1, 1_024)
    outputs = whole(config, "out_channels", 3, 1, 2_048)
    classes = whole(config, "num_class_embeds", 0, 0, 1_000_000)
    if config.get("time_embedding_type", "positional") not in ("positional", "learned"):
        raise Unfit("Its times are Fourier features of a continuous noise level (NCSN++), which is not sampled here.")
    if config.get("class_embed_type") not in (None, "None"):
        raise Unfit(f"Its classes are told as {str(config['class_embed_type'])[:40]}, not by number.")
    expect(asked, "conv_in.weight", (widths[0], channels, 3, 3))
    expect(asked, "conv_out.weight", (outputs, widths[0], 3, 3))
    settings = scheduler_settings(asked)
    learned = any(one.name == "variance" and one.value in LEARNED for one in settings)
    if outputs != channels * (2 if learned else 1):
        raise Unfit(f"It takes {channels} channels and predicts {outputs}: it denoises something else than its input.")
    size = sides(config)
    decoder, _ = part(asked, *DECODERS)
    latent = "latents of the decoder beside it" if decoder else "pictures"
    said = f"{size[0]} x {size[1]}" if size else "32 x 32"
    pixels = tuple(f"{one} x {one}" for one in SIZES if one % 2 ** (len(widths) - 1) == 0)
    reasons = (
        f"conv_in.weight and conv_out.weight fit it: {channels} channels, {len(widths)} sizes of {layers} blocks.",
        f"It denoises {latent} of {said}.",
    )
    own: tuple[Conclusion, ...] = (
        Conclusion("size", "Pixels", said, "from config.json" if size else "assumed", () if size else pixels),
    )
    if classes:
        own += (
            Conclusion("classes", "Classes", classes, "from config.json"),
            Conclusion("null", "Class that stands for none", NO_CLASS, "assumed", (NO_CLASS, str(classes - 1))),
        )
    beside = tuple(one for one in asked.beside if one.name == "range" and not decoder)
    return 0.95, reasons, (*settings, *own, *beside)


CANDIDATE = architecture(ID, TITLE, CLASSES, TELLING, _settle)
