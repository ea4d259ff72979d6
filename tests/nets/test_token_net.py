"""Networks over tokens: what each position sees, and the first guess."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dgm_studio.nets.attention import SelfAttention
from dgm_studio.nets.init import init
from dgm_studio.nets.token_mixer import ShiftedBlock
from dgm_studio.nets.token_net import MIXER, TRANSFORMER, TokenNet

V, L, D = 11, 12, 16


def net_of(network: str, *, causal: bool = False, timed: bool = False) -> TokenNet:
    """In float64, with every weight drawn: the blocks are no longer the identity."""
    with torch.device("meta"):
        net = TokenNet(V, L, D, 4, network, causal=causal, timed=timed)
    net = init(net, torch.Generator().manual_seed(0)).double()
    generator = torch.Generator().manual_seed(1)
    for weight in net.parameters():
        weight.data = 0.3 * torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    return net


def seen(net: TokenNet) -> Tensor:
    """(i, j): whether the features at i change when the token at j does."""
    ids = torch.randint(V, (1, L), generator=torch.Generator().manual_seed(2))
    base = net.features(ids)
    rows = []
    for j in range(L):
        other = ids.clone()
        other[0, j] = (other[0, j] + 1) % V
        rows.append((net.features(other) - base).abs().amax(-1)[0] > 1e-12)
    return torch.stack(rows, 1)


@pytest.mark.parametrize("network", [MIXER, TRANSFORMER])
def test_every_position_sees_every_other(network: str) -> None:
    assert seen(net_of(network)).all()


@pytest.mark.parametrize("network", [MIXER, TRANSFORMER])
def test_a_causal_network_sees_its_own_position_and_those_before_it_and_no_other(network: str) -> None:
    assert torch.equal(seen(net_of(network, causal=True)), torch.ones(L, L).tril().bool())


@pytest.mark.parametrize("network", [MIXER, TRANSFORMER])
def test_a_shorter_window_is_read_as_the_beginning_of_a_longer_one(network: str) -> None:
    net = net_of(network, causal=True)
    ids = torch.randint(V, (2, L), generator=torch.Generator().manual_seed(3))
    assert torch.allclose(net.features(ids[:, :5]), net.features(ids)[:, :5])


@pytest.mark.parametrize("causal", [False, True])
def test_a_shifted_block_is_a_dilated_convolution(causal: bool) -> None:
    block = init(ShiftedBlock(D, D, 2, causal), torch.Generator().manual_seed(0)).double()
    block.out.weight.data = torch.eye(D, dtype=torch.float64)
    x = torch.randn(2, L, D, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    kernel = block.into.weight.view(D, 3, D).permute(0, 2, 1)
    normed = torch.nn.functional.pad(block.norm(x).mT, (4, 0) if causal else (2, 2))
    taps = torch.nn.functional.conv1d(normed, kernel, block.into.bias, dilation=2).mT
    assert torch.allclose(block(x), x + torch.nn.functional.gelu(taps, approximate="tanh"))


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_the_softmax_of_scaled_products(causal: bool) -> None:
    block = init(SelfAttention(D, causal), torch.Generator().manual_seed(0)).double()
    block.out.weight.data = torch.eye(D, dtype=torch.float64)
    x = torch.randn(1, L, D, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    q, k, v = block.qkv(block.norm(x))[0].view(L, 3, 4, D // 4).permute(1, 2, 0, 3)
    scores = q @ k.mT / (D // 4) ** 0.5
    if causal:
        scores = scores.masked_fill(~torch.ones(L, L).tril().bool(), -torch.inf)
    heads = scores.softmax(-1) @ v
    assert torch.allclose(block(x), x + heads.permute(1, 0, 2).reshape(1, L, D))


def test_odd_widths_have_heads_that_divide_them() -> None:
    for width in (8, 9, 10, 30):
        with torch.device("meta"):
            net = TokenNet(V, L, width, 2, TRANSFORMER, causal=False, timed=True)
        net = init(net, torch.Generator().manual_seed(0))
        assert net.features(torch.zeros(1, L, dtype=torch.int64), torch.zeros(1)).shape == (1, L, width)


def test_only_a_timed_network_is_told_the_time() -> None:
    ids = torch.zeros(2, L, dtype=torch.int64)
    early, late = torch.tensor([0.1, 0.1]).double(), torch.tensor([0.9, 0.9]).double()
    timed, untimed = net_of(MIXER, timed=True), net_of(MIXER)
    assert not torch.allclose(timed.features(ids, early), timed.features(ids, late))
    assert torch.equal(untimed.features(ids, early), untimed.features(ids, late))
