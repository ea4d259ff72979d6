"""The classifier that judges pictures: read from a file that ships, or told where there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from torch import Tensor

from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures import small_net_file
from dgm_studio.lab.pictures.teaching_classifier import judging
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
    path = small_net_file.shipped(SHIPPED.get(data))
    if path is None:
        return None
    found = open_classifier(path, device)
    return found if found.net.shape == shape else None


def open_classifier(path: Path, device: str = "cpu") -> Classifier:
    """Read a classifier's file; Refused where it is none."""
    with small_net_file.opened(path, FORMAT, "a classifier") as (metadata, tensors):
        shape, width = PictureShape(*json.loads(metadata["shape"])), int(metadata["width"])
        net = small_net_file.filled(lambda: PictureClassifier(shape, width), tensors, device)
        names = tuple(str(name) for name in json.loads(metadata["names"]))
        return Classifier(net, metadata["data"], names, small_net_file.figures_of(metadata))


def save_classifier(one: Classifier, path: Path) -> None:
    """Write it atomically, weights in half precision."""
    metadata = {
        "format": FORMAT,
        "data": one.data,
        "shape": json.dumps(list(one.net.shape)),
        "width": str(one.net.width),
        "names": json.dumps(list(one.names)),
        "figures": json.dumps(one.figures),
    }
    small_net_file.write(path, one.net, metadata)
