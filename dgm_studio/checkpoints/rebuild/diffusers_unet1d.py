"""diffusers' one-dimensional U-Net at work: a signal is a picture of one row a channel."""

from __future__ import annotations

from collections.abc import Generator, Mapping

from torch import Tensor

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_unet1d import ID
from dgm_studio.checkpoints.rebuild.chains import picture_shape
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.diffusers_net import net_of, schedule_of
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Rebuilder
from dgm_studio.core.inspection import Candidate


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings = chosen(candidate, choice)
    net = yield from net_of("UNet1DModel", asked, asked.config, device)

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = net(x[:, 0], told).sample
        return found[:, None]

    return Denoiser(
        net=net,
        title="UNet1DModel of diffusers",
        candidate=candidate,
        settings=settings,
        remark="Each channel of a signal is shown as one row of pixels.",
        shape=picture_shape(settings, 1),
        schedule=schedule_of(asked, settings),
        prediction=str(value_of(settings, "prediction")),
        predict=predict,
    )


REBUILD = Rebuilder(ID, _build)
