"""The DCGAN of the PyTorch tutorial: a Sequential of transposed convolutions, each but the last with a batch norm."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, PICTURES, Candidate, Conclusion

ID, TITLE = "pytorch-dcgan", "DCGAN of the PyTorch tutorial"
KERNEL = 4
"""Pixels a side of every kernel: the first makes 4 x 4 pixels of z, each further one doubles."""
FEWEST, MOST = 3, 9
"""Layers: pictures of 16 to 1,024 pixels."""
NORM = ("weight", "bias", "running_mean", "running_var")

_LAYER = re.compile(r"(?P<prefix>(?:\w+\.)*)(?P<place>\d+)\.weight")


@dataclass(frozen=True)
class Layer:
    """One convolution: its place in the Sequential, channels in and out, whether it has a bias and a batch norm after
    it."""

    place: int
    inputs: int
    outputs: int
    bias: bool
    norm: bool


@dataclass(frozen=True)
class Stack:
    """The layers of a generator, and what stands before their places in the names of tensors."""

    prefix: str
    layers: tuple[Layer, ...]

    @property
    def latent(self) -> int:
        """Coordinates of z."""
        return self.layers[0].inputs

    @property
    def channels(self) -> int:
        """Of the pictures."""
        return self.layers[-1].outputs

    @property
    def size(self) -> int:
        """Pixels a side."""
        return int(KERNEL * 2 ** (len(self.layers) - 1))


class _Unlike(Exception):
    """Why tensors are no such generator: `own` says that they are meant to be one."""

    def __init__(self, reason: str, *, own: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.own = reason, own


def stack_of(asked: Asked) -> Stack:
    """The generator's layers by names and shapes alone; _Unlike where they are none."""
    kernels = {
        found: entry.shape
        for name, entry in asked.tensors.items()
        if (found := _LAYER.fullmatch(name)) is not None and len(entry.shape) == 4
    }
    prefixes = {found["prefix"] for found in kernels}
    if len(prefixes) != 1:
        raise _Unlike("There is no Sequential of convolutions (main.0.weight, main.3.weight, ...).")
    (prefix,) = prefixes
    by_place = sorted((int(found["place"]), shape) for found, shape in kernels.items())
    if not FEWEST <= len(by_place) <= MOST:
        raise _Unlike(f"It has {len(by_place)} convolutions; such a generator has {FEWEST} to {MOST}.")
    if len(asked.tensors) > 8 * len(by_place):
        raise _Unlike("It has many more tensors than a Sequential of convolutions and batch norms.")
    strange = next((shape for _, shape in by_place if shape[2:] != (KERNEL, KERNEL)), None)
    if strange is not None:
        raise _Unlike(f"A kernel has {strange[2]} x {strange[3]} pixels; all of such a generator have 4 x 4.")
    shapes = [shape for _, shape in by_place]
    if all(one[0] == two[1] for one, two in pairwise(shapes)) and shapes[-1][0] == 1:
        raise _Unlike("It is a discriminator: its convolutions end in one number, it judges pictures and draws none.")
    layers = tuple(_layer(asked, prefix, place, shape) for place, shape in by_place)
    for one, two in pairwise(layers):
        if one.outputs != two.inputs:
            raise _Unlike(
                f"{prefix}{one.place}.weight gives {one.outputs} channels, {prefix}{two.place}.weight takes "
                f"{two.inputs}.", own=prefix == "main.",
            )  # fmt: skip
    if layers[-1].outputs not in (1, 3):
        raise _Unlike(f"Its pictures would have {layers[-1].outputs} channels; grey has 1, RGB 3.", own=True)
    return Stack(prefix, layers)


def _layer(asked: Asked, prefix: str, place: int, shape: tuple[int, ...]) -> Layer:
    inputs, outputs = shape[0], shape[1]
    norms = [asked.shape(f"{prefix}{place + 1}.{name}") for name in NORM]
    norm = any(one is not None for one in norms)
    if norm and any(one != (outputs,) for one in norms):
        raise _Unlike(f"The batch norm {prefix}{place + 1} does not have {outputs} channels throughout.", own=True)
    return Layer(place, inputs, outputs, asked.shape(f"{prefix}{place}.bias") == (outputs,), norm)


def _judge(asked: Asked) -> Candidate:
    try:
        stack = stack_of(asked)
    except _Unlike as unlike:
        return Candidate(ID, TITLE, BROKEN if unlike.own else NOT_MINE, 0.3 if unlike.own else 0.0, (unlike.reason,))
    first, last = (f"{stack.prefix}{layer.place}.weight" for layer in (stack.layers[0], stack.layers[-1]))
    return Candidate(
        ID, TITLE, MATCH, 0.85,
        (
            f"{len(stack.layers)} transposed convolutions of 4 x 4 pixels whose channels chain.",
            f"{first} takes {stack.latent} numbers, {last} gives {stack.channels} channels.",
        ),
        PICTURES, 1, "",
        (
            Conclusion("latent", "Latent dimension", stack.latent, f"by shape of {first}"),
            Conclusion("size", "Pixels a side", stack.size, f"4 doubled {len(stack.layers) - 1} times"),
            Conclusion("channels", "Channels", stack.channels, f"by shape of {last}"),
            Conclusion("range", "Range of the output", "-1 to 1", "assumed: the tutorial ends in tanh"),
        ),
    )  # fmt: skip


CANDIDATE = Architecture(ID, TITLE, _judge)
