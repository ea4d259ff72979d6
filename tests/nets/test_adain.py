"""AdaIN gives each channel the mean and the spread that the style says; in float64."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import leaky_relu

from dgm_studio.nets.adain import EPSILON, Kept, Mapping, StyledNorm, adain
from dgm_studio.nets.init import init


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@settings(max_examples=6, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(2, 5), st.integers(2, 5), st.integers(0, 99))
def test_output_statistics_are_those_of_the_style(n: int, c: int, h: int, w: int, seed: int) -> None:
    x = 50 * numbers(n, c, h, w, seed=seed) - 3
    scale, shift = numbers(n, c, seed=seed + 1), 5 * numbers(n, c, seed=seed + 2)
    out = adain(x, scale, shift)
    torch.testing.assert_close(out.mean((2, 3)), shift, rtol=1e-9, atol=1e-9)
    variance = x.var((2, 3), correction=0)
    spread = scale.abs() * (variance / (variance + EPSILON)).sqrt()
    torch.testing.assert_close(out.std((2, 3), correction=0), spread, rtol=1e-9, atol=1e-9)


def test_a_styled_norm_says_what_it_gives() -> None:
    norm = init(StyledNorm(6, 4), torch.Generator().manual_seed(1)).double()
    w, x = numbers(3, 6, seed=2), numbers(3, 4, 7, 7, seed=3)
    scale, shift = norm.told(w)
    out = norm(x, w)
    torch.testing.assert_close(out.mean((2, 3)), shift)
    torch.testing.assert_close(out.std((2, 3), correction=0), scale.abs(), rtol=1e-4, atol=1e-9)
    still = norm.told(torch.zeros_like(w))
    assert torch.equal(still[0], torch.ones_like(scale))
    assert torch.equal(still[1], torch.zeros_like(shift))


def test_a_style_depends_on_the_direction_of_z_alone() -> None:
    mapping = init(Mapping(5, 7, 3), torch.Generator().manual_seed(1)).double()
    z = numbers(4, 5)
    assert mapping(z).shape == (4, 7)
    torch.testing.assert_close(mapping(z), mapping(3 * z))
    assert not torch.allclose(mapping(z), mapping(-z))


def test_the_mapping_starts_with_styles_as_apart_as_latents() -> None:
    x = numbers(4000, 64)
    layer = init(Kept(64, 64), torch.Generator().manual_seed(1)).double()
    with torch.no_grad():
        kept = leaky_relu(layer(x), 0.2).square().mean()
    assert float(kept) == pytest.approx(1, abs=0.05)
