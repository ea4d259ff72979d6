"""The patch discriminator: one score for each overlapping patch of a picture."""

from __future__ import annotations

from torch import Tensor, nn

from dgm_studio.core.pictures import PictureShape


class PatchCritic(nn.Module):
    """Flat pictures (n, dim) to raw scores (n, h/4, w/4), each of a patch of 18x18 pixels (Isola et al., 2017)."""

    def __init__(self, shape: PictureShape, width: int) -> None:
        super().__init__()
        self.shape = shape
        self.layers = nn.Sequential(
            nn.Conv2d(shape.channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, dim) -> (n, h/4, w/4)."""
        scores: Tensor = self.layers(x.reshape(-1, *self.shape[:3]))
        return scores.squeeze(1)
