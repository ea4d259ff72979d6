"""The real engine with the real desk, headless: what the window will do, without a window."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec, PointSet
from dgm_studio.core.film import Film
from dgm_studio.core.reports import Answer, CatalogueReport, Failure, Picture, Report, RunReport
from dgm_studio.core.requests import (
    Cancel,
    Change,
    Device,
    GoBack,
    Import,
    Inspect,
    Look,
    NewData,
    Open,
    Pause,
    Play,
    PlayBeats,
    Request,
    Save,
    Shoot,
    Train,
)
from dgm_studio.core.snapshot import DESK, DONE, FAILED, PAUSED, PLAYING, Snapshot
from dgm_studio.core.table import ImportChoice, Table
from dgm_studio.engine.worker import Worker
from dgm_studio.lab.native import load
from dgm_studio.lab.run import Run
from dgm_studio.wake import wake
from tests.lab.recipes import ALL, assert_same, go, small


class Bench:
    """A worker with everything it has said, by lane."""

    def __init__(self) -> None:
        self.heard: dict[str, list[Snapshot]] = {}
        self.woken = threading.Event()
        self.worker = Worker(lambda: wake("cpu"), self.woken.set)
        self.worker.start()

    def send(self, request: Request) -> Request:
        self.worker.send(request)
        return request

    def wait(self, done: Callable[[], bool], seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not done():
            self.woken.wait(0.02)
            self.woken.clear()
            for snapshot in self.worker.mailbox.take():
                self.heard.setdefault(snapshot.lane, []).append(snapshot)
            assert time.monotonic() < end, "the worker did not get there in time"

    def reports(self, lane: str) -> list[Report]:
        return [report for one in self.heard.get(lane, []) for report in one.reports]

    def reply(self, request: Request, lane: str | None = None) -> Any:
        """The answer to a request, or the failure it met."""
        where = request.lane if lane is None else lane

        def found() -> list[Any]:
            every = self.reports(where) + self.reports(DESK)
            return [r for r in every if isinstance(r, (Answer, Failure)) and r.request == request.id]

        self.wait(lambda: bool(found()))
        one = found()[0]
        return one.value if isinstance(one, Answer) else one

    def is_at(self, lane: str, step: int, state: str = PAUSED) -> bool:
        last = self.heard.get(lane, [None])[-1]
        return last is not None and last.step == step and last.state == state

    def run_report(self, lane: str) -> RunReport:
        return [r for r in self.reports(lane) if isinstance(r, RunReport)][-1]


@pytest.fixture
def bench() -> Iterator[Bench]:
    before = threading.active_count()
    bench = Bench()
    yield bench
    assert bench.worker.close()
    assert threading.active_count() == before


def test_the_catalogue_comes_first(bench: Bench) -> None:
    bench.wait(lambda: bool(bench.reports(DESK)))
    first = bench.reports(DESK)[0]
    assert isinstance(first, CatalogueReport)
    catalogue = first.catalogue
    assert set(ALL) == set(catalogue.families)
    assert "moons" in catalogue.data
    assert "samples" in catalogue.views
    assert catalogue.devices[-1] == "cpu"
    assert {"torch", "Python"} <= set(catalogue.versions)
    assert {entry.thumbnail.shape[1] for entry in catalogue.data.values()} == {1, 2}


@pytest.mark.parametrize("family", ALL)
def test_train_play_save_open_and_go_on(family: str, bench: Bench, tmp_path: Path) -> None:
    recipe = small(family)
    asks = (Ask("samples", count=20), Ask("density", resolution=6))
    bench.send(Train("a", recipe, asks))
    bench.send(Play("a", 30))
    bench.wait(lambda: bench.is_at("a", 30))
    save = bench.send(Save("a", str(tmp_path / "a")))
    path = bench.reply(save)
    assert bench.run_report("a").path == path
    assert Path(path).exists()
    bench.send(Open("b", path))
    bench.wait(lambda: bench.is_at("b", 30))
    report = bench.run_report("b")
    alone = Run(recipe)
    go(alone, 30)
    assert report.restored_losses is not None
    for name, (steps, values) in alone.loss_arrays().items():
        assert np.array_equal(report.restored_losses[name][0], steps)
        assert np.array_equal(report.restored_losses[name][1], values)
    bench.send(Play("b", 5))
    bench.wait(lambda: bench.is_at("b", 35))
    again = bench.send(Save("b", str(tmp_path / "b"), keep=False))
    go(alone, 5)
    assert_same(load(bench.reply(again)), alone)
    assert bench.run_report("b").path == path, "a safety copy is not the run's file"
    name = next(iter(alone.losses))
    heard = [step for one in bench.heard["b"] for step in one.values.get(name, ((), ()))[0]]
    assert heard == [step for step in alone.losses[name][0] if step > 30]


def test_a_film_beside_training(bench: Bench) -> None:
    bench.send(Train("a", small("diffusion"), steps=3))
    bench.wait(lambda: bench.is_at("a", 3))
    bench.send(Play("a"))
    bench.send(Shoot("film", "a", {"steps": 9}, count=15, seed=4, steps=None))
    bench.wait(lambda: bench.heard.get("film", [])[-1:] != [] and bench.heard["film"][-1].state == DONE)
    frames = [one for snapshot in bench.heard["film"] for one in snapshot.frames]
    assert len(frames) == 10 == frames[0].total
    assert Film.of(one.frame for one in frames).x.shape == (10, 15, 2)
    assert bench.heard["a"][-1].state == PLAYING
    bench.send(Pause("a"))
    bench.wait(lambda: bench.heard["a"][-1].state == PAUSED)


def test_live_changes_are_reported_back(bench: Bench) -> None:
    bench.send(Train("a", small("gan"), steps=2))
    bench.wait(lambda: bench.is_at("a", 2))
    bench.send(Change("a", "training", "d_beats", 3))
    bench.send(Change("a", "sampling", "truncation", 0.5))
    bench.send(NewData("a", DataSpec("circles", {}, 100)))
    bench.wait(lambda: bool(bench.reports("a")) and len(bench.run_report("a").recipe.edits) == 2)
    report = bench.run_report("a")
    assert len(report.beats) == 4
    assert report.recipe.sampling["truncation"] == 0.5
    assert report.recipe.data_now().name == "circles"
    assert report.recipe.data.name == "moons"
    bench.send(PlayBeats("a", 2))
    bench.wait(lambda: bench.heard["a"][-1].next_beat == report.beats[2])
    assert bench.is_at("a", 2)


def test_a_refused_change_leaves_the_lane_running(bench: Bench) -> None:
    bench.send(Train("a", small("vae"), steps=None))
    bench.wait(lambda: bool(bench.heard.get("a")))
    failure = bench.reply(bench.send(Change("a", "training", "batch", -4)))
    assert isinstance(failure, Failure)
    assert "must be between" in failure.sentence
    before = bench.heard["a"][-1].step
    bench.wait(lambda: bench.heard["a"][-1].step > before + 3)
    assert bench.heard["a"][-1].state == PLAYING


def test_divergence_fails_its_lane_and_going_back_mends_it(bench: Bench) -> None:
    bench.send(Train("good", small("vae"), steps=None))
    bench.send(Train("a", small("diffusion", learning_rate=1e3), steps=None))
    bench.wait(lambda: bool(bench.heard.get("a")) and bench.heard["a"][-1].state == FAILED)
    failure = next(r for r in bench.reports("a") if isinstance(r, Failure))
    assert failure.remedy == "halve-learning-rate"
    assert "diverged" in failure.sentence
    before = bench.heard["good"][-1].step
    bench.wait(lambda: bench.heard["good"][-1].step > before)
    bench.send(GoBack("a", 0.5))
    bench.wait(lambda: bench.heard["a"][-1].state == PAUSED)
    report = bench.run_report("a")
    assert report.recipe.edits[-1].value == 500.0
    bench.send(Change("a", "training", "learning_rate", 1e-3))
    bench.send(Play("a", 3))
    bench.wait(lambda: bench.is_at("a", report.recipe.step + 3))


@pytest.mark.parametrize("keep", [False, True])
def test_saving_what_diverged_saves_the_last_good_weights(keep: bool, bench: Bench, tmp_path: Path) -> None:
    bench.send(Train("a", small("vae"), steps=103))
    bench.wait(lambda: bench.is_at("a", 103))
    bench.send(Change("a", "training", "learning_rate", 1e3))
    bench.send(Play("a"))
    bench.wait(lambda: bench.heard["a"][-1].state == FAILED)
    opened = load(bench.reply(bench.send(Save("a", str(tmp_path / "v"), keep))))
    alone = Run(small("vae"))
    go(alone, 100)
    assert_same(opened, alone)
    assert bench.run_report("a").recipe == alone.recipe
    bench.send(Play("a", 5))
    bench.wait(lambda: bench.is_at("a", 105))


def test_pictures_follow_the_asks(bench: Bench) -> None:
    bench.send(Train("a", small("realnvp"), steps=2))
    bench.send(Look("a", (Ask("samples", count=10),)))
    bench.wait(lambda: any("samples" in one.pictures for one in bench.heard.get("a", [])))
    picture = next(one.pictures["samples"] for one in bench.heard["a"] if "samples" in one.pictures)
    assert isinstance(picture, Picture)
    assert all(not array.flags.writeable for array in picture.arrays.values())


def test_inspect_and_import(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("height,weight,who\n180,80,a\n170,70,b\n160,65,a\n")
    table = bench.reply(bench.send(Inspect("import", str(path), steps=None)))
    assert isinstance(table, Table)
    assert table.columns == ("height", "weight", "who")
    assert table.rows == 3
    assert table.numeric == (True, True, False)
    choice = ImportChoice(("height", "weight"), "who")
    points = bench.reply(bench.send(Import("import", str(path), choice, steps=None)))
    assert isinstance(points, PointSet)
    assert points.points.tolist()[0] == [180, 80]
    assert set(points.labels) == {0, 1}
    bench.send(Train("a", small("vae", DataSpec("t", points=points)), steps=2))
    bench.wait(lambda: bench.is_at("a", 2))


def test_a_long_import_can_be_cancelled_and_training_goes_on_beside_it(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(b"x,y\n" + b"1.25,2.5\n2.5,1.25\n" * 450_000)
    bench.send(Train("a", small("vae"), steps=None))
    bench.send(Import("import", str(path), ImportChoice(("x", "y")), steps=None))
    before = len(bench.heard.get("a", []))
    bench.wait(lambda: len(bench.heard.get("a", [])) > before + 2)
    start = time.monotonic()
    bench.send(Cancel("import"))
    bench.wait(lambda: bench.heard.get("import", [])[-1:] != [] and bench.heard["import"][-1].state == DONE)
    assert time.monotonic() - start < 0.5
    assert not multiprocessing.active_children()
    assert not any(isinstance(report, Answer) for report in bench.reports("import"))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Inspect("import", "/nowhere.csv", steps=None), "no file"),
        (Device(DESK, "warp-drive"), "has no device 'warp-drive'. Choose"),
        (Open("b", "/nowhere.safetensors"), "no file"),
        (Shoot("film", "nobody", {}), "no model to film"),
        (Train("b", small("vae", DataSpec("mons"))), "Did you mean moons"),
    ],
)
def test_what_cannot_be_done_fails_alone(request_: Request, words: str, bench: Bench) -> None:
    failure = bench.reply(bench.send(request_))
    assert isinstance(failure, Failure)
    assert words in failure.sentence
    bench.send(Train("a", small("vae"), steps=1))
    bench.wait(lambda: bench.is_at("a", 1))


def test_the_device_may_be_named_again(bench: Bench) -> None:
    bench.send(Train("a", small("vae"), steps=1))
    assert bench.reply(bench.send(Device(DESK, "cpu", 1))) == "cpu"
    bench.send(Play("a", 1))
    bench.wait(lambda: bench.is_at("a", 2))


def test_a_cancelled_model_can_no_longer_be_filmed(bench: Bench) -> None:
    bench.send(Train("a", small("vae"), steps=1))
    bench.send(Cancel("a"))
    bench.wait(lambda: bench.heard.get("a", [])[-1:] != [] and bench.heard["a"][-1].state == DONE)
    failure = bench.reply(bench.send(Shoot("film", "a", {})))
    assert isinstance(failure, Failure)
    assert "no model" in failure.sentence


def test_a_failed_opening_leaves_the_old_lane_alone(bench: Bench) -> None:
    first = bench.send(Train("a", small("vae"), steps=4))
    bench.wait(lambda: bench.is_at("a", 4))
    failure = bench.reply(bench.send(Open("a", "/nowhere.safetensors")))
    assert isinstance(failure, Failure)
    bench.send(Play("a", 1))
    bench.wait(lambda: bench.is_at("a", 5))
    assert bench.heard["a"][-1].opened == first.id
