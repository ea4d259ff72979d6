"""RoBERTa as fairseq lays it out: a bidirectional transformer that guesses masked tokens."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, relu, scaled_dot_product_attention

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": gelu, "relu": relu}
"""What stands between the two linear maps of a layer."""


class _Attention(nn.Module):
    """softmax(q k^T / sqrt(d / heads)) v over all positions (Vaswani et al., 2017)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = (
            project(x).view(n, length, self.heads, width // self.heads).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        )
        out: Tensor = self.out_proj(scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, length, width))
        return out


class _Layer(nn.Module):
    """Attention, then two linear maps; each is added to what went in and normed afterwards (post-norm)."""

    def __init__(self, width: int, inner: int, heads: int, activation: str) -> None:
        super().__init__()
        self.self_attn = _Attention(width, heads)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)
        self.final_layer_norm = nn.LayerNorm(width)
        self._activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        x = self.self_attn_layer_norm(x + self.self_attn(x))
        out: Tensor = self.final_layer_norm(x + self.fc2(self._activation(self.fc1(x))))
        return out


class _Encoder(nn.Module):
    """Tokens and learned positions, normed, through the layers. The first position is numbered `first`: fairseq counts
    from behind the id of its padding."""

    def __init__(self, tokens: int, positions: int, width: int, inner: int, layers: int, heads: int, first: int,
                 activation: str) -> None:  # fmt: skip
        super().__init__()
        self.first = first
        self.embed_tokens = nn.Embedding(tokens, width)
        self.embed_positions = nn.Embedding(positions, width)
        self.emb_layer_norm = nn.LayerNorm(width)
        self.layers = nn.ModuleList(_Layer(width, inner, heads, activation) for _ in range(layers))

    def forward(self, ids: Tensor) -> Tensor:
        places = torch.arange(self.first, self.first + ids.shape[1], device=ids.device)
        x: Tensor = self.emb_layer_norm(self.embed_tokens(ids) + self.embed_positions(places))
        for layer in self.layers:
            x = layer(x)
        return x


class _Head(nn.Linear):
    """Logits W norm(gelu(W' x + b')) + b."""

    def __init__(self, width: int, tokens: int) -> None:
        super().__init__(width, tokens)
        self.dense = nn.Linear(width, width)
        self.layer_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.layer_norm(gelu(self.dense(x))))


class MaskedEncoder(nn.Module):
    """p(token i | all other tokens) (Devlin et al., 2019; Liu et al., 2019 (RoBERTa)), ids (n, L) to logits (n, L, V).

    `positions` are the rows of the table of positions, of which the first `first` are not used.
    """

    def __init__(self, tokens: int, positions: int, width: int, inner: int, layers: int, heads: int, first: int = 2,
                 activation: str = "gelu") -> None:  # fmt: skip
        super().__init__()
        self.sentence_encoder = _Encoder(tokens, positions, width, inner, layers, heads, first, activation)
        self.lm_head = _Head(width, tokens)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits of the token at each position."""
        out: Tensor = self.lm_head(self.sentence_encoder(ids))
        return out
