"""The networks that see pictures and times: shapes, beginnings, what they are told."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.nets.init import init, normal_
from dgm_studio.nets.noisy_picture_net import NoisyPictureNet
from dgm_studio.nets.picture_transformer import Block, PictureTransformer
from dgm_studio.nets.picture_unet import PictureUNet

SHAPE = PictureShape(1, 8, 8, 3)


def made(net: nn.Module, *, learnt: bool = True) -> nn.Module:
    """Filled; `learnt` as after training: no weight is zero."""
    generator = torch.Generator().manual_seed(0)
    init(net, generator)
    if learnt:
        with torch.no_grad():
            for weight in net.parameters():
                normal_(weight, 0.3, generator)
    return net.double().requires_grad_(False)


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def networks(shape: PictureShape, classes: int) -> tuple[nn.Module, nn.Module]:
    return PictureUNet(shape, 4, 1, classes), PictureTransformer(shape, 8, 2, 1, classes)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("shape", [PictureShape(1, 8, 8), PictureShape(3, 5, 7), PictureShape(1, 28, 4)])
def test_any_size_comes_out_as_it_went_in(which: int, shape: PictureShape) -> None:
    net = made(networks(shape, 0)[which])
    x = noise(2, shape.dim)
    out = net(x, torch.tensor([0.1, 0.9], dtype=torch.float64))
    assert out.shape == x.shape
    assert bool(out.isfinite().all())


@pytest.mark.parametrize("which", [0, 1])
def test_it_predicts_nothing_before_it_has_learnt(which: int) -> None:
    net = made(networks(SHAPE, 3)[which], learnt=False)
    assert not net(noise(2, 64), torch.full((2,), 0.5, dtype=torch.float64)).any()


@pytest.mark.parametrize("which", [0, 1])
def test_time_and_class_are_told_to_each_picture_alone(which: int) -> None:
    net = made(networks(SHAPE, 3)[which])
    x = noise(1, 64).expand(4, 64)
    t = torch.tensor([0.3, 0.3, 0.6, 0.3], dtype=torch.float64)
    out = net(x, t, torch.tensor([0, 1, 0, 3]))
    assert all(not torch.allclose(out[0], out[other]) for other in (1, 2, 3))
    torch.testing.assert_close(out[:1], net(x[:1], t[:1], torch.tensor([0])))
    torch.testing.assert_close(out[3:], net(x[:1], t[:1], None))  # the last row says that there is none


def test_patches_are_the_picture_cut() -> None:
    shape = PictureShape(2, 4, 6)
    net = PictureTransformer(shape, 8, 1, 2)
    x = noise(3, shape.dim)
    patches = net.cut(x)
    stood = x.view(3, 2, 4, 6)
    assert patches.shape == (3, 6, 8)
    assert torch.equal(patches[1, 4], stood[1, :, 2:4, 2:4].flatten())  # second row, second column
    assert torch.equal(net.joined(patches), x)


def test_a_block_begins_as_the_identity_and_sees_all_tokens() -> None:
    x, told = noise(1, 5, 8), noise(1, 8)
    torch.testing.assert_close(made(Block(8), learnt=False)(x, told), x)
    block = made(Block(8))
    changed = x.clone()
    changed[0, 4, 0] += 1  # one number: a layer norm sees no common shift
    assert (block(changed, told) - block(x, told)).abs().amin(dim=(0, 2)).gt(0).all()


def test_patches_that_do_not_fill_the_picture_are_refused() -> None:
    with pytest.raises(Refused, match=r"Patches of 4 x 4 do not fill a picture of 14 x 14: set Patch to 2, 7"):
        PictureTransformer(PictureShape(1, 14, 14), 8, 1, 4)


def test_the_classifier_reads_noised_pictures_of_any_size() -> None:
    net = made(NoisyPictureNet(PictureShape(3, 5, 7), 4))
    x = noise(1, 105).expand(2, 105)
    out = net(x, torch.tensor([0.2, 0.7], dtype=torch.float64))
    assert out.shape == (2, 4)
    assert not torch.allclose(out[0], out[1])
