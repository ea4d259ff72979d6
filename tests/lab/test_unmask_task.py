"""Token films through the desk: opened, picked, branched, recalled, swept, judged; by models of all three kinds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Answer, Report
from dgm_studio.core.requests import Cancel, Corrupt, Judge, Pick, Play, Recall, Sweep, Train, Unmask
from dgm_studio.core.snapshot import DONE
from dgm_studio.core.unmasking import Corruption, SweepPoint, TextQuality, TokenFilmReport, TokenStep
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from dgm_studio.lab.unmask_task import UnmaskTask
from tests.lab.recipes import small
from tests.lab.test_desk import Bench
from tests.solvers.unmasking.films import same
from tests.texts import text_recipe

KINDS = {"masked": "masked-text", "uniform": "uniform-text", "autoregressive": "autoregressive-text"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A small checkpoint of each kind."""
    folder = tmp_path_factory.mktemp("texts")
    found = {}
    for kind, family in KINDS.items():
        run = Run(text_recipe(family))
        for _ in run.steps(30):
            pass
        found[kind] = str(save(run, folder / kind))
    return found


def opened(desk: Desk, request: Unmask) -> tuple[UnmaskTask, TokenFilmReport, list[TokenStep]]:
    """The task walked to its end, what it said first, and all its steps."""
    task, said = desk.open(request)
    assert isinstance(task, UnmaskTask)
    first, *steps = said
    assert isinstance(first, TokenFilmReport)
    told = [one for one in (*steps, *task.beats()) if isinstance(one, TokenStep)]
    return task, first, told


def answer(said: Any) -> Any:
    (one,) = [one for one in said if isinstance(one, Answer)]
    return one.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_film_of_each_kind(kind: str, files: dict[str, str]) -> None:
    desk = Desk("cpu")
    _, about, told = opened(desk, Unmask("a", files[kind], "And Moses said ___ the people", 8, {"steps": 4}, seed=2))
    assert about.kind == kind
    assert about.title == "small.txt, words"
    assert (about.mask >= 0) == (kind == "masked")
    assert len(about.words) == len(about.glue) >= 32
    assert [about.words[k] for k in told[-1].ids[:3]] == ["And", "Moses", "said"]
    assert about.locked.tolist() == [True, True, True, False, True, True, False, False]
    assert [one.step for one in told] == list(range(len(told)))
    assert len(told) - 1 <= about.steps
    assert told[-1].mask_rate == 0
    assert about.parameters > 0
    assert about.branch == -1
    again = opened(desk, Unmask("b", files[kind], "And Moses said ___ the people", 8, {"steps": 4}, seed=2))[2]
    assert all(same(one, other) for one, other in zip(told, again, strict=True))


def test_models_are_read_once(files: dict[str, str]) -> None:
    desk = Desk("cpu")
    one, other = (opened(desk, Unmask(lane, files["masked"]))[0] for lane in "ab")
    assert one.kept.text is other.kept.text
    third = opened(desk, Unmask("c", "a"))[0]
    assert third.kept.text is one.kept.text, "the model of another film"


def test_a_live_run_is_copied_as_it_is() -> None:
    desk = Desk("cpu")
    task, _ = desk.open(Train("run", text_recipe("masked-text")))
    before = opened(desk, Unmask("film", "run", "", 8, {"temperature": 0.0}))[0]
    clock: Iterator[object] = iter(task.beats())
    for _ in range(40):
        next(clock)
    after = opened(desk, Unmask("film2", "run", "", 8, {"temperature": 0.0}))[0]
    weights: list[Any] = [one.kept.text.model.net.bias for one in (before, after)]
    assert not np.array_equal(weights[0].numpy(), weights[1].numpy())
    desk.open(Train("points", small("mixture")))
    with pytest.raises(Refused, match="writes no text"):
        desk.open(Unmask("film", "points"))


