"""Filling a network that was built on the meta device: every weight comes from one explicit generator."""

from __future__ import annotations

from itertools import chain
from typing import Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

Net = TypeVar("Net", bound=nn.Module)


@runtime_checkable
class Fills(Protocol):
    """A module that fills its own parameters and buffers (not those of its children)."""

    def fill(self, generator: torch.Generator) -> None: ...


def init(net: Net, generator: torch.Generator, device: torch.device | str = "cpu") -> Net:
    """Give `net` (built under torch.device("meta")) memory on `device` and fill all of it from `generator`.

    Linear and convolution: weight and bias uniform in +-1/sqrt(fan_in), PyTorch's default (kaiming_uniform
    with a = sqrt 5); Embedding: N(0, 1); norms: weight 1, bias 0, statistics reset. A module with a method
    `fill(generator)` fills its own. Numbers are drawn on the generator's device, so that one seed gives the
    same weights on every device. Raises TypeError where a parameter or buffer would be left unfilled.
    """
    net.to_empty(device=device)
    with torch.no_grad():
        for name, module in net.named_modules():
            own = chain(module.named_parameters(recurse=False), module.named_buffers(recurse=False))
            names = [held for held, _ in own]
            if isinstance(module, Fills):
                module.fill(generator)
            elif names and not _fill_standard(module, generator):
                raise TypeError(
                    f"{type(module).__name__} '{name}' has {', '.join(names)} but no fill(generator): "
                    "give it one, or its memory stays uninitialised."
                )
    return net


def uniform_(tensor: Tensor, bound: float, generator: torch.Generator) -> None:
    """Fill in place with U(-bound, bound), drawn on the generator's device."""
    drawn = torch.rand(tensor.shape, generator=generator, device=generator.device)
    tensor.copy_((2 * drawn - 1) * bound)


def normal_(tensor: Tensor, std: float, generator: torch.Generator) -> None:
    """Fill in place with N(0, std^2), drawn on the generator's device."""
    tensor.copy_(std * torch.randn(tensor.shape, generator=generator, device=generator.device))


def _fill_standard(module: nn.Module, generator: torch.Generator) -> bool:
    """Fill one of torch's own modules; False where its kind is unknown."""
    if isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        bound = (module.weight[0].numel()) ** -0.5
        uniform_(module.weight, bound, generator)
        if module.bias is not None:
            uniform_(module.bias, bound, generator)
        return True
    if isinstance(module, nn.Embedding):
        normal_(module.weight, 1.0, generator)
        return True
    if isinstance(module, (nn.LayerNorm, nn.GroupNorm, nn.modules.batchnorm._NormBase)):
        module.reset_parameters()
        return True
    return False
