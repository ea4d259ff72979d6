"""diffusers' UNet1DModel: denoises signals, which are seen as one row of pixels a channel."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import Unfit, architecture, scheduler_settings, whole, wholes
from dgm_studio.core.inspection import Conclusion

ID, TITLE = "diffusers-unet1d", "One-dimensional U-Net of diffusers (UNet1DModel)"
LONGEST = 1_024
"""Samples of a signal that is drawn as one row of pixels."""
MOST_CHANNELS = 64


def _settle(asked: Asked) -> tuple[float, tuple[str, ...], tuple[Conclusion, ...]]:
    config = asked.config
    channels = whole(config, "in_channels", 2, 1, MOST_CHANNELS)
    widths = wholes(config, "block_out_channels", (32, 32, 64), 16, 16_384)
    whole(config, "layers_per_block", 1, 1, 64)
    if channels != whole(config, "out_channels", 2, 1, 4_096):
        raise Unfit("It predicts other channels than it takes (a value function?): it denoises nothing.")
    if config.get("extra_in_channels") or config.get("time_embedding_type", "fourier") != "positional":
        raise Unfit("Its times are Fourier features of a continuous noise level, which is not sampled here.")
    length = config.get("sample_size")
    if isinstance(length, bool) or not isinstance(length, int) or not 1 <= length <= LONGEST:
        raise Unfit(f"Its signals have {str(length)[:20]} samples; a row of pixels shows up to {LONGEST:,}.")
    reasons = (f"It denoises signals of {channels} channels and {length} samples, through {len(widths)} sizes.",)
    own = (Conclusion("size", "Signal", f"{channels} x {length}", "from config.json"),)
    return 0.9, reasons, (*scheduler_settings(asked), *own)


CANDIDATE = architecture(ID, TITLE, ("UNet1DModel",), (), _settle)
