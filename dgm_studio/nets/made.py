"""MADE: a perceptron whose masks let output j see only the inputs before j (Germain et al., 2015)."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dgm_studio.nets.init import uniform_


class MaskedLinear(nn.Linear):
    """y = (W * M) x + b with M (outputs, inputs) of zeros and ones: M_kj = 1 where after[k] may see before[j].

    `before` and `after` are the degrees of inputs and outputs; a unit of degree m depends on coordinates up to m.
    """

    mask: Tensor

    def __init__(self, before: list[int], after: list[int], strict: bool) -> None:
        super().__init__(len(before), len(after))
        self._before, self._after, self._strict = before, after, strict
        self.register_buffer("mask", torch.empty_like(self.weight), persistent=False)

    def fill(self, generator: torch.Generator) -> None:
        """Weights and biases U(+-1/sqrt(open inputs)) and the mask (equations 13 and 14 of the paper).

        A masked row has fewer inputs than it has columns: its bound counts those that are open.
        """
        before = torch.tensor(self._before, device=self.mask.device)
        after = torch.tensor(self._after, device=self.mask.device)[:, None]
        self.mask.copy_(after > before if self._strict else after >= before)
        bound = self.mask.sum(1).clamp(min=1).rsqrt()
        uniform_(self.weight, 1.0, generator)
        uniform_(self.bias, 1.0, generator)
        self.weight.mul_(bound[:, None])
        self.bias.mul_(bound)

    def forward(self, x: Tensor) -> Tensor:
        """x (n, inputs) -> (n, outputs)."""
        return F.linear(x, self.weight * self.mask, self.bias)


class MADE(nn.Module):
    """dim -> width (`layers` hidden layers, SiLU) -> `parts` outputs a coordinate; output j sees x_1 .. x_{j-1} only.

    Input j has degree j, hidden units take the degrees 1 .. dim - 1 in turn, outputs of coordinate j have degree j
    and a strict mask. The first coordinate's outputs are their biases alone.
    """

    def __init__(self, dim: int, parts: int, width: int, layers: int) -> None:
        super().__init__()
        self.parts = parts
        inputs = list(range(1, dim + 1))
        hidden = [1 + unit % max(1, dim - 1) for unit in range(width)]
        modules: list[nn.Module] = []
        for before, after in pairwise([inputs] + [hidden] * layers):
            modules += [MaskedLinear(before, after, strict=False), nn.SiLU()]
        self.layers = nn.Sequential(*modules, MaskedLinear(hidden if layers else inputs, inputs * parts, strict=True))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """x (n, dim) -> `parts` tensors (n, dim)."""
        out: Tensor = self.layers(x)
        return out.chunk(self.parts, dim=1)
