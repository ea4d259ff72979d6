"""What reads captions: cross-attention against torch's own, the text encoder, the joint embedding's loss by formula."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import LENGTH
from dgm_studio.nets.attention import CrossAttention
from dgm_studio.nets.captioned_unet import CaptionedUNet
from dgm_studio.nets.init import init, normal_
from dgm_studio.nets.text_encoder import TextEncoder
from dgm_studio.nets.text_picture_embedding import MOST, START, TextPictureEmbedding, contrast

SHAPE = PictureShape(1, 8, 8, 3)


def seed(number: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def learnt(net: nn.Module) -> nn.Module:
    """No weight is zero."""
    init(net, seed())
    with torch.no_grad():
        for weight in net.parameters():
            normal_(weight, 0.3, seed(weight.numel()))
    return net.double().eval()


def normal(*shape: int, at: int = 1) -> Tensor:
    return torch.randn(shape, generator=seed(at), dtype=torch.float64)


def test_cross_attention_is_torchs() -> None:
    """Against nn.MultiheadAttention with the same weights, and scaled_dot_product_attention head by head."""
    with torch.device("meta"):
        net = CrossAttention(12, 10)
    learnt(net)
    x, seen = normal(3, 5, 12), normal(3, 7, 10, at=2)
    theirs = nn.MultiheadAttention(12, net.heads, bias=False, kdim=10, vdim=10, batch_first=True, dtype=torch.float64)
    k, v = net.kv.weight.chunk(2)
    with torch.no_grad():
        for own, weight in (
            (theirs.q_proj_weight, net.q.weight), (theirs.k_proj_weight, k), (theirs.v_proj_weight, v),
            (theirs.out_proj.weight, net.out.weight),
        ):  # fmt: skip
            own.copy_(weight)
    query = net.norm(x)
    torch.testing.assert_close(net(x, seen), x + theirs(query, seen, seen, need_weights=False)[0])
    heads = [
        scaled_dot_product_attention(query @ a.T, seen @ b.T, seen @ c.T)
        for a, b, c in zip(net.q.weight.view(4, 3, 12), k.view(4, 3, 10), v.view(4, 3, 10), strict=True)
    ]
    torch.testing.assert_close(net(x, seen), x + torch.cat(heads, 2) @ net.out.weight.T)


def test_at_first_the_caption_changes_nothing_and_later_every_place() -> None:
    with torch.device("meta"):
        net = CaptionedUNet(SHAPE, 4, 1, 2, 20, 8, 1)
    init(net, seed())
    x, t = torch.randn((2, 64), generator=seed(3)), torch.tensor([0.2, 0.7])
    ids = torch.tensor([[3, 4, 0, 0, 0, 0, 0, 0], [5, 1, 2, 0, 0, 0, 0, 0]])
    assert torch.equal(net(x, t, ids), net(x, t))
    learnt(net)
    told, free = net(x.double(), t.double(), ids), net(x.double(), t.double())
    assert (told != free).all()
    torch.testing.assert_close(net(x.double(), t.double(), torch.zeros_like(ids)), free)  # no words: no caption
    torch.testing.assert_close(net(x.double().flip(0), t.double().flip(0), ids.flip(0)), told.flip(0))
    with pytest.raises(Refused, match="set Patch to 1"):
        CaptionedUNet(PictureShape(1, 7, 7), 4, 1, 2, 20, 8, 1)


def test_the_order_of_words_is_read() -> None:
    with torch.device("meta"):
        net = TextEncoder(20, LENGTH, 8, 2)
    learnt(net)
    one, other = torch.tensor([[1, 2] + [0] * 6]), torch.tensor([[2, 1] + [0] * 6])
    assert net(one).shape == (1, 1 + LENGTH, 8)
    assert not torch.allclose(net(one)[:, 0], net(other)[:, 0])


def test_contrast_is_its_formula() -> None:
    """- 1/2n sum_i [log softmax over captions of picture i + log softmax over pictures of caption i], by hand."""
    p, c = (nn.functional.normalize(normal(6, 4, at=at)) for at in (1, 2))
    scale = torch.tensor(1.3, dtype=torch.float64)
    logits = [[math.exp(1.3) * float(a @ b) for b in c] for a in p]
    total = 0.0
    for i in range(6):
        total += logits[i][i] - math.log(sum(math.exp(one) for one in logits[i]))
        total += logits[i][i] - math.log(sum(math.exp(row[i]) for row in logits))
    assert float(contrast(p, c, scale)) == pytest.approx(-total / 12, abs=1e-12)


def test_contrast_of_pairs_that_are_aligned_shuffled_or_alike() -> None:
    eye = torch.eye(5, dtype=torch.float64)
    scale = torch.tensor(3.0, dtype=torch.float64)
    e = math.exp(math.exp(3.0))
    assert float(contrast(eye, eye, scale)) == pytest.approx(-math.log(e / (e + 4)), abs=1e-12)
    assert float(contrast(eye, eye.roll(1, 0), scale)) == pytest.approx(math.exp(3.0) + math.log((e + 4) / e), abs=1e-9)
    alike = eye[:1].expand(5, 5)
    assert float(contrast(alike, alike, scale)) == pytest.approx(math.log(5))
    hot = torch.tensor(50.0, dtype=torch.float64)  # cut at 100
    p, c = (nn.functional.normalize(normal(6, 4, at=at)) for at in (1, 2))
    assert torch.equal(contrast(p, c, hot), contrast(p, c, torch.tensor(MOST, dtype=torch.float64)))


def test_embeddings_are_unit_vectors_and_begin_at_clips_temperature() -> None:
    with torch.device("meta"):
        net = TextPictureEmbedding(SHAPE, 20, dim=6, width=4, text_width=8, layers=1)
    init(net, seed()).eval()
    assert float(net.scale.detach()) == pytest.approx(START)
    x, ids = torch.randn((3, 64), generator=seed(3)), torch.randint(0, 21, (3, LENGTH), generator=seed(4))
    for found in (net.of_pictures(x), net.of_captions(ids)):
        assert found.shape == (3, 6)
        torch.testing.assert_close(found.norm(dim=1), torch.ones(3))
