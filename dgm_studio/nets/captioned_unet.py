"""The small U-Net of pictures that are told in words: its levels look at the caption by cross-attention."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import pixel_shuffle, pixel_unshuffle

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import LENGTH, NONE
from dgm_studio.nets.attention import CrossAttention
from dgm_studio.nets.picture_unet import SIZES, PictureUNet
from dgm_studio.nets.text_encoder import TextEncoder


class CaptionedUNet(PictureUNet):
    """F(x, t, ids) (Rombach et al., 2022): the U-Net of PictureUNet over `patch` x `patch` pixels taken as channels,
    with cross-attention to the text encoder's words after each level of the two smaller sizes, and the encoder's vector
    for the whole caption added to the time's. Refused where the patch does not divide the sides."""

    def __init__(
        self, shape: PictureShape, width: int, layers: int, patch: int, words: int, text_width: int, text_layers: int
    ) -> None:
        if shape.height % patch or shape.width % patch:
            raise Refused(
                f"Patches of {patch} x {patch} do not fill a picture of {shape.width} x {shape.height}: set Patch to 1."
            )
        super().__init__(
            PictureShape(shape.channels * patch**2, shape.height // patch, shape.width // patch), width, layers
        )
        self.whole, self.patch = shape, patch
        self.text = TextEncoder(words, LENGTH, text_width, text_layers)
        self.from_text = nn.Linear(text_width, 4 * width, bias=False)
        places = {"down1": SIZES[1], "down2": SIZES[2], "up1": SIZES[1]}
        self.across = nn.ModuleDict({name: CrossAttention(size * width, text_width) for name, size in places.items()})

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """Flat pictures x (n, dim), t (n,), captions' ids (n, LENGTH) or None for no caption -> (n, dim)."""
        ids = x.new_full((1, LENGTH), NONE).long() if label is None else label
        words = self.text(ids).expand(len(x), -1, -1)
        shape, patch = self.whole, self.patch
        stood = x.view(len(x), shape.channels, shape.height, shape.width)
        told = self.told(t) + self.from_text(words[:, 0])
        drawn = self.drawn(pixel_unshuffle(stood, patch), told, words).view(len(x), *self.shape[:3])
        return pixel_shuffle(drawn, patch).reshape(len(x), -1)

    def look(self, hidden: Tensor, place: str, words: Tensor | None) -> Tensor:
        """Each place of the level looks at the words; at full size that would cost most and tell least."""
        if place not in self.across:
            return hidden
        n, c, h, w = hidden.shape
        seen: Tensor = self.across[place](hidden.flatten(2).transpose(1, 2), words)
        return seen.transpose(1, 2).reshape(n, c, h, w)
