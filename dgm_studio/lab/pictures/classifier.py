"""The classifier that judges pictures: read from a file that ships, or told where there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor

from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures.teaching_classifier import judging
from dgm_studio.nets.init import init
from dgm_studio.nets.picture_classifier import PictureClassifier

FORMAT = "dgm-studio-classifier"
"""Of the file's metadata: it is no checkpoint of a family."""

SHIPPED = {"fashion-mnist": "fashion-classifier", "glyphs": "glyph-classifier"}
"""The file in resources/checkpoints/ for each set of pictures."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """A network in eval mode, the set of pictures it learnt from (`data`, its id), the classes' names, and figures."""

    net: PictureClassifier
    data: str
    names: tuple[str, ...]
    figures: dict[str, float] = field(default_factory=dict)

    def judged(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Features (n, 64) and logits (n, classes) of bytes or of numbers in [-1, 1] (n, dim)."""
        return finish(judging(self.net, points))

    def classes_of(self, points: Tensor) -> Tensor:
        """The likeliest class (n,) of each picture (n, dim), bytes or numbers in [-1, 1]."""
        return self.judged(points)[1].argmax(dim=1)


def classifier_of(data: str, shape: PictureShape, device: str = "cpu") -> Classifier | None:
    """The one that ships for the set of pictures of this id, None where there is none or it is of another shape."""
    name = SHIPPED.get(data)
    path = resource("checkpoints") / f"{name}.safetensors"
    if name is None or not path.is_file():
        return None
    found = open_classifier(path, device)
    return found if found.net.shape == shape else None


def open_classifier(path: Path, device: str = "cpu") -> Classifier:
    """Read a classifier's file; Refused where it is none."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != FORMAT:
            raise ValueError("it is of another kind")
        with torch.device("meta"):
            net = PictureClassifier(PictureShape(*json.loads(metadata["shape"])), int(metadata["width"]))
        init(net, torch.Generator(device), device)
        net.load_state_dict(tensors)
        names = tuple(str(name) for name in json.loads(metadata["names"]))
        figures = {str(name): float(value) for name, value in json.loads(metadata["figures"]).items()}
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise Refused(f"'{path.name}' cannot be read as a classifier: {reason}. Choose another copy.") from error
    return Classifier(net.eval().requires_grad_(False), metadata["data"], names, figures)


def save_classifier(one: Classifier, path: Path) -> None:
    """Write it atomically, weights in half precision."""
    state = one.net.state_dict()
    tensors = {name: (held.half() if held.is_floating_point() else held).contiguous() for name, held in state.items()}
    metadata = {
        "format": FORMAT,
        "data": one.data,
        "shape": json.dumps(list(one.net.shape)),
        "width": str(one.net.width),
        "names": json.dumps(list(one.names)),
        "figures": json.dumps(one.figures),
    }
    write_bytes(path, to_bytes(tensors, metadata))
