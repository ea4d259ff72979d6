"""The autoencoder that lies beside a diffusion over latents in one folder."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_autoencoder import CLASSES
from dgm_studio.checkpoints.candidates.diffusers_config import class_of
from dgm_studio.checkpoints.rebuild.diffusers_autoencoder import coder_of
from dgm_studio.checkpoints.rebuild.diffusers_net import component, net_of
from dgm_studio.core.inspection import RefusedFile
from dgm_studio.core.pictures import PictureShape


@dataclass(frozen=True, eq=False)
class Latents:
    """Pictures of `shape` by `decode` of scaled latents, and latents by `encode` (their means)."""

    net: nn.Module
    shape: PictureShape
    decode: Callable[[Tensor], Tensor]
    encode: Callable[[Tensor], Tensor]

    def joined(self, denoiser: nn.Module) -> nn.Module:
        """Both networks as one, so that they move together."""
        return nn.ModuleDict({"denoiser": denoiser, "autoencoder": self.net})


def decoder_beside(asked: Asked, name: str, points: PictureShape, device: str) -> Generator[None, None, Latents | None]:
    """The folder's component `name`, "" for none, for latents of the shape `points`; RefusedFile E20 where it is of a
    class that is not built here, E13 where it does not take such latents."""
    if not name:
        return None
    own = component(asked, name)
    kind = class_of(own)
    if kind not in CLASSES:
        raise RefusedFile(
            "E20",
            f"model_index.json asks for class {kind[:80]}, which this version does not know. The weights can be "
            "inspected; to sample, open the denoiser's own folder: its latents are then shown as they are.",
        )
    net = yield from net_of(kind, own, own.config, device)
    coder = coder_of(net, own.config, kind)
    with torch.no_grad():
        try:
            picture = coder.decode(torch.zeros(1, *points[:3], device=device))
        except RuntimeError as error:
            raise RefusedFile(
                "E13",
                f"The folder's {name} does not decode latents of {points.channels} x {points.height} x "
                f"{points.width}, which is what its denoiser makes. Open one of them by its own folder.",
            ) from error
    yield
    shape = PictureShape(picture.shape[1], picture.shape[2], picture.shape[3], points.classes)
    return Latents(net, shape, coder.decode, lambda x: coder.encode(x)[0])