def test_branches_of_kept_films(files: dict[str, str]) -> None:
    desk = Desk("cpu")
    task, about, told = opened(desk, Unmask("a", files["masked"], "", 8, {"order": "random", "steps": 8}, seed=4))
    _, fork, same_again = opened(desk, Unmask("a", files["masked"], branch=(3, -1, -1)))
    assert fork.branch == 3
    assert fork.steps == about.steps
    assert all(same(one, other) for one, other in zip(told, same_again, strict=True))
    word = int(about.words.index("Ruth"))
    _, fork, forced = opened(desk, Unmask("b", "a", branch=(3, 5, word), settings={"temperature": 0.0}))
    assert fork.locked[5]
    assert fork.settings.temperature == 0
    assert fork.settings.order == "random"
    assert [one.step for one in forced] == list(range(len(forced)))
    assert all(one.ids[5] == word for one in forced[3:])
    task.close()
    for lane, fork_at in (("none", (0, -1, -1)), ("b", (99, -1, -1)), ("b", (1, 99, 0)), ("b", (1, 0, 999))):
        with pytest.raises(Refused):
            desk.open(Unmask(lane, files["masked"], branch=fork_at))


def test_by_hand(files: dict[str, str]) -> None:
    task, about, told = opened(Desk("cpu"), Unmask("a", files["masked"], "And", 3, {"order": "manual"}))
    assert len(told) == 1
    (step,) = task.receive(Pick("a", 2))
    assert isinstance(step, TokenStep)
    assert step.revealed.tolist() == [2]
    (step,) = task.receive(Pick("a", 1, 4))
    assert isinstance(step, TokenStep)
    assert step.ids[1] == 4
    assert about.steps == 2
    with pytest.raises(Refused, match="Every token stands"):
        task.receive(Pick("a", 1))
    with pytest.raises(Refused, match="no token 999"):
        task.receive(Pick("a", 1, 999))


def test_recalled_under_another_temperature(files: dict[str, str]) -> None:
    task, _, told = opened(Desk("cpu"), Unmask("a", files["masked"], "", 8, {"temperature": 1.0}))
    own = answer(task.receive(Recall("a", (0, 3))))
    assert same(own[0], told[0])
    assert same(own[1], told[3])
    (hot,) = answer(task.receive(Recall("a", (3,), {"temperature": 2.0})))
    assert (hot.entropy[told[3].revealed] > told[3].entropy[told[3].revealed]).all()
    with pytest.raises(Refused, match="there is no step 99"):
        task.receive(Recall("a", (99,)))
    with pytest.raises(Refused, match="Temperature"):
        task.receive(Recall("a", (1,), {"temperature": 9.0}))


def slices(task: UnmaskTask) -> list[Report]:
    found: list[Report] = []
    for report in task.watch() or ():
        found += [report] if report is not None else []
    return found


def test_judged_against_its_corpus(files: dict[str, str]) -> None:
    task, _, told = opened(Desk("cpu"), Unmask("a", files["masked"], "And Moses said unto the people.", 8))
    assert task.watch() is None
    task.receive(Judge("a", (0, len(told) - 1)))
    start, end = answer(slices(task))
    assert isinstance(start, TextQuality)
    assert start.line == "And Moses said unto the people."
    assert (start.nearest, start.compared) == (7, 7)
    assert start.distinct == 1
    assert end.step == len(told) - 1
    assert 0 <= end.pairs <= 1
    assert 0.8 < start.held_out_pairs <= 1
    assert task.watch() is None


