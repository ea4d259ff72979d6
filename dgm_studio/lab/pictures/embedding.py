"""The joint embedding of captions and pictures that ships: read, written, and what it says of a pair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import Wording
from dgm_studio.lab.pictures import small_net_file
from dgm_studio.lab.pictures.teaching_classifier import ROWS, seen
from dgm_studio.lab.pictures.teaching_embedding import ids_of
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
    path = small_net_file.shipped(SHIPPED.get(data))
    if path is None:
        return None
    found = open_embedding(path, device)
    return found if found.net.shape[:3] == shape[:3] else None


def open_embedding(path: Path, device: str = "cpu") -> Embedding:
    """Read an embedding's file; Refused where it is none."""
    with small_net_file.opened(path, FORMAT, "an embedding") as (metadata, tensors):
        wording = Wording(tuple(str(word) for word in json.loads(metadata["words"])))
        shape = PictureShape(*json.loads(metadata["shape"]))
        plan = {str(name): int(value) for name, value in json.loads(metadata["plan"]).items()}
        net = small_net_file.filled(lambda: TextPictureEmbedding(shape, len(wording.words), **plan), tensors, device)
        return Embedding(net, metadata["data"], wording, small_net_file.figures_of(metadata))


def save_embedding(one: Embedding, path: Path, recipe: dict[str, object]) -> None:
    """Write it atomically, weights in half precision, with how it was taught."""
    metadata = {
        "format": FORMAT,
        "data": one.data,
        "shape": json.dumps(list(one.net.shape)),
        "plan": json.dumps(one.net.plan),
        "words": json.dumps(list(one.wording.words)),
        "figures": json.dumps(one.figures),
        "recipe": json.dumps(recipe),
    }
    small_net_file.write(path, one.net, metadata)
