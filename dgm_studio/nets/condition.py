"""What a network of pictures is told beside the picture: the time, and a class or that there is none."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import silu

from dgm_studio.nets.lookup import Lookup
from dgm_studio.nets.time_mlp import TimeEmbedding

FREQUENCIES = 16


class Condition(nn.Module):
    """c = W_2 silu(W_1 emb(t)) + e_label, (n, width); the last of the `classes` + 1 rows e says that there is none
    (Peebles and Xie, 2023, section 3.2)."""

    def __init__(self, width: int, classes: int = 0) -> None:
        super().__init__()
        self.embed = TimeEmbedding(FREQUENCIES)
        self.into = nn.Linear(2 * FREQUENCIES, width)
        self.out = nn.Linear(width, width)
        self.label = Lookup(classes + 1, width) if classes else None

    def forward(self, t: Tensor, label: Tensor | None = None) -> Tensor:
        """Times (n,), labels (n,) from 0 to `classes` or None for none -> (n, width)."""
        told: Tensor = self.out(silu(self.into(self.embed(t))))
        if self.label is not None:
            told = told + (self.label.weight[-1] if label is None else self.label(label))
        return told


class Modulation(nn.Module):
    """The `parts` vectors (n, width) each that a layer takes from a condition c: W silu(c) + b, with W = b = 0 at the
    start, so that a gate is shut and a scale is 1 + 0 (adaLN-Zero: Peebles and Xie, 2023)."""

    def __init__(self, told: int, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.into = ZeroLinear(told, parts * width)

    def forward(self, told: Tensor) -> tuple[Tensor, ...]:
        """(n, told) -> `parts` times (n, width)."""
        return self.into(silu(told)).chunk(self.parts, dim=1)  # type: ignore[no-any-return]


class ZeroLinear(nn.Linear):
    """A linear map that gives 0 until it has learnt."""

    def fill(self, generator: object) -> None:
        """Zeros; nothing random, `generator` is not used."""
        self.weight.zero_()
        self.bias.zero_()