def test_swept_step_by_step(files: dict[str, str]) -> None:
    task, _, _ = opened(Desk("cpu"), Unmask("a", files["masked"], "And", 8, {"temperature": 1.0}))
    task.receive(Sweep("a", ("random", "margin"), (1, 4), samples=3))
    points = slices(task)
    assert all(isinstance(one, SweepPoint) for one in points)
    facts = [(one.order, one.steps, one.calls, one.done) for one in points if isinstance(one, SweepPoint)]
    assert facts == [("random", 1, 1, 1), ("random", 4, 4, 2), ("margin", 1, 1, 3), ("margin", 4, 4, 4)]
    for one in points:
        assert isinstance(one, SweepPoint)
        assert 0 < one.entropy < math.log(32)
        assert 0 < one.distinct <= 1
        assert 0 <= one.pairs <= 1
    task.receive(Sweep("a", ("random",), (8,), samples=50))
    views = task.watch()
    assert views is not None
    next(views)
    task.receive(Sweep("a", ("margin",), (2,), samples=1))
    assert [one.order for one in views if isinstance(one, SweepPoint)] == ["margin"], "a new sweep replaces the old"
    task.receive(Sweep("a", ("random",), (8,)))
    task.receive(Sweep("a", (), ()))
    assert task.watch() is None
    for wrong in (("manual",), ("nonsense",)):
        with pytest.raises(Refused, match="cannot be swept"):
            task.receive(Sweep("a", wrong, (4,)))
    with pytest.raises(Refused, match="numbers of steps"):
        task.receive(Sweep("a", ("random",), (0,)))


def test_noise_for_a_sentence(files: dict[str, str]) -> None:
    task, about, _ = opened(Desk("cpu"), Unmask("a", files["masked"]))
    own = answer(task.receive(Corrupt("a", "And Ruth went up to the mountain.", 3)))
    assert isinstance(own, Corruption)
    assert [about.words[k] for k in own.clean] == ["And", "Ruth", "went", "up", "to", "the", "mountain", "."]
    absorbing, uniform = own.at(0.0)
    assert (absorbing == about.mask).all()
    assert all(about.words[k] for k in uniform)
    for text in ("And Ruthless", ""):
        with pytest.raises(Refused):
            task.receive(Corrupt("a", text))


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Unmask("a", "kjv-mask-word"), "no file 'kjv-mask-word'"),
        (Unmask("a", "", settings={"steps": 0}), "no file ''"),
    ],
)
def test_what_is_no_model(request_: Unmask, says: str) -> None:
    with pytest.raises(Refused, match=says):
        Desk("cpu").open(request_)


def test_what_a_film_refuses(files: dict[str, str], tmp_path: Path) -> None:
    desk = Desk("cpu")
    for request, says in (
        (Unmask("a", files["masked"], "And Mose"), "Moses"),
        (Unmask("a", files["masked"], settings={"block": 3}), "do not divide 8"),
        (Unmask("a", files["masked"], settings={"order": "best"}), "cannot be 'best'"),
        (Unmask("a", files["masked"], start=np.array([99])), "holds the id 99"),
    ):
        with pytest.raises(Refused, match=says):
            desk.open(request)
    points = save(Run(small("mixture")), tmp_path / "points")
    with pytest.raises(Refused, match="model of points"):
        desk.open(Unmask("a", str(points)))


def test_through_the_engine(files: dict[str, str]) -> None:
    """Steps come in order and whole; a sweep and a judgement go on after the film is done."""
    bench = Bench()
    try:
        bench.send(Unmask("film", files["masked"], "", 8, {"steps": 4}, steps=None))
        bench.wait(lambda: bool(bench.heard.get("film")) and bench.heard["film"][-1].state == DONE)
        bench.send(Judge("film", (4,)))
        bench.send(Sweep("film", ("random",), (2,), samples=1))

        def heard(kind: type) -> list[Any]:
            return [one for snapshot in bench.heard["film"] for one in snapshot.reports if isinstance(one, kind)]

        bench.wait(lambda: bool(heard(SweepPoint)) and bool(heard(Answer)))
        assert [one.step for one in heard(TokenStep)] == [0, 1, 2, 3, 4]
        assert len(heard(TokenFilmReport)) == 1
        bench.send(Play("film", 1))
        bench.send(Cancel("film"))
    finally:
        assert bench.worker.close()
