"""The Brownian path: its law, its independence of who asks, and that walks of any step size share it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.solvers.noise import FINEST, BrownianPath, normal_like

SHAPE = torch.Size((3, 2))
TIMES = st.integers(0, 2**FINEST).map(lambda k: k / 2**FINEST)


@settings(max_examples=20, deadline=None)
@given(st.lists(TIMES, min_size=2, max_size=8))
def test_what_it_tells_does_not_depend_on_what_was_asked(times: list[float]) -> None:
    asked = BrownianPath(5)
    before = {t: asked.increment(0.0, t, SHAPE) for t in times}
    for t in times:
        assert torch.equal(BrownianPath(5).increment(0.0, t, SHAPE), before[t])
    low, middle, high = min(times), times[0], max(times)
    parts = asked.increment(low, middle, SHAPE) + asked.increment(middle, high, SHAPE)
    torch.testing.assert_close(parts, asked.increment(low, high, SHAPE))


def test_increments_are_independent_with_the_variance_of_their_time() -> None:
    times, n = [0.0, 0.1, 1 / 3, 0.34, 0.5, 0.9, 1.0], 40_000
    path, shape = BrownianPath(1), torch.Size((n, 1))
    steps = torch.cat([path.increment(t, r, shape) for t, r in itertools.pairwise(times)], dim=1)
    found = np.cov((steps / torch.tensor(times).diff().sqrt()).numpy().T)
    np.testing.assert_allclose(found, np.eye(len(times) - 1), atol=5 * (2 / n) ** 0.5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_steps_noise_is_its_increment_over_the_root_of_its_length(dtype: torch.dtype) -> None:
    x, (t, r) = torch.zeros(3, 2, dtype=dtype), torch.tensor([0.25, 0.375], dtype=dtype)
    z = normal_like(x, BrownianPath(2), t, r)
    assert z.dtype == dtype
    torch.testing.assert_close(z.double() * 0.125**0.5, BrownianPath(2).increment(0.25, 0.375, x.shape))


def test_other_draws_come_from_it_as_from_any_generator() -> None:
    x = torch.zeros(4, 2)
    plain, brownian = torch.Generator().manual_seed(9), BrownianPath(9)
    assert torch.equal(normal_like(x, brownian), normal_like(x, plain))
    t, r = torch.tensor([0.0, 0.5])
    assert torch.equal(normal_like(x, brownian, t, r), normal_like(x, BrownianPath(9), t, r))
    assert torch.equal(normal_like(x, brownian), normal_like(x, plain)), "the path takes nothing from the stream"
    assert not torch.equal(normal_like(x, BrownianPath(8), t, r), normal_like(x, BrownianPath(9), t, r))
