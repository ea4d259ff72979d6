"""diffusers' AutoencoderKL and VQModel: convolutional autoencoders whose latents are small pictures."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import Unfit, architecture, expect, part, sides, whole, wholes
from dgm_studio.core.inspection import Conclusion

ID, TITLE = "diffusers-autoencoder", "Autoencoder of diffusers (AutoencoderKL, VQModel)"
KL, VQ = "AutoencoderKL", "VQModel"
CLASSES = (KL, VQ)
TELLING = ("encoder.conv_in.weight", "decoder.conv_in.weight", "encoder.down_blocks.0.resnets.0.conv1.weight")
GENERATORS = ("unet", "transformer", "prior")
SIZES = (16, 32, 64, 128, 256, 512)


def _often(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def _settle(asked: Asked) -> tuple[float, tuple[str, ...], tuple[Conclusion, ...]]:
    config = asked.config
    kind = str(config["_class_name"])
    widths = wholes(config, "block_out_channels", (64,), 16, 16_384)
    whole(config, "layers_per_block", 1, 1, 64)
    channels = whole(config, "in_channels", 3, 1, 64)
    latent = whole(config, "latent_channels", 4 if kind == KL else 3, 1, 1_024)
    if channels != whole(config, "out_channels", 3, 1, 64):
        raise Unfit("It reads pictures of other channels than it draws.")
    expect(asked, "encoder.conv_in.weight", (widths[0], channels, 3, 3))
    expect(asked, "decoder.conv_in.weight", (widths[-1], latent, 3, 3))
    shrink = 2 ** (len(widths) - 1)
    size = sides(config) or (32, 32)
    if size[0] % shrink or size[1] % shrink:
        raise Unfit(f"Its pictures of {size[0]} x {size[1]} cannot be halved {_often(len(widths) - 1)}.")
    said = f"{size[0]} x {size[1]}"
    own: tuple[Conclusion, ...] = (
        Conclusion(
            "size", "Pixels", said, "from config.json" if config.get("sample_size") else "assumed",
            tuple(f"{one} x {one}" for one in SIZES if one % shrink == 0),
        ),
        Conclusion(
            "latent", "Latent", f"{latent} x {size[0] // shrink} x {size[1] // shrink}",
            f"from config.json: {latent} channels, halved {_often(len(widths) - 1)}",
        ),
    )  # fmt: skip
    if kind == VQ:
        codes = whole(config, "num_vq_embeddings", 256, 1, 1_000_000)
        wide = whole(config, "vq_embed_dim", latent, 1, 4_096)
        expect(asked, "quantize.embedding.weight", (codes, wide))
        own += (Conclusion("codes", "Codes", codes, "by shape of quantize.embedding.weight"),)
    generator, _ = part(asked, *GENERATORS)
    reasons = (
        f"Encoder and decoder fit it: {channels} channels to {latent} at 1/{shrink} of the size.",
        *((f"It belongs to the folder's {generator}, which draws what it decodes.",) if generator else ()),
    )
    return 0.5 if generator else 0.9, reasons, own


CANDIDATE = architecture(ID, TITLE, CLASSES, TELLING, _settle)
