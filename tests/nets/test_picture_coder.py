"""The networks of pictures: sizes, and how far a place sees."""

from __future__ import annotations

import pytest
import torch

from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.init import init
from dgm_studio.nets.patch_critic import PatchCritic
from dgm_studio.nets.picture_coder import Grow, PictureDecoder, PictureEncoder, Shrink


@pytest.mark.parametrize("shape", [PictureShape(1, 28, 28), PictureShape(3, 32, 32), PictureShape(1, 8, 12)])
def test_a_picture_shrinks_to_a_quarter_and_grows_again(shape: PictureShape) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn((2, shape.dim), generator=generator)
    small = init(Shrink(shape.channels, 5, 4, 1), generator)(x.view(2, *shape[:3]))
    assert small.shape == (2, 5, shape.height // 4, shape.width // 4)
    assert init(Grow(5, shape.channels, 4, 0), generator)(small).shape == (2, *shape[:3])
    code = init(PictureEncoder(shape, 6, 4, 0), generator)(x)
    assert code.shape == (2, 6)
    assert init(PictureDecoder(shape, 6, 2, 4, 1), generator)(code).shape == (2, 2 * shape.dim)


def test_a_score_is_of_a_patch_of_18_pixels() -> None:
    shape = PictureShape(1, 48, 48)
    critic = init(PatchCritic(shape, 3), torch.Generator().manual_seed(0))
    x = torch.zeros((1, shape.dim), requires_grad=True)
    scores = critic(x)
    assert scores.shape == (1, 12, 12)
    (slope,) = torch.autograd.grad(scores[0, 6, 6], x)
    seen = slope.view(48, 48).abs().sum(0).nonzero().flatten()
    assert int(seen.max() - seen.min()) + 1 == 18
