"""diffusers' AutoencoderKL and VQModel at work: latents laid out flat, scaled as a diffusion over them has them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.diffusers_autoencoder import ID, KL
from dgm_studio.checkpoints.candidates.diffusers_config import class_of
from dgm_studio.checkpoints.rebuild.chains import picture_shape
from dgm_studio.checkpoints.rebuild.choosing import chosen
from dgm_studio.checkpoints.rebuild.diffusers_net import net_of
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Rebuilder
from dgm_studio.core.inspection import Candidate
from dgm_studio.core.pictures import PictureShape

LEAST_LOG = -30.0
"""diffusers' own bounds of a log-variance."""
MOST_LOG = 20.0


@dataclass(frozen=True, eq=False)
class Coder:
    """An autoencoder between pictures (n, c, h, w) and latents (n, l, h', w') scaled to about one standard deviation:
    (z - shift) * scale, as the diffusion models beside it see them."""

    net: Any
    kind: str
    scale: float
    shift: float

    def decode(self, z: Tensor) -> Tensor:
        """Pictures of scaled latents."""
        found: Tensor = self.net.decode(z / self.scale + self.shift).sample
        return found

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of scaled latents; a VQ model's are its encodings, of no variance."""
        if self.kind != KL:
            z: Tensor = (self.net.encode(x).latents - self.shift) * self.scale
            return z, torch.full_like(z, LEAST_LOG)
        posterior = self.net.encode(x).latent_dist
        mean: Tensor = (posterior.mean - self.shift) * self.scale
        log_variance = posterior.logvar.clamp(LEAST_LOG, MOST_LOG) + 2 * torch.log(mean.new_tensor(abs(self.scale)))
        return mean, log_variance


@dataclass(frozen=True, eq=False)
class Codes:
    """A VQ model's codebook (K, m), and codes (n, h', w') of pictures (n, c, h, w) and back."""

    net: Any
    code_shape: tuple[int, int]

    @property
    def codebook(self) -> Tensor:
        """(K, m)."""
        found: Tensor = self.net.quantize.embedding.weight
        return found

    def codes(self, x: Tensor) -> Tensor:
        """The nearest entry of each encoding."""
        z = self.net.encode(x).latents.permute(0, 2, 3, 1)
        nearest: Tensor = torch.cdist(z.reshape(-1, z.shape[-1]), self.codebook).argmin(1)
        return nearest.view(z.shape[:3])

    def decode_codes(self, ids: Tensor) -> Tensor:
        """Pictures of codes."""
        found: Tensor = self.net.decode(self.codebook[ids].permute(0, 3, 1, 2), force_not_quantize=True).sample
        return found


def coder_of(net: nn.Module, config: Mapping[str, Any], kind: str) -> Coder:
    """With the config's scaling_factor and shift_factor (1 and 0 where it says none that is a number)."""
    scale, shift = config.get("scaling_factor", 0.18215), config.get("shift_factor") or 0.0
    sound = isinstance(scale, (int, float)) and scale
    return Coder(net, kind, float(scale) if sound else 1.0, float(shift) if isinstance(shift, (int, float)) else 0.0)


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Decoder]:
    settings = chosen(candidate, choice)
    kind, config = class_of(asked), asked.config
    net = yield from net_of(kind, asked, config, device)
    coder = coder_of(net, config, kind)
    shape = picture_shape(settings, int(config.get("in_channels", 3)))
    widths = config.get("block_out_channels", (64,))
    shrink = 2 ** (len(widths) - 1)
    channels = int(config.get("latent_channels", 4 if kind == KL else 3))
    if kind != KL:
        channels = int(config.get("vq_embed_dim") or channels)
    small = PictureShape(channels, shape.height // shrink, shape.width // shrink)

    def stood(z: Tensor) -> Tensor:
        return z.view(-1, small.channels, small.height, small.width)

    def encode(x: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_variance = coder.encode(x)
        return mean.flatten(1), log_variance.flatten(1)

    return Decoder(
        net=net,
        title=f"{kind} of diffusers",
        candidate=candidate,
        settings=settings,
        remark="Latents drawn from N(0, I) are no picture's: its prior is the diffusion that belongs to it.",
        shape=shape,
        latent=small.dim,
        decode=lambda z: coder.decode(stood(z)),
        encode=encode,
        codes=None if kind == KL else Codes(net, (small.height, small.width)),
    )


REBUILD = Rebuilder(ID, _build)
