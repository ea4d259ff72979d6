"""The joint embedding of captions and pictures that ships: read, written, and what it says of a pair."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
from dgm_studio.core.wording import Wording
from dgm_studio.lab.pictures.teaching_classifier import ROWS, seen
from dgm_studio.lab.pictures.teaching_embedding import ids_of
from dgm_studio.nets.init import init
from dgm_studio.nets.text_picture_embedding import TextPictureEmbedding

FORMAT = "dgm-studio-embedding"
"""Of the file's metadata: it is no checkpoint of a family."""

SHIPPED = {"glyphs": "glyph-clip"}
"""The file in resources/checkpoints/ for each set of pictures."""

NEAR = 5


@dataclass(frozen=True, eq=False)
class Embedding:
    """A network in eval mode, the set of pictures it learnt from (`data`, its id), its words, and figures."""

    net: TextPictureEmbedding
    data: str
    wording: Wording
    figures: dict[str, float] = field(default_factory=dict)

    @torch.no_grad()
    def of_pictures(self, points: Tensor) -> Tensor:
        """Unit vectors (n, k) of bytes or of numbers in [-1, 1] (n, dim)."""
        return torch.cat([self.net.of_pictures(seen(part)) for part in torch.split(points, ROWS)])

    @torch.no_grad()
    def of_captions(self, captions: Sequence[str]) -> Tensor:
        """Unit vectors (n, k) of captions."""
        ids = ids_of(self.wording, captions).to(self.net.scale.device)
        return torch.cat([self.net.of_captions(part) for part in torch.split(ids, ROWS)])

    def alignment(self, points: Tensor, captions: Sequence[str]) -> Tensor:
        """The cosine (n,) between each picture and its own caption."""
        return (self.of_pictures(points) * self.of_captions(captions)).sum(1)

    def retrieval(self, points: Tensor, captions: Sequence[str]) -> dict[str, float]:
        """Of pictures with captions: how often the own caption is the nearest of all different ones among these, how
        often it is among the nearest five, and how often the nearest picture to a caption has that caption."""
        different = list(dict.fromkeys(captions))
        own = torch.tensor([different.index(text) for text in captions])
        cosines = self.of_pictures(points) @ self.of_captions(different).T
        nearest = cosines.topk(min(NEAR, len(different)), dim=1).indices.cpu()
        back = own[cosines.argmax(0).cpu()] == torch.arange(len(different))
        return {
            "caption found": _share(nearest[:, 0] == own),
            f"caption among {NEAR}": _share((nearest == own[:, None]).any(1)),
            "picture found": _share(back),
            "alignment": round(float(cosines.gather(1, own[:, None].to(cosines.device)).mean()), 4),
        }


def _share(right: Tensor) -> float:
    return round(float(right.double().mean()), 4)


def embedding_of(data: str, shape: PictureShape, device: str = "cpu") -> Embedding | None:
    """The one that ships for the set of pictures of this id, None where there is none or it is of another shape."""
    name = SHIPPED.get(data)
    path = resource("checkpoints") / f"{name}.safetensors"
    if name is None or not path.is_file():
        return None
    found = open_embedding(path, device)
    return found if found.net.shape[:3] == shape[:3] else None


def open_embedding(path: Path, device: str = "cpu") -> Embedding:
    """Read an embedding's file; Refused where it is none."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        if metadata.get("format") != FORMAT:
            raise ValueError("it is of another kind")
        wording = Wording(tuple(str(word) for word in json.loads(metadata["words"])))
        shape = PictureShape(*json.loads(metadata["shape"]))
        plan = {str(name): int(value) for name, value in json.loads(metadata["plan"]).items()}
        with torch.device("meta"):
            net = TextPictureEmbedding(shape, len(wording.words), **plan)
        init(net, torch.Generator(device), device)
        net.load_state_dict(tensors)
        figures = {str(name): float(value) for name, value in json.loads(metadata["figures"]).items()}
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise Refused(f"'{path.name}' cannot be read as an embedding: {reason}. Choose another copy.") from error
    return Embedding(net.eval().requires_grad_(False), metadata["data"], wording, figures)


def save_embedding(one: Embedding, path: Path, recipe: dict[str, object]) -> None:
    """Write it atomically, weights in half precision, with how it was taught."""
    state = one.net.state_dict()
    tensors = {name: (held.half() if held.is_floating_point() else held).contiguous() for name, held in state.items()}
    metadata = {
        "format": FORMAT,
        "data": one.data,
        "shape": json.dumps(list(one.net.shape)),
        "plan": json.dumps(one.net.plan),
        "words": json.dumps(list(one.wording.words)),
        "figures": json.dumps(one.figures),
        "recipe": json.dumps(recipe),
    }
    write_bytes(path, to_bytes(tensors, metadata))
