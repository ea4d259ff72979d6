"""diffusers' diffusion transformer at work, with the autoencoder beside it."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from torch import Tensor

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_config import LEARNED, part
from dgm_studio.checkpoints.candidates.diffusers_dit import DECODERS, ID
from dgm_studio.checkpoints.rebuild.chains import picture_shape
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.diffusers_latents import decoder_beside
from dgm_studio.checkpoints.rebuild.diffusers_net import net_of, schedule_of
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Rebuilder
from dgm_studio.core.inspection import Candidate


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings, config = chosen(candidate, choice), asked.config
    net = yield from net_of("DiTTransformer2DModel", asked, config, device)
    beside, _ = part(asked, *DECODERS)
    channels = int(config.get("in_channels", 4))
    classes = int(value_of(settings, "classes"))
    points = picture_shape(settings, channels, classes)
    latents = yield from decoder_beside(asked, beside, points, device)
    schedule = schedule_of(asked, settings)
    learned = isinstance(schedule, Discrete) and schedule.variance in LEARNED

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = net(x, timestep=told, class_labels=labels).sample
        return found if learned else found[:, :channels]  # without a learned variance the second half is nothing here

    return Denoiser(
        net=net if latents is None else latents.joined(net),
        title="DiT of diffusers",
        candidate=candidate,
        settings=settings,
        shape=latents.shape if latents else points,
        schedule=schedule,
        prediction=str(value_of(settings, "prediction")),
        predict=predict,
        null=int(value_of(settings, "null")),
        points=points if latents else None,
        decode=latents.decode if latents else None,
        encode=latents.encode if latents else None,
    )


REBUILD = Rebuilder(ID, _build)
