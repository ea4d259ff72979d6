"""Teaching the joint embedding of captions and pictures, and how well it finds one by the other."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import torch
from torch import Tensor

from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import Wording
from dgm_studio.lab.pictures.teaching_classifier import seen
from dgm_studio.nets.adam import Adam
from dgm_studio.nets.init import init
from dgm_studio.nets.picture_classifier import moved
from dgm_studio.nets.text_picture_embedding import TextPictureEmbedding, contrast

BATCH = 128
RATE = 1e-3
KEPT = 0.3
"""Share of the steps at the full rate; then it falls to 0 in a straight line."""
SHIFT = 1
"""Pixels that pictures are moved by at most while it learns."""


def teaching(
    points: Tensor, captions: Sequence[str], shape: PictureShape, steps: int, generator: torch.Generator
) -> Generator[float, None, tuple[TextPictureEmbedding, Wording]]:
    """An embedding of bytes (n, dim) and their captions, by Adam on the symmetric InfoNCE loss of a batch: each other
    caption of the batch is a wrong one. Each next() is a step and tells its loss; returned in eval mode."""
    wording = Wording.of(captions)
    ids = ids_of(wording, captions).to(points.device)
    with torch.device("meta"):
        net = TextPictureEmbedding(shape, len(wording.words))
    init(net, generator, points.device)
    optimiser = Adam(list(net.parameters()), (0.9, 0.999))
    for step in range(steps):
        which = torch.randint(len(points), (BATCH,), generator=generator, device=points.device)
        x = moved(seen(points[which]), shape, SHIFT, generator)
        loss = contrast(net.of_pictures(x), net.of_captions(ids[which]), net.scale)
        fall = min(1.0, (1 - step / steps) / (1 - KEPT))
        gradients = torch.autograd.grad(loss, optimiser.parameters)
        optimiser.step([one.contiguous() for one in gradients], RATE * fall)  # the fused kernel reads whole blocks
        yield float(loss.detach())
    return net.eval().requires_grad_(False), wording


def ids_of(wording: Wording, captions: Sequence[str]) -> Tensor:
    """The ids (n, LENGTH) of captions."""
    known = {text: wording.ids(text) for text in dict.fromkeys(captions)}
    return torch.tensor([known[text] for text in captions])
