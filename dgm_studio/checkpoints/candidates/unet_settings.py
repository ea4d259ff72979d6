"""What the U-Nets without a description of their own share: size of pictures, prediction, noise schedule, range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.predictions import EPSILON, TARGETS
from dgm_studio.core.inspection import Conclusion

SIZES = (16, 28, 32, 48, 64, 96, 128, 256)
SCHEDULES = ("linear", "cosine", "sigmoid", "scaled_linear")
STEPS = ("100", "200", "500", "1000", "2000", "4000")


def size_setting(config: Mapping[str, Any], levels: int, usual: int) -> Conclusion:
    """Height and width: no weight of a U-Net knows them. They halve `levels` - 1 times without rest."""
    told = config.get("image_size")
    options = tuple(f"{n} x {n}" for n in SIZES if n % 2 ** (levels - 1) == 0)
    if isinstance(told, int) and not isinstance(told, bool) and 4 <= told <= 1024:
        return Conclusion("size", "Pixels", f"{told} x {told}", "from the file's image_size", options)
    said = f"{usual} x {usual}"
    return Conclusion(
        "size", "Pixels", said if said in options else options[0] if options else said, "assumed", options
    )


def prediction_setting(asked: Asked, usual: str = EPSILON) -> Conclusion:
    """What was concluded, else `usual`, "assumed"."""
    found = next((one for one in asked.beside if one.name == "prediction"), None)
    if found is not None and found.value in TARGETS:
        return replace(found, options=TARGETS)
    return Conclusion("prediction", "Prediction", usual, "assumed", TARGETS)


def schedule_settings(asked: Asked, usual: str, steps: int) -> tuple[Conclusion, ...]:
    """The chain that was found inside, else one of the usual kinds with a number of steps to choose."""
    found = next((one for one in asked.beside if one.name == "schedule"), None)
    if found is not None:
        return (found,)
    told = asked.config.get("diffusion_steps", asked.config.get("timesteps"))
    known = isinstance(told, int) and not isinstance(told, bool) and 2 <= told <= 100_000
    return (
        Conclusion("schedule", "Noise schedule", _named(asked.config) or usual,
                   "from the file's settings" if _named(asked.config) else "assumed", SCHEDULES),
        Conclusion("chain_steps", "Steps of the chain", told if known else steps,
                   "from the file's settings" if known else "assumed", STEPS),
    )  # fmt: skip


def range_settings(asked: Asked) -> tuple[Conclusion, ...]:
    """The range of pictures as it was concluded."""
    return tuple(one for one in asked.beside if one.name == "range")


def _named(config: Mapping[str, Any]) -> str:
    for key in ("noise_schedule", "beta_schedule"):
        if config.get(key) in SCHEDULES:
            return str(config[key])
    return ""
