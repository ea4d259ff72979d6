"""Plain perceptrons whose layer sizes chain and leave room for a time: denoisers of points, as tutorials train them."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from dgm_studio.checkpoints.candidates.answers import broken, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.candidates.unet_settings import schedule_settings
from dgm_studio.core.inspection import MATCH, POINTS, Candidate, Conclusion

ID, TITLE = "plain-mlp", "Perceptron that denoises points"
CHAIN, PATH, BACKWARDS = "diffusion chain", "straight path", "straight path, time reversed"
LAST, FIRST, WAVES = "a column after the point", "a column before the point", "sines and cosines after the point"
TO_ONE, INDEX = "0 to 1", "index of the chain"
ACTIVATIONS = ("relu", "silu", "selu", "gelu", "tanh", "softplus", "elu", "leaky relu", "sine")
MOST_AXES, MOST_WAVES, MOST_LAYERS = 64, 512, 64
_NUMBERS = re.compile(r"(\d+)")


class Linear(NamedTuple):
    """One layer: the name before ".weight", numbers in and out, and whether it has a bias."""

    name: str
    inputs: int
    outputs: int
    bias: bool


class Unfit(Exception):
    """The tensors are no chain of linear layers; the text says why."""


def layers_of(asked: Asked) -> tuple[Linear, ...]:
    """The layers in the order of their numbers (that of the file where there are none). Unfit where the tensors are
    others than weights and biases of linear layers, or their sizes do not chain."""
    found: list[Linear] = []
    for name, entry in asked.tensors.items():
        own, _, last = name.rpartition(".")
        if last == "weight" and len(entry.shape) == 2:
            bias = asked.shape(f"{own}.bias") if own else asked.shape("bias")
            found.append(Linear(own, entry.shape[1], entry.shape[0], bias == (entry.shape[0],)))
        elif last != "bias" or len(entry.shape) != 1:
            raise Unfit(f"{name} {entry.shape} belongs to no linear layer.")
    if not 2 <= len(found) <= MOST_LAYERS or sum(one.bias for one in found) + len(found) != len(asked.tensors):
        raise Unfit(f"It has {len(found)} linear layers, and tensors that belong to none of them.")
    found.sort(key=lambda one: [int(part) if part.isdecimal() else 0 for part in _NUMBERS.split(one.name)[1::2]])
    for before, after in pairwise(found):
        if before.outputs != after.inputs:
            raise Unfit(
                f"Its sizes do not chain: {before.name} gives {before.outputs} numbers, {after.name} takes "
                f"{after.inputs}."
            )
    return tuple(found)


def _judge(asked: Asked) -> Candidate:
    if not asked.tensors or any(len(entry.shape) > 2 for entry in asked.tensors.values()):
        return not_mine(ID, TITLE, "It has tensors that are no linear layers' weights or biases.")
    try:
        layers = layers_of(asked)
    except Unfit as misfit:
        return not_mine(ID, TITLE, str(misfit), 0.1)
    axes, extra = layers[-1].outputs, layers[0].inputs - layers[-1].outputs
    if axes > MOST_AXES:
        return not_mine(ID, TITLE, f"It gives {axes} numbers: more axes than points have here ({MOST_AXES}).", 0.2)
    if extra <= 0:
        return not_mine(
            ID, TITLE, f"It takes {layers[0].inputs} numbers and gives {axes}: there is no room for a time.", 0.3
        )
    if extra > 1 and (extra % 2 or extra > MOST_WAVES):
        return broken(ID, TITLE, f"{extra} numbers beside the point are no time that is known here.", 0.3)
    column = extra == 1
    flow = column  # a time as a column of its own is how flow matching's tutorials have it
    place = (LAST, FIRST) if column else (WAVES,)
    sizes = ", ".join(str(size) for size in (layers[0].inputs, *(one.outputs for one in layers)))
    time = "one number is left for the time" if column else f"{extra} numbers are left for sines and cosines of a time"
    return Candidate(
        ID, f"{TITLE} ({axes} axes)", MATCH, 0.7 if column else 0.45,
        (
            f"{len(layers)} linear layers whose sizes chain: {sizes}.",
            f"It gives {axes} numbers and takes {layers[0].inputs}: {time}.",
            "No tensor tells activation, kind of noise and prediction: choose otherwise where its points look wrong.",
        ),
        POINTS, 1, "",
        (
            Conclusion("axes", "Axes of a point", axes, "by shape of the last layer"),
            Conclusion("activation", "Activation", "selu" if column and _as_torchcfm(layers) else "relu",
                       "assumed, as torchcfm's tutorials" if column and _as_torchcfm(layers) else "assumed",
                       ACTIVATIONS),
            Conclusion("process", "Noise", PATH if flow else CHAIN, "assumed", (PATH, BACKWARDS, CHAIN)),
            Conclusion("prediction", "Prediction", NOISE_TO_DATA if flow else TARGETS[0], "assumed",
                       (NOISE_TO_DATA, VELOCITY, *TARGETS)),
            Conclusion("place", "Where the time stands", place[0], "by shape of the first layer" if not column
                       else "assumed", place if column else ()),
            Conclusion("told", "Time as it is told", TO_ONE if flow else INDEX, "assumed", (TO_ONE, INDEX)),
            *schedule_settings(asked, "linear", 1000),
        ),
    )  # fmt: skip


def _as_torchcfm(layers: tuple[Linear, ...]) -> bool:
    """The layout of torchcfm.models.MLP: net.0, net.2, net.4, net.6."""
    return tuple(one.name.rpartition("net.")[2] for one in layers) == ("0", "2", "4", "6")


CANDIDATE = Architecture(ID, TITLE, _judge)
