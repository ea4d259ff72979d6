"""guided-diffusion's U-Net in torch, as a chain's denoiser or, as torchcfm trains it, as a flow's velocity."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import torch
from torch import Tensor

from dgm_studio.checkpoints.candidates import guided_unet as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.rebuild.chains import alphas_of, picture_shape, ranged
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Flow, Rebuilder
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Candidate, Conclusion, RefusedFile
from dgm_studio.nets.guided_unet import ATTENTION, GuidedPlan, GuidedUNet, Piece


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings = chosen(candidate, choice)
    try:
        plan = _plan(own.layout_of(asked), settings)
    except own.Unfit as misfit:
        raise RefusedFile("E13", f"{misfit} It can be inspected.") from None
    net = yield from filling(lambda: GuidedUNet(plan), asked, None, device)
    shape = picture_shape(settings, plan.inputs, plan.classes)
    decode, encode = ranged(settings)

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = net(x, told.to(torch.float32), labels if plan.classes else None)
        return found

    schedule, prediction = _process(asked, settings)
    return Denoiser(
        net=net,
        title=candidate.title,
        candidate=candidate,
        settings=settings,
        shape=shape,
        schedule=schedule,
        prediction=prediction,
        predict=predict,
        points=None if decode is None else shape,
        decode=decode,
        encode=encode,
    )


def _process(asked: Asked, settings: tuple[Conclusion, ...]) -> tuple[Discrete | Flow, str]:
    """The chain or the path, and a prediction that belongs to it."""
    told = str(value_of(settings, "prediction"))
    if value_of(settings, "process") == own.PATH:
        return Flow(), told if told in (NOISE_TO_DATA, VELOCITY) else NOISE_TO_DATA
    chain = Discrete(
        alphas_cumprod=alphas_of(asked, settings),
        spacing="linspace",
        variance=str(value_of(settings, "variance")),
        clip=float(value_of(settings, "clip")),
    )
    return chain, told if told in TARGETS else TARGETS[0]


def _plan(found: own.Layout, settings: tuple[Conclusion, ...]) -> GuidedPlan:
    number, word = str(value_of(settings, "heads")).split(" ", 1)
    by_width = word.startswith("channels")
    pieces = tuple(
        tuple(tuple(Piece(*one) for one in parts) for parts in side) for side in (found.down, (found.middle,), found.up)
    )
    for place in (*pieces[0], *pieces[1], *pieces[2]):
        for one in place:
            if one.kind == ATTENTION and one.inputs % int(number):
                raise Refused(
                    f"{number} {word} do not divide the {one.inputs} channels of an attention. Choose another number "
                    "of attention heads."
                )
    return GuidedPlan(
        width=found.width, inputs=found.inputs, outputs=found.outputs,
        down=pieces[0], middle=pieces[1][0], up=pieces[2], classes=found.classes, scaled=found.scaled,
        heads=int(number), head_width=int(number) if by_width else 0,
        heads_first=value_of(settings, "order") == own.ORDERS[0],
    )  # fmt: skip


REBUILD = Rebuilder(own.ID, _build)
