"""The networks of a two-level autoencoder: a quarter of the picture's size on top, half of it below."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from dgm_studio.nets.picture_coder import Residual


class TwoLevelNets(nn.Module):
    """Encoders and decoders of VQ-VAE-2 (Razavi et al., 2019, figure 2a), for `code_dim` numbers at each place.

    The top sees what the bottom's encoder found, at half of its size; the bottom's code is then chosen knowing what the
    top's says; the picture is drawn from both.
    """

    def __init__(self, channels: int, code_dim: int, width: int, blocks: int) -> None:
        super().__init__()
        self.shrink = nn.Conv2d(channels, width, 4, stride=2, padding=1)
        self.shrink_more = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)
        self.top_blocks = nn.Sequential(*(Residual(2 * width) for _ in range(blocks)), nn.SiLU())
        self.to_top = nn.Conv2d(2 * width, code_dim, 1)
        self.grow = nn.Sequential(
            nn.Conv2d(code_dim, 2 * width, 1),
            *(Residual(2 * width) for _ in range(blocks)),
            nn.SiLU(),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.PixelShuffle(2),
        )
        self.to_bottom = nn.Conv2d(2 * width, code_dim, 1)
        self.both = nn.Conv2d(width + code_dim, width, 1)
        self.bottom_blocks = nn.Sequential(*(Residual(width) for _ in range(blocks)), nn.SiLU())
        self.draw = nn.Sequential(nn.Conv2d(width, 4 * channels, 3, padding=1), nn.PixelShuffle(2))

    def encode_top(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Pictures (n, c, h, w) -> what the top says (n, m, h/4, w/4), and the bottom's features (n, d, h/2, w/2)."""
        below: Tensor = silu(self.shrink(x))
        top: Tensor = self.to_top(self.top_blocks(self.shrink_more(below)))
        return top, below

    def raise_top(self, top: Tensor) -> Tensor:
        """The top's codes (n, m, h/4, w/4) at the bottom's size (n, d, h/2, w/2)."""
        out: Tensor = self.grow(top)
        return out

    def encode_bottom(self, below: Tensor, raised: Tensor) -> Tensor:
        """What the bottom says (n, m, h/2, w/2) of its features and of the raised top, both (n, d, h/2, w/2)."""
        out: Tensor = self.to_bottom(torch.cat((below, silu(raised)), 1))
        return out

    def decode(self, raised: Tensor, bottom: Tensor) -> Tensor:
        """Pictures (n, c, h, w) of the raised top and the bottom's codes (n, m, h/2, w/2)."""
        out: Tensor = self.draw(self.bottom_blocks(self.both(torch.cat((raised, bottom), 1))))
        return out
