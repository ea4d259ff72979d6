"""The chain and the pictures of a denoiser from its settings (candidates.unet_settings)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import Tensor

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.schedules import alphas_cumprod_of, chain
from dgm_studio.checkpoints.candidates.unet_settings import SCHEDULES
from dgm_studio.checkpoints.rebuild.choosing import value_of
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Conclusion
from dgm_studio.core.pictures import PictureShape

TO_ONE = "0 to 1"
"""The range of pictures that is not the studio's."""
Ways = tuple[Callable[[Tensor], Tensor] | None, Callable[[Tensor], Tensor] | None]


def alphas_of(asked: Asked, settings: tuple[Conclusion, ...]) -> Array:
    """alphas_cumprod (T,), float64: the file's own, or the kind that was assumed or chosen."""
    kind, steps = value_of(settings, "schedule"), int(value_of(settings, "chain_steps", 1000))
    found = chain(asked.opened, asked.weights)
    if found is not None and kind not in SCHEDULES:
        return np.asarray(found[0])
    scale = 1000 / steps  # Ho et al.'s betas are for 1,000 steps; fewer take larger ones (Nichol and Dhariwal, 2021)
    left = alphas_cumprod_of(
        {"beta_schedule": kind, "num_train_timesteps": steps, "beta_start": 1e-4 * scale, "beta_end": 0.02 * scale}
    )
    if left is None:
        raise Refused(f"The noise schedule '{kind}' makes no chain of {steps} steps. Choose another.")
    return left


def picture_shape(settings: tuple[Conclusion, ...], channels: int, classes: int = 0) -> PictureShape:
    """The pictures' shape; Refused where the size is none."""
    try:
        height, width = (int(part) for part in str(value_of(settings, "size")).split(" x "))
    except ValueError:
        raise Refused(f"The pixels '{value_of(settings, 'size')}' are no size. Choose one like 32 x 32.") from None
    return PictureShape(channels, height, width, classes)


def ranged(settings: tuple[Conclusion, ...]) -> Ways:
    """How the network's pictures become the studio's, in [-1, 1], and back; None where they are that already."""
    if value_of(settings, "range") != TO_ONE:
        return None, None
    return (lambda x: 2 * x - 1), (lambda x: (x + 1) / 2)
