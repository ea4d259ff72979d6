"""diffusers' UNet2DModel at work, with the decoder beside it where it denoises latents."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from torch import Tensor

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import class_of, part
from dgm_studio.checkpoints.candidates.diffusers_unet import DECODERS, ID, NO_CLASS
from dgm_studio.checkpoints.rebuild.chains import picture_shape, ranged
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.diffusers_latents import decoder_beside
from dgm_studio.checkpoints.rebuild.diffusers_net import net_of, schedule_of
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Rebuilder
from dgm_studio.core.inspection import Candidate


def predictor(net: Any, classes: int, whole_times: bool) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
    """The network as rebuilt.Denoiser.predict: (x, told, labels) to its answer. `whole_times` where a table is read
    by the time."""

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        times = told.round().long() if whole_times else told
        found: Tensor = net(x, times, class_labels=labels).sample if classes else net(x, times).sample
        return found

    return predict


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings, config = chosen(candidate, choice), asked.config
    net = yield from net_of("UNet2DModel", asked, config, device)
    beside, _ = part(asked, *DECODERS)
    classes = int(value_of(settings, "classes", 0))
    null = value_of(settings, "null", NO_CLASS)
    points = picture_shape(settings, int(config.get("in_channels", 3)), classes)
    latents = yield from decoder_beside(asked, beside, points, device)
    decode, encode = (latents.decode, latents.encode) if latents else ranged(settings)
    return Denoiser(
        net=net if latents is None else latents.joined(net),
        title=f"{class_of(asked)} of diffusers",
        candidate=candidate,
        settings=settings,
        shape=latents.shape if latents else points,
        schedule=schedule_of(asked, settings),
        prediction=str(value_of(settings, "prediction")),
        predict=predictor(net, classes, config.get("time_embedding_type") == "learned"),
        null=-1 if null == NO_CLASS else int(null),
        points=None if decode is None else points,
        decode=decode,
        encode=encode,
    )


REBUILD = Rebuilder(ID, _build)
