"""The transition matrix's scene: matrices, both posteriors, drawn chains, on paper."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.sketch import Sketch
from dgm_studio.lab.scenes.parts.one_token import OneToken
from dgm_studio.lab.scenes.transition_matrix import Knobs, TransitionMatrix
from dgm_studio.paths.categorical import transitions


def drawn(rounds: int = 1, **knobs: Any) -> Sketch:
    scene = TransitionMatrix(Knobs(**knobs))
    for _ in range(rounds):
        for _ in scene.round():
            pass
    return scene.sketch()


def test_the_absorbing_posterior_is_lecture_14s_rho() -> None:
    """rho_t = beta_t alpha-bar_{t-1} / (1 - alpha-bar_t) = 1 / t for the linear schedule; without the transpose the
    way back from the mask gives x_0 nothing, and its numbers sum to (1 - alpha-bar_{t-1}) / (1 - alpha-bar_t)."""
    token = OneToken("absorbing", "linear", 5, 10)
    for t in range(1, 11):
        right, wrong = token.posterior(t, 5, 1), token.untransposed(t, 5, 1)
        assert right is not None
        assert right[1] == pytest.approx(1 / t)
        assert right[5] == pytest.approx(1 - 1 / t)
        assert wrong[1] == 0
        assert wrong.sum() == pytest.approx((t - 1) / t)
    assert token.posterior(4, 0, 1) is None  # a token never becomes another one
    assert token.untransposed(4, 0, 1).sum() == 0


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(transitions())), st.integers(2, 6), st.integers(2, 12), st.data())
def test_one_token_is_its_matrices_multiplied_out(id: str, size: int, steps: int, data: st.DataObject) -> None:
    token = OneToken(id, "cosine", size, steps)
    t, x_0 = data.draw(st.integers(1, steps)), data.draw(st.integers(0, size - 1))
    law = np.eye(token.states)[x_0]
    for step in range(1, t + 1):
        law = token.step(step) @ law
    np.testing.assert_allclose(token.law(x_0)[t], law, atol=1e-12)
    np.testing.assert_allclose(token.so_far(t)[:, x_0], law, atol=1e-12)
    x_t = data.draw(st.sampled_from(np.flatnonzero(law > 0).tolist()))
    right = token.posterior(t, x_t, x_0)
    assert right is not None
    joint = token.step(t)[x_t] * token.so_far(t - 1)[:, x_0]  # row x_t: the transpose
    np.testing.assert_allclose(right, joint / joint.sum(), atol=1e-12)
    if id != "absorbing":
        np.testing.assert_allclose(token.untransposed(t, x_t, x_0), right, atol=1e-12)


@pytest.mark.parametrize("knobs", [{}, {"transition": "uniform", "x_t": 2}, {"transition": "discretised-gaussian"}])
def test_drawn_chains_agree_with_bayes(knobs: dict[str, Any]) -> None:
    for one in drawn(20, **knobs).readings:
        if one.value is not None and one.exact is not None:
            assert one.doubt is not None
            assert abs(one.value - one.exact) < 2 * one.doubt, one.name


def test_the_warning_says_both_numbers() -> None:
    sketch = drawn()
    assert sketch.caption.startswith("Without the transpose the slide's formula is wrong for absorbing chains")
    assert "probability 0.000, Bayes' rule 0.250" in sketch.caption
    by_name = {one.name: one for one in sketch.readings}
    assert by_name["Same without the transpose"].value == 0
    assert by_name["q(xₜ₋₁ = 2 | xₜ = m, x₀ = 2)"].exact == pytest.approx(0.25)
    assert "symmetric" in drawn(transition="uniform").caption
    assert "never" in drawn(x_t=1).caption


def test_matrices_lie_as_on_paper_and_stretch_over_both_tables() -> None:
    """Row 1 on top; t is a grip; names in place of figures on the axes."""
    plot, flow, back = drawn(categories=3, t=2, steps=4).plots
    one, so_far = plot.pictures
    np.testing.assert_allclose(np.flipud(one.values), OneToken("absorbing", "linear", 3, 4).step(2))
    np.testing.assert_allclose(so_far.values.sum(0), 1)
    assert one.cells
    assert [name for _, name in plot.names_up] == ["1", "2", "3", "m"]
    assert [at for at, _ in plot.names_up] == [3.5, 2.5, 1.5, 0.5]
    assert one.box[1] < so_far.box[0]
    (grip,) = flow.grips
    assert (grip.across, grip.x) == ("t", 2.0)
    assert [name for _, name in back.names_across] == ["1", "2", "3", "m"]
    assert {one.name for one in flow.lines} >= {"stationary limit", "mask m", "x₀ = 2"}


def test_t_beyond_the_chain_is_its_end() -> None:
    sketch = drawn(t=40, steps=3)
    assert sketch.plots[1].grips[0].x == 3
    reached = {one.name: one.exact for one in sketch.readings}
    assert reached["To the limit, TV"] == 0
