"""Films: repeatable, branched bit for bit, restated without the network, and locked tokens stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.core.unmasking import ORDERS, REMASKING, Unmasking
from dgm_studio.solvers.unmasking import TokenFilm, corruption
from dgm_studio.solvers.unmasking.branching import branch
from tests.solvers.unmasking.films import film, same, settings, walked
from tests.solvers.unmasking.tabular import Noisy, chain

KINDS = ("masked", "uniform", "autoregressive")
LAW = torch.tensor([0.5, 0.2, 0.15, 0.1, 0.05], dtype=torch.float64)


def any_film(
    kind: str, own: Unmasking, length: int = 12, seed: int = 0, locked: dict[int, int] | None = None
) -> TokenFilm:
    return film(Noisy(LAW) if kind == "uniform" else chain(kind), own, length, locked, seed)


@tries(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    order=st.sampled_from([one.id for one in ORDERS]),
    remasking=st.sampled_from([one.id for one in REMASKING]),
    locked=st.dictionaries(st.integers(0, 11), st.integers(0, 4), max_size=12),
    steps=st.integers(1, 20),
    seed=st.integers(0, 1_000),
    block=st.sampled_from([0, 3, 12]),
    pace=st.sampled_from(["constant", "cosine", "growing"]),
)
def test_locked_tokens_never_change(
    kind: str, order: str, remasking: str, locked: dict[int, int], steps: int, seed: int, block: int, pace: str
) -> None:
    own = settings(order=order, remasking=remasking, steps=steps, block=block, pace=pace, eta=0.4, worst=3)
    one = walked(any_film(kind, own, seed=seed, locked=locked))
    places, tokens = list(locked), list(locked.values())
    for told in one.steps:
        assert told.ids[places].tolist() == tokens
        assert not {*told.revealed.tolist(), *told.remasked.tolist()} & set(places)
    assert one.now.told.mask_rate == 0
    assert ((one.now.told.ids >= 0) & (one.now.told.ids < 5)).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("remasking", ["none", "rescale", "worst"])
def test_one_seed_is_one_film(kind: str, remasking: str) -> None:
    own = settings(order="random", steps=6, remasking=remasking, eta=0.5)
    one, other, third = (walked(any_film(kind, own, seed=seed)).steps for seed in (5, 5, 6))
    assert all(same(a, b) for a, b in zip(one, other, strict=True))
    assert not np.array_equal(one[-1].ids, third[-1].ids)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("order", ["ancestral", "random", "threshold"])
def test_a_branch_that_changes_nothing_is_the_film(kind: str, order: str) -> None:
    own = settings(order=order, steps=8, remasking="confidence" if order == "random" else "none", eta=0.5)
    one = walked(any_film(kind, own))
    for step in range(len(one.steps)):
        again = walked(branch(one, step, -1, -1, own))
        assert all(same(a, b) for a, b in zip(one.steps, again.steps, strict=True)), step


@pytest.mark.parametrize("kind", KINDS)
def test_a_forced_token_stays_and_is_seen(kind: str) -> None:
    one = walked(any_film(kind, settings(order="left-to-right", steps=12, remasking="rescale", eta=0.9)))
    fork = branch(one, 4, 6, 3, one.settings)
    assert fork.now.told.ids[6] == 3
    assert fork.now.told.note == "Position 7 was set by hand."
    walked(fork)
    assert all(told.ids[6] == 3 for told in fork.steps[4:])
    assert all(same(a, b) for a, b in zip(one.steps[:4], fork.steps[:4], strict=True))
    assert fork.now.told.mask_rate == 0


@pytest.mark.parametrize("step", [5, 12])
def test_masked_again_by_hand_is_restored(step: int) -> None:
    """At the end of the film, too: it gets a step more."""
    one = walked(any_film("masked", settings(order="left-to-right", steps=12)))
    fork = branch(one, step, 2, -1, one.settings)
    assert fork.now.told.ids[2] == 5
    assert fork.now.told.remasked.tolist() == [2]
    assert 2 not in fork.now.told.revealed
    walked(fork)
    assert fork.now.told.mask_rate == 0
    assert fork.now.told.step == max(12, step + 1)


def test_an_autoregressive_branch_ends_the_text_there() -> None:
    one = walked(any_film("autoregressive", settings(), locked={9: 1}))
    fork = branch(one, 8, 3, 2, one.settings)
    assert fork.now.told.ids.tolist() == [*one.steps[8].ids[:3].tolist(), 2, *[-1] * 5, 1, -1, -1]
    assert walked(fork).now.told.mask_rate == 0
    assert (branch(one, 8, 3, -1, one.settings).now.told.ids[3:9] == -1).all()


def test_a_branch_with_other_settings_begins_its_schedule_there() -> None:
    one = walked(any_film("masked", settings(order="random", steps=12)))
    fork = walked(branch(one, 4, -1, -1, settings(order="confidence", steps=8)))
    assert [len(told.revealed) for told in fork.steps[5:]] == [2, 2, 2, 2]
    cold = walked(branch(one, 4, -1, -1, replace(one.settings, temperature=0.0)))
    assert [told.revealed.tolist() for told in cold.steps[:5]] == [told.revealed.tolist() for told in one.steps[:5]]
    assert [len(told.revealed) for told in cold.steps[5:]] == [1] * 8
    with pytest.raises(Refused, match="steps 0 to 12; step 13"):
        branch(one, 13, -1, -1, one.settings)
    uniform = walked(any_film("uniform", settings(steps=4)))
    with pytest.raises(Refused, match="The last step is made"):
        branch(uniform, 4, 0, 1, uniform.settings)


@pytest.mark.parametrize("kind", KINDS)
def test_restating_needs_no_network_and_is_what_was_told(kind: str) -> None:
    own = settings(order="margin", steps=6, temperature=0.7)
    one = walked(any_film(kind, own))
    for told in one.steps:
        assert same(one.restate(told.step, own), told)
    if kind != "uniform":
        before = one.network.model.calls  # type: ignore[attr-defined]
        for told in one.steps:
            one.restate(told.step, settings(temperature=1.3, top_k=3, top_p=0.8))
        assert one.network.model.calls == before  # type: ignore[attr-defined]
    # At another temperature the probabilities are the powers, normalised.
    last = len(one.steps) - 1
    raw, hot = one.restate(last, settings()), one.restate(last, settings(temperature=2.0))
    powers = raw.top_probabilities**0.5
    assert np.allclose(hot.top_probabilities, powers / powers.sum(1, keepdims=True), atol=1e-6)
    assert (hot.entropy > raw.entropy - 1e-9).all()
    assert (hot.top_ids == raw.top_ids).all()


def test_logits_that_were_let_go_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.solvers.unmasking.film.KEPT", 500)
    own = settings(order="random", steps=12)
    one = walked(any_film("masked", own))
    assert one.moments[1].rows is None
    assert one.moments[-1].rows is not None
    assert all(same(one.restate(told.step, own), told) for told in one.steps)
    again = walked(branch(one, 3, -1, -1, own))
    assert all(same(a, b) for a, b in zip(one.steps, again.steps, strict=True))


def test_what_a_step_tells_is_the_exact_conditional() -> None:
    model = chain()
    one = walked(film(model, settings(order="left-to-right", steps=6), 6))
    for before, told in zip(one.steps, one.steps[1:], strict=False):
        (place,) = told.revealed.tolist()
        p = model.logits(torch.tensor(before.ids)[None])[0].softmax(-1)
        assert told.probability[place] == pytest.approx(float(p[place, told.ids[place]]), abs=1e-6)
        assert told.entropy[place] == pytest.approx(float(-(p[place] * p[place].log()).sum()), abs=1e-6)
        assert told.top_ids[place].tolist() == p[place].argsort(descending=True).tolist()
        later = place + 1
        if later < 6:
            assert told.probability[later] == pytest.approx(float(p[later].max()), abs=1e-6), "masked: the likeliest"


def test_unchanged_states_are_not_asked_twice() -> None:
    """MDLM's cache: with many more steps than masks most steps lift nothing (Sahoo et al., 2024, section 4.2.2)."""
    model = chain()
    one = walked(film(model, settings(order="ancestral", steps=200), 8))
    changed = sum(len(told.revealed) > 0 for told in one.steps)
    assert model.calls == one.now.told.calls == changed
    assert changed <= 8


