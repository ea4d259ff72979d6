"""ONNX graphs at work: the network is a call to a helper process that can be killed."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.candidates import onnx_graph as own
from dgm_studio.checkpoints.candidates.asked import Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, TARGETS, VELOCITY
from dgm_studio.checkpoints.rebuild.chains import alphas_of, picture_shape, ranged
from dgm_studio.checkpoints.rebuild.choosing import chosen, value_of
from dgm_studio.checkpoints.rebuild.onnx_session import run
from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Denoiser, Discrete, Flow, Rebuilder, Rebuilt
from dgm_studio.core.arrays import Array
from dgm_studio.core.aside import aside_warm
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Candidate, Conclusion
from dgm_studio.core.pictures import PictureShape

LONGEST = 60.0
"""Seconds that one evaluation may take; then the helper is killed."""
_KINDS = {"float32": np.float32, "float16": np.float16, "float64": np.float64, "int64": np.int64, "int32": np.int32}


class OnnxNet(nn.Module):
    """A graph without weights of its own here: each evaluation goes to the helper, a fixed batch at a time."""

    what = "ONNX graph"

    def __init__(self, path: Path, inputs: tuple[own.Value, ...], output: str) -> None:
        super().__init__()
        facts = path.stat()
        self.path, self.state = str(path.resolve()), (facts.st_mtime_ns, facts.st_size)
        self.inputs = {one.name: one for one in inputs}
        self.output = output

    def forward(self, given: Mapping[str, Tensor]) -> Tensor:
        """The output (n, ...) for inputs by name, each (n, ...); Refused where the graph cannot take them, or takes
        longer than LONGEST."""
        like = next(iter(given.values()))
        count, batch = len(like), self._batch(given)
        parts = []
        for start in range(0, count, batch or count):
            part = {name: self.array(name, one[start : start + (batch or count)], batch) for name, one in given.items()}
            parts.append(torch.from_numpy(np.array(self._run(part), dtype=np.float32)))
        return torch.cat(parts)[:count].to(like.device)

    def _batch(self, given: Mapping[str, Tensor]) -> int:
        """The number of examples that the graph asks for, 0 where it takes any; 1 where the time is one number."""
        shapes = [self.inputs[name].shape for name in given]
        fixed = [shape[0] for shape in shapes if shape and isinstance(shape[0], int) and shape[0] > 0]
        return max(fixed) if fixed else int(any(not shape for shape in shapes))

    def array(self, name: str, values: Tensor, batch: int) -> Array:
        """As the graph wants it: its type and rank, the last example repeated to a full batch."""
        wanted = self.inputs[name]
        if len(values) < batch:
            values = torch.cat([values, values[-1:].expand(batch - len(values), *values.shape[1:])])
        array = values.detach().to("cpu").numpy()
        if wanted.dtype.startswith("int"):
            array = array.round()
        if len(wanted.shape) == 0:
            array = array.reshape(-1)[0]
        elif len(wanted.shape) > array.ndim:
            array = array.reshape(*array.shape, *(1,) * (len(wanted.shape) - array.ndim))
        return np.ascontiguousarray(array, dtype=_KINDS.get(wanted.dtype, np.float32))

    def _run(self, given: dict[str, Array]) -> Array:
        began = time.monotonic()
        with closing(aside_warm(run, self.path, self.state, self.output, given)) as work:
            while True:
                try:
                    next(work)
                except StopIteration as done:
                    answer: Array = done.value
                    return answer
                if time.monotonic() - began > LONGEST:
                    raise Refused(
                        f"One evaluation of this ONNX graph took longer than {LONGEST:.0f} s and was stopped. Choose "
                        "fewer pictures or fewer pixels."
                    )


def _build(
    asked: Asked, candidate: Candidate, choice: Mapping[str, str], device: str
) -> Generator[None, None, Rebuilt]:
    settings = chosen(candidate, choice)
    inputs = {one.name: one for one in own.values_of(asked, "inputs")}
    net = OnnxNet(asked.opened.path, tuple(inputs.values()), str(value_of(settings, "output")))
    yield
    x = inputs[str(value_of(settings, "x"))]
    if value_of(settings, "role") == own.DECODER:
        return _decoder(asked, candidate, settings, net, x)
    return denoiser_of(asked, candidate, settings, net, x)


def denoiser_of(
    asked: Asked, candidate: Candidate, settings: tuple[Conclusion, ...], net: OnnxNet, x: own.Value
) -> Denoiser:
    """The program as a denoiser of x with the inputs that were chosen; Refused where they do not go together."""
    time_name, label_name = str(value_of(settings, "time")), str(value_of(settings, "label"))
    used = [x.name, time_name, *([label_name] if label_name != own.NONE else [])]
    left = [name for name in net.inputs if name not in used]
    if len(set(used)) < len(used) or left:
        what = f"the inputs {', '.join(left)} would be told nothing" if left else "one input is chosen twice"
        raise Refused(f"This {net.what} cannot be run so: {what}. Choose which input is x, time and class.")
    channels = x.shape[1]
    classes = int(value_of(settings, "classes", 0)) if label_name != own.NONE else 0
    if len(x.shape) == 2:
        shape = PictureShape(channels, 1, 1, classes)
    elif any(one.name == "size" for one in settings):
        shape = picture_shape(settings, channels, classes)
    else:
        shape = PictureShape(channels, int(x.shape[2]), int(x.shape[3]), classes)

    def predict(points: Tensor, told: Tensor, labels: Tensor) -> Tensor:
        given = {x.name: points.flatten(1) if len(x.shape) == 2 else points, time_name: told}
        if label_name != own.NONE:
            given[label_name] = labels.clamp(min=0)
        found: Tensor = net(given)
        return found.view(len(points), -1, *points.shape[2:])

    schedule, prediction = _process(asked, settings)
    return Denoiser(
        net=net, title=f"{asked.opened.path.name}, {net.what}", candidate=candidate, settings=settings, shape=shape,
        schedule=schedule, prediction=prediction, predict=predict,
    )  # fmt: skip


def _process(asked: Asked, settings: tuple[Conclusion, ...]) -> tuple[Discrete | Flow, str]:
    told, process = str(value_of(settings, "prediction")), value_of(settings, "process")
    by_index = value_of(settings, "told") == own.INDEX
    if process != own.CHAIN:
        scale = float(value_of(settings, "chain_steps", 1000)) if by_index else 1.0
        prediction = told if told in (NOISE_TO_DATA, VELOCITY) else NOISE_TO_DATA
        return Flow(scale=scale, reversed=process == own.BACKWARDS), prediction
    left = alphas_of(asked, settings)
    chain = Discrete(alphas_cumprod=left, scale=1.0 if by_index else 1.0 / len(left), spacing="linspace")
    return chain, told if told in TARGETS else TARGETS[0]


def _decoder(
    asked: Asked, candidate: Candidate, settings: tuple[Conclusion, ...], net: OnnxNet, x: own.Value
) -> Decoder:
    made = next(one for one in own.values_of(asked, "outputs") if one.name == net.output)
    if len(made.shape) != 4 or not isinstance(x.shape[1], int):
        raise Refused("This ONNX graph cannot be run so: choose the output that is a picture (n, c, h, w).")
    return decoder_of(asked, candidate, settings, net, x, PictureShape(*(int(n) for n in made.shape[1:])))


def decoder_of(
    asked: Asked, candidate: Candidate, settings: tuple[Conclusion, ...], net: OnnxNet, x: own.Value,
    shape: PictureShape,
) -> Decoder:  # fmt: skip
    """The program as a decoder of x, (n, k) or (n, k, 1, 1), to pictures of this shape."""
    stretch, _ = ranged(settings)

    def decode(z: Tensor) -> Tensor:
        found: Tensor = net({x.name: z[:, :, None, None] if len(x.shape) == 4 else z})
        return found if stretch is None else stretch(found)

    return Decoder(
        net=net, title=f"{asked.opened.path.name}, {net.what}", candidate=candidate, settings=settings,
        shape=shape, latent=x.shape[1], decode=decode,
    )  # fmt: skip


REBUILD = Rebuilder(own.ID, _build)
