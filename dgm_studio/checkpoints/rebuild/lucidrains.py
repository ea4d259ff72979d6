"""denoising-diffusion-pytorch's U-Net in torch: nets.lucid_unet, with the chain of its GaussianDiffusion."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import torch
from torch import Tensor

from dgm_studio.checkpoints.candidates import lucidrains as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.rebuild.chains import alphas_of, picture_shape, ranged
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Rebuilder
from dgm_studio.core.inspection import Candidate, RefusedFile
from dgm_studio.nets.lucid_unet import Heads, LucidPlan, LucidUNet

ALONE = "The network is also told its last guess of the clean picture; here it is told zeros, as in half its training."


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings = chosen(candidate, choice)
    try:
        found = own.layout(asked, int(value_of(settings, "heads")), str(value_of(settings, "norm")))
    except own.Unfit as misfit:
        raise RefusedFile("E13", f"{misfit} Choose another number of heads.") from None
    found["middle"] = Heads(*found["middle"])
    plan = LucidPlan(**{**found, **{side: tuple(Heads(*one) for one in found[side]) for side in ("downs", "ups")}})
    net = yield from filling(lambda: LucidUNet(plan), asked, own.own_names(asked), device)
    channels = min(plan.inputs, plan.outputs)
    shape = picture_shape(settings, channels)
    decode, encode = ranged(settings)

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = net(x, told.to(torch.float32))
        return found

    return Denoiser(
        net=net,
        title="U-Net (denoising-diffusion-pytorch)",
        candidate=candidate,
        settings=settings,
        remark=ALONE if plan.inputs == 2 * plan.outputs else "",
        shape=shape,
        schedule=Discrete(
            alphas_cumprod=alphas_of(asked, settings),
            spacing="linspace",
            variance=str(value_of(settings, "variance")),
            clip=float(value_of(settings, "clip")),
        ),
        prediction=str(value_of(settings, "prediction")),
        predict=predict,
        points=None if decode is None else shape,
        decode=decode,
        encode=encode,
    )


REBUILD = Rebuilder(own.ID, _build)