def test_all_locked_is_said() -> None:
    one = walked(any_film("masked", settings(), 3, locked={0: 1, 1: 1, 2: 1}))
    assert len(one.steps) == 1
    assert one.now.told.note == "Every position is locked: there is nothing to restore."
    assert one.now.told.mask_rate == 0


def test_read_only() -> None:
    told = walked(any_film("masked", settings())).now.told
    with pytest.raises(ValueError, match="read-only"):
        told.ids[0] = 1


def test_corruption_is_one_course_of_each_chain() -> None:
    clean = torch.arange(30_000) % 7
    own = corruption(clean, 7, 7, torch.Generator().manual_seed(0))
    assert np.array_equal(own.at(1.0)[0], clean.numpy())
    assert (own.at(0.0)[0] == 7).all()
    earlier: np.ndarray | None = None
    for t in (0.9, 0.6, 0.25, 0.1):
        absorbing, uniform = own.at(t)
        masked = absorbing == 7
        assert masked.mean() == pytest.approx(1 - t, abs=0.01)
        assert (uniform != clean.numpy()).mean() == pytest.approx((1 - t) * 6 / 7, abs=0.01)
        assert (uniform[~masked] == clean.numpy()[~masked]).all()
        if earlier is not None:
            assert masked[earlier].all(), "what is noised stays so while time runs towards noise"
        earlier = masked
    assert (own.at(0.5, "cosine")[0] == 7).mean() == pytest.approx(0.5, abs=0.01)
    assert (own.at(0.5, "geometric")[0] == 7).mean() == pytest.approx((100**0.5 - 1) / 99, abs=0.01)
