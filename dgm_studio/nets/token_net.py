"""From token ids to a distribution over tokens at each position: embedding, a body, and a read-out tied to it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from dgm_studio.core.knobs import Choice
from dgm_studio.nets.init import normal_
from dgm_studio.nets.time_mlp import TimeEmbedding
from dgm_studio.nets.token_mixer import TokenMixer
from dgm_studio.nets.token_transformer import TokenTransformer

MIXER, TRANSFORMER = "mixer", "transformer"
NETWORKS = (
    Choice(MIXER, "Token mixer", "Dilated convolutions with one attention layer: learns fast on a CPU."),
    Choice(TRANSFORMER, "Transformer", "Plain blocks of attention and a perceptron: slower to learn."),
)
_BODIES = {MIXER: TokenMixer, TRANSFORMER: TokenTransformer}

FREQUENCIES = 8


class TokenNet(nn.Module):
    """Ids 0 .. V (V is the mask, or the start token) at up to `length` positions -> logits of the V real tokens.

    The read-out has the embedding's weights (Press and Wolf, 2017) and a bias b that `begin` sets to the tokens' log
    frequencies: the first guess is then the best that sees nothing. With `timed` it is told the time t in [0, 1]; `row`
    is how many positions a row of a picture has, 0 for text.
    """

    def __init__(
        self,
        vocabulary: int,
        length: int,
        width: int,
        layers: int,
        network: str,
        *,
        causal: bool,
        timed: bool,
        row: int = 0,
    ) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(vocabulary + 1, width))
        self.position = nn.Parameter(torch.empty(length, width))
        self.bias = nn.Parameter(torch.empty(vocabulary))
        self.embed_time = TimeEmbedding(FREQUENCIES) if timed else None
        self.from_time = nn.Linear(2 * FREQUENCIES, width, bias=False) if timed else None
        self.body = _BODIES[network](width, layers, causal, row)
        self.norm = nn.LayerNorm(width)

    def fill(self, generator: torch.Generator) -> None:
        """Embeddings N(0, 1 / width); positions and bias zero."""
        normal_(self.embedding, self.embedding.shape[1] ** -0.5, generator)
        self.position.zero_()
        self.bias.zero_()

    def features(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """What the read-out sees (n, L', d) of ids (n, L'), L' <= length, at times t (n,) where it is timed."""
        width = self.embedding.shape[1]
        x = nn.functional.embedding(ids, self.embedding) * width**0.5 + self.position[: ids.shape[1]]
        if self.embed_time is not None and self.from_time is not None and t is not None:
            x = x + self.from_time(self.embed_time(t))[:, None]
        out: Tensor = self.norm(self.body(x))
        return out

    def read_out(self, features: Tensor, count: int) -> Tensor:
        """Logits (..., count) of the first `count` tokens from features (..., d)."""
        return linear(features, self.embedding[:count], self.bias[:count])
