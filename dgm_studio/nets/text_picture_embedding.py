"""The joint embedding of captions and pictures: two small encoders into one sphere, taught by contrast."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import LENGTH
from dgm_studio.nets.picture_classifier import PictureClassifier
from dgm_studio.nets.text_encoder import TextEncoder

START, MOST = math.log(1 / 0.07), math.log(100.0)
"""log of the inverse temperature at first, and at most (Radford et al., 2021, section 2.5)."""


class TextPictureEmbedding(nn.Module):
    """Unit vectors (n, dim) of pictures and of captions, whose inner product says how well they go together (CLIP's
    shape: Radford et al., 2021).

    Pictures go through the convolutions of PictureClassifier with `dim` outputs, captions through a TextEncoder whose
    vector for the whole is mapped to `dim`. `scale` is the learned log of the inverse temperature.
    """

    def __init__(
        self, shape: PictureShape, words: int, dim: int = 64, width: int = 64, text_width: int = 64, layers: int = 2
    ) -> None:
        super().__init__()
        self.shape, self.words = shape, words
        self.plan = {"dim": dim, "width": width, "text_width": text_width, "layers": layers}
        self.pictures = PictureClassifier(shape._replace(classes=dim), width)
        self.text = TextEncoder(words, LENGTH, text_width, layers)
        self.read_out = nn.Linear(text_width, dim, bias=False)
        self.scale = nn.Parameter(torch.empty(()))

    def fill(self, generator: torch.Generator) -> None:
        """The temperature 0.07; nothing random, `generator` is not used."""
        self.scale.fill_(START)

    def of_pictures(self, x: Tensor) -> Tensor:
        """Flat pictures (n, c h w) in [-1, 1] -> unit vectors (n, dim)."""
        return normalize(self.pictures(x))

    def of_captions(self, ids: Tensor) -> Tensor:
        """Ids (n, LENGTH) of words -> unit vectors (n, dim)."""
        return normalize(self.read_out(self.text(ids)[:, 0]))


def contrast(pictures: Tensor, captions: Tensor, scale: Tensor) -> Tensor:
    """The symmetric InfoNCE loss of n pairs of unit vectors (n, dim), logits l = e^scale P C^T:
    - 1/2n sum_i [ log softmax(l_i.)_i + log softmax(l_.i)_i ]; log n where all are alike (van den Oord et al., 2018;
    Radford et al., 2021, figure 3). The scale is cut at log 100."""
    logits = scale.clamp(max=MOST).exp() * pictures @ captions.T
    right = torch.arange(len(logits), device=logits.device)
    return 0.5 * (cross_entropy(logits, right) + cross_entropy(logits.T, right))
