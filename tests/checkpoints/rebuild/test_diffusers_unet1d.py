"""diffusers' one-dimensional U-Net: its own forward pass, with each channel of a signal as a row of pixels."""

from __future__ import annotations

from pathlib import Path

import torch

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.core.inspection import BROKEN
from tests.checkpoints.diffusers_folders import lib, seeded
from tests.checkpoints.rebuild.test_diffusers import rebuilt

CHANNELS, LENGTH = 3, 16


def write(folder: Path, **own: object) -> torch.nn.Module:
    """As diffusers' planners have it: positional times, temporal residual blocks."""
    wanted = {
        "sample_size": LENGTH, "in_channels": CHANNELS, "out_channels": CHANNELS, "extra_in_channels": 0,
        "time_embedding_type": "positional", "use_timestep_embedding": True, "freq_shift": 1, "act_fn": "mish",
        "down_block_types": ("DownResnetBlock1D",) * 2, "up_block_types": ("UpResnetBlock1D",),
        "mid_block_type": "MidResTemporalBlock1D", "out_block_type": "OutConv1DBlock", "block_out_channels": (16, 32),
    }  # fmt: skip
    net: torch.nn.Module = seeded(lib.UNet1DModel, **{**wanted, **own})
    net.save_pretrained(folder / "unet")  # type: ignore[operator]
    lib.DDPMScheduler(60).save_pretrained(folder / "scheduler")
    (folder / "model_index.json").write_text(
        '{"_class_name": "P", "unet": ["diffusers", "UNet1DModel"], "scheduler": ["diffusers", "DDPMScheduler"]}'
    )
    return net


def test_a_signal_is_predicted_as_diffusers_predicts_it(tmp_path: Path) -> None:
    net = write(tmp_path)
    model = rebuilt(tmp_path)
    assert model.shape[:3] == (1, CHANNELS, LENGTH)
    x = torch.randn((2, 1, CHANNELS, LENGTH), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = model.predict(x, torch.tensor([5.0, 9.0]), torch.full((2,), -1))
        assert torch.allclose(found[:, 0], net(x[:, 0], torch.tensor([5, 9])).sample, atol=1e-6)


def test_a_value_function_denoises_nothing(tmp_path: Path) -> None:
    write(tmp_path, out_channels=2)
    candidate = next(one for one in inspect(tmp_path).candidates if one.id == "diffusers-unet1d")
    assert candidate.verdict == BROKEN
    assert "predicts other channels" in candidate.reasons[0]
