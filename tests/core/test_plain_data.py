"""Normalisation, point sets, films, names, cards, the mailbox: small plain things all else stands on."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dgm_studio.core.arrays import frozen
from dgm_studio.core.ask import ERROR, Ask
from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import FamilyEntry, Preset
from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.knobs import Knob
from dgm_studio.core.names import near, pick
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Answer, Beat, FrameReport, Picture, Refusal, RunReport
from dgm_studio.core.starting import starting_recipe
from dgm_studio.engine.mailbox import Mailbox

SCALES = st.floats(1e-3, 1e4)
SHIFTS = st.floats(-1e4, 1e4)


@given(st.lists(st.tuples(SHIFTS, SCALES), min_size=1, max_size=4), st.integers(0, 99))
def test_normalisation_is_undone_and_its_jacobian_is_that_of_the_map(
    pairs: list[tuple[float, float]], seed: int
) -> None:
    norm = Normalisation(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))
    x = np.random.default_rng(seed).normal(size=(5, len(pairs)))
    assert np.allclose(norm.to_model(norm.to_data(x)), x, atol=1e-4)
    assert norm.to_data(np.stack([x, x])).shape == (2, 5, len(pairs))
    corner, axes = norm.to_model(np.zeros((1, len(pairs)))), norm.to_model(np.eye(len(pairs)))
    _, log_det = np.linalg.slogdet(axes - corner)
    assert norm.log_jacobian == pytest.approx(log_det, abs=1e-6)


def test_the_density_of_normalised_points_integrates_to_one_in_data_units() -> None:
    norm = Normalisation((170.0,), (12.0,))
    x = np.linspace(60, 280, 20_001)
    z = norm.to_model(x[:, None])[:, 0]
    log_p = -0.5 * z**2 - 0.5 * math.log(2 * math.pi) + norm.log_jacobian
    assert np.exp(log_p).sum() * (x[1] - x[0]) == pytest.approx(1, abs=1e-9)


def test_point_sets_are_frozen_copies_compared_by_content() -> None:
    points, labels = np.zeros((3, 2)), np.zeros(3)
    one = PointSet(points, labels, "a", "b", Normalisation.none(2))
    points[0] = 9
    assert one.points[0, 0] == 0
    assert one.points.dtype == np.float32
    assert one.labels.dtype == np.int64
    assert one == PointSet(np.zeros((3, 2)), labels, "a", "elsewhere", Normalisation.none(2))
    assert one != PointSet(points, labels, "a", "b", Normalisation.none(2))
    assert one != "a"
    assert one != PointSet(np.zeros((3, 2)), labels, "a", "b", Normalisation((1.0, 1.0), (1.0, 1.0)))
    with pytest.raises(ValueError, match="read-only"):
        one.points[0] = 1
    assert DataSpec("own", points=one).title == "a"
    assert DataSpec("moons").title == "moons"


def test_a_film_stacks_frames_and_marks_what_a_frame_lacks() -> None:
    x = np.arange(4.0, dtype=np.float32).reshape(2, 2)
    film = Film.of([Frame(0.0, x), Frame(0.5, x + 1, x1_hat=x, evaluations=1, label="step 1"), Frame(1.0, x, x, 2)])
    assert film.x.shape == (3, 2, 2)
    assert film.t.tolist() == [0, 0.5, 1]
    assert film.x1_hat is not None
    assert np.isnan(film.x1_hat[0]).all()
    assert np.array_equal(film.x1_hat[1], x)
    assert film.evaluations.tolist() == [0, 1, 2]
    assert film.labels == ("", "step 1", "")
    assert not film.x.flags.writeable
    assert Film.of([Frame(0.0, x)]).x1_hat is None
    assert Frame(0.0, x, x).nbytes == 2 * x.nbytes


def test_frozen_arrays_are_contiguous_and_read_only() -> None:
    out = frozen(np.zeros((4, 6))[:, ::2])
    assert out.flags.c_contiguous
    assert not out.flags.writeable


def test_near_finds_slips_of_the_pen() -> None:
    known = ["diffusion", "gan", "realnvp", "vae"]
    assert near("difusion", known)[0] == "diffusion"
    assert near("VEA", known)[0] == "vae"
    assert near("xyzzy", known) == []
    assert len(near("a", ["a", "ab", "aa", "ac", "ad"])) <= 3
    assert pick(dict.fromkeys(known, 1), "gan", "family") == 1
    with pytest.raises(Refused, match=r"no family named 'xyzzy'.*Known: diffusion, gan, realnvp, vae"):
        pick(dict.fromkeys(known, 1), "xyzzy", "family")


def test_a_card_is_plain_json_with_its_id() -> None:
    card = Card("rk4", "RK4", "Four stages.", facts=(("order", 4), ("stochastic", False)))
    body = json.loads(json.dumps(card.as_json()))
    assert body["id"] == "rk4"
    assert body["facts"] == {"order": 4, "stochastic": False}
    assert card.fact("order") == 4
    assert card.fact("none", 7) == 7


def test_divergence_says_where_and_what_is_kept() -> None:
    error = Diverged(1500, float("inf"), 1400)
    assert "1,500" in str(error)
    assert "1,400" in str(error)
    assert isinstance(error, Refused)


def test_a_fresh_recipe_writes_every_knob_out() -> None:
    width = Knob("width", int, 64, "Width", "Units.", 4, 512)
    presets = (Preset("plain", "Plain", ""), Preset("wide", "Wide", "", design={"width": 256}))
    entry = FamilyEntry(Card("f", "F", ""), (width,), (), (), presets)
    assert starting_recipe(entry, "", DataSpec("moons"), 5) == Recipe(
        "f", "plain", {"width": 64}, data=DataSpec("moons"), seed=5
    )
    assert starting_recipe(entry, "wide", DataSpec(), 0).design == {"width": 256}
    with pytest.raises(Refused, match="Did you mean wide"):
        starting_recipe(entry, "wied", DataSpec(), 0)


# The mailbox.


def box() -> tuple[Mailbox, list[int]]:
    """A mailbox and how often it woke the window."""
    wakes: list[int] = []
    return Mailbox(lambda: wakes.append(1)), wakes


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=30))
def test_scalars_come_once_each_and_in_order_however_they_are_taken(events: list[tuple[str, bool]]) -> None:
    mailbox, _ = box()
    got: dict[str, list[int]] = {"a": [], "b": []}

    def take() -> None:
        for snapshot in mailbox.take():
            steps, values = snapshot.values.get("loss", (np.array([]), np.array([])))
            got[snapshot.lane] += [int(step) for step in steps]
            assert np.array_equal(steps, values)

    for lane in "ab":
        mailbox.open(lane, 1)
    sent: dict[str, list[int]] = {"a": [], "b": []}
    for step, (lane, taken) in enumerate(events, start=1):
        mailbox.post(lane, Beat("step", step, {"loss": float(step)}))
        sent[lane].append(step)
        if taken:
            take()
    take()
    assert got == sent
    assert mailbox.take() == []


def test_pictures_are_latest_wins_by_key_and_frames_are_all_kept() -> None:
    mailbox, wakes = box()
    mailbox.open("a", 7)
    near_, far = Ask("density", t=0.5), Ask("density", t=0.75)
    for report in (
        Picture(near_, 1, {}), Picture(far, 2, {}), Refusal(Ask("density", ERROR), "no"),
        Picture(Ask("samples"), 2, {}), FrameReport(Frame(0.0, np.zeros((1, 2))), 2),
        FrameReport(Frame(1.0, np.zeros((1, 2))), 2), Answer(3, "path"),
    ):  # fmt: skip
        mailbox.post("a", report)
    (snapshot,) = mailbox.take()
    assert set(snapshot.pictures) == {"density", "density:error", "samples"}
    assert snapshot.opened == 7
    picture = snapshot.pictures["density"]
    assert isinstance(picture, Picture)
    assert picture.ask is far
    assert [one.frame.t for one in snapshot.frames] == [0, 1]
    assert snapshot.reports == (Answer(3, "path"),)
    assert len(wakes) == 1, "one wake between two takes"


def test_steps_are_counted_when_they_end_and_a_restored_run_says_its_own() -> None:
    mailbox, _ = box()
    mailbox.open("a", 1)
    mailbox.post("a", Beat("critic", 5, {}, ends_step=False, next="generator"))
    (snapshot,) = mailbox.take()
    assert (snapshot.step, snapshot.next_beat) == (4, "generator")
    mailbox.post("a", Beat("generator", 5, {}, next="critic"))
    (snapshot,) = mailbox.take()
    assert (snapshot.step, snapshot.next_beat) == (5, "critic")
    mailbox.post("a", RunReport(Recipe("gan", step=120), 1, (), ("critic",)))
    assert mailbox.take()[0].step == 120


def test_a_replaced_lane_drops_what_nobody_took_and_states_are_said_once() -> None:
    mailbox, wakes = box()
    mailbox.open("a", 1)
    mailbox.post("a", Answer(1, "old"))
    mailbox.open("a", 2)
    (snapshot,) = mailbox.take()
    assert snapshot.opened == 2
    assert snapshot.reports == ()
    mailbox.set_state("a", snapshot.state, snapshot.watching)
    assert mailbox.take() == []
    assert len(wakes) == 1
    mailbox.set_state("a", "playing", True)
    assert [(one.state, one.watching) for one in mailbox.take()] == [("playing", True)]


def test_plain_data_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe("vae").seed = 3  # type: ignore[misc]
