"""Plain perceptrons in torch: linear layers with one activation between them, a point and a time in, a point out."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from dgm_studio.checkpoints.candidates import plain_mlp as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.rebuild.chains import alphas_of
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.filling import filling
from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Flow, Rebuilder
from dgm_studio.core.inspection import Candidate, Conclusion
from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.lucid_unet import sines

FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu, "silu": functional.silu, "selu": functional.selu, "gelu": functional.gelu,
    "tanh": torch.tanh, "softplus": functional.softplus, "elu": functional.elu,
    "leaky relu": functional.leaky_relu, "sine": torch.sin,
}  # fmt: skip


class Perceptron(nn.Module):
    """W_k s(... s(W_1 (x, time) + b_1) ...) + b_k: points x (n, d) and times (n,) to (n, d). `place` says where the
    time stands, as a column, or as sines and cosines that fill the first layer's inputs."""

    def __init__(self, layers: Sequence[own.Linear], activation: str, place: str) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(one.inputs, one.outputs, bias=one.bias) for one in layers)
        self.extra = layers[0].inputs - layers[-1].outputs
        self.activation, self.place = FUNCTIONS[activation], place

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """What it predicts."""
        time = sines(t, self.extra) if self.place == own.WAVES else t[:, None]
        h = torch.cat([time, x] if self.place == own.FIRST else [x, time], dim=1)
        *inner, last = self.layers
        for layer in inner:
            h = self.activation(layer(h))
        out: Tensor = last(h)
        return out


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Denoiser]:
    settings = chosen(candidate, choice)
    layers = own.layers_of(asked)
    place, activation = str(value_of(settings, "place")), str(value_of(settings, "activation"))
    names = {
        f"layers.{k}.{kind}": f"{one.name}.{kind}".lstrip(".")
        for k, one in enumerate(layers)
        for kind in ("weight", "bias")
    }
    net = yield from filling(lambda: Perceptron(layers, activation, place), asked, names, device)

    def predict(x: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        found: Tensor = net(x.flatten(1), told.to(x.dtype))
        return found.view_as(x)

    schedule, prediction = _process(asked, settings)
    return Denoiser(
        net=net,
        title=f"{asked.opened.path.name}, {candidate.title}",
        candidate=candidate,
        settings=settings,
        shape=PictureShape(layers[-1].outputs, 1, 1),
        schedule=schedule,
        prediction=prediction,
        predict=predict,
    )


def _process(asked: Asked, settings: tuple[Conclusion, ...]) -> tuple[Discrete | Flow, str]:
    """The path or the chain, and a prediction that belongs to it."""
    told, process = str(value_of(settings, "prediction")), value_of(settings, "process")
    steps = int(value_of(settings, "chain_steps", 1000))
    if process != own.CHAIN:
        scale = 1.0 if value_of(settings, "told") == own.TO_ONE else float(steps)
        prediction = told if told in (NOISE_TO_DATA, VELOCITY) else NOISE_TO_DATA
        return Flow(scale=scale, reversed=process == own.BACKWARDS), prediction
    left = alphas_of(asked, settings)
    scale = 1.0 if value_of(settings, "told") == own.INDEX else 1.0 / len(left)
    return Discrete(alphas_cumprod=left, scale=scale, spacing="linspace"), told if told in TARGETS else TARGETS[0]


REBUILD = Rebuilder(own.ID, _build)
