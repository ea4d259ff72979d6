"""The worker: lanes, budgets, fairness, mailbox, failure, cancel, clean close."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator

import pytest

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Answer, CatalogueReport, Failure, Report
from dgm_studio.core.requests import Cancel, GoBack, Look, Pause, Play, PlayBeats, Request
from dgm_studio.core.snapshot import DESK, DONE, FAILED, PAUSED, PLAYING, Snapshot
from dgm_studio.engine.worker import Worker
from tests.engine.plain_backend import Count, PlainBackend


class Bench:
    """A worker with everything it has said, by lane."""

    def __init__(self) -> None:
        self.backend = PlainBackend()
        self.woken = threading.Event()
        self.wakes = 0
        self.heard: dict[str, list[Snapshot]] = {}
        self.worker = Worker(lambda: self.backend, self._wake)
        self.worker.start()

    def _wake(self) -> None:
        self.wakes += 1
        self.woken.set()

    def send(self, request: Request) -> int:
        self.worker.send(request)
        return request.id

    def wait(self, done: Callable[[], bool], seconds: float = 5.0) -> None:
        """Take what comes until `done`."""
        end = time.monotonic() + seconds
        while not done():
            self.woken.wait(0.02)
            self.woken.clear()
            for snapshot in self.worker.mailbox.take():
                self.heard.setdefault(snapshot.lane, []).append(snapshot)
            assert time.monotonic() < end, "the worker did not get there in time"

    def last(self, lane: str) -> Snapshot:
        return self.heard[lane][-1]

    def state(self, lane: str) -> str:
        return self.last(lane).state if lane in self.heard else ""

    def steps(self, lane: str) -> list[int]:
        found: list[int] = []
        for snapshot in self.heard.get(lane, []):
            found += list(snapshot.values.get("value", ((), ()))[0])
        return found


@pytest.fixture
def bench() -> Iterator[Bench]:
    before = threading.active_count()
    bench = Bench()
    yield bench
    assert bench.worker.close()
    assert threading.active_count() == before


def test_the_first_reply_is_the_catalogue(bench: Bench) -> None:
    bench.wait(lambda: DESK in bench.heard)
    assert isinstance(bench.heard[DESK][0].reports[0], CatalogueReport)


def test_a_lane_waits_paused_and_runs_exactly_the_steps_asked(bench: Bench) -> None:
    bench.send(Count("a"))
    bench.wait(lambda: bench.state("a") == PAUSED)
    bench.send(Play("a", 7))
    bench.wait(lambda: len(bench.steps("a")) == 7 and bench.state("a") == PAUSED)
    assert bench.steps("a") == list(range(1, 8))


def test_scalars_are_never_lost_though_nobody_takes_them(bench: Bench) -> None:
    bench.send(Count("a", steps=5_000))
    end = time.monotonic() + 5
    while "a" not in bench.backend.tasks or bench.backend.tasks["a"].step < 5_000:
        time.sleep(0.005)
        assert time.monotonic() < end
    assert bench.wakes == 1, "one wake between two takes"
    bench.wait(lambda: len(bench.steps("a")) == 5_000)
    assert bench.steps("a") == list(range(1, 5_001))


def test_beats_can_be_stepped_one_by_one(bench: Bench) -> None:
    bench.send(Count("a", beats_per_step=2))
    bench.send(PlayBeats("a", 1))
    bench.wait(lambda: len(bench.steps("a")) == 1)
    assert bench.backend.tasks["a"].step == 0
    bench.send(Play("a", 1))
    bench.wait(lambda: bench.backend.tasks["a"].step == 1 and bench.state("a") == PAUSED)
    assert bench.backend.tasks["a"].beat == 2, "the step under way is finished, not begun anew"


def test_pause_acts_within_200_ms_at_random_moments(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.004, steps=None))
    bench.wait(lambda: bench.state("a") == PLAYING)
    for wait in (0.0, 0.003, 0.011, 0.019, 0.027):
        bench.send(Play("a"))
        time.sleep(wait)
        start = time.monotonic()
        bench.send(Pause("a"))
        bench.wait(lambda: bench.state("a") == PAUSED and bench.worker._inbox.empty())
        assert time.monotonic() - start < 0.2


def test_two_playing_lanes_share_the_thread_fairly(bench: Bench) -> None:
    bench.send(Count("slow", seconds=0.008, steps=None))
    bench.send(Count("fast", seconds=0.002, steps=None))
    bench.wait(lambda: len(bench.steps("slow")) >= 40)
    tasks = bench.backend.tasks
    assert 0.6 < tasks["fast"].clock_seconds / tasks["slow"].clock_seconds < 1.6


def test_views_get_less_than_a_tenth_while_the_clock_runs_and_all_of_it_when_paused(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.002, view_seconds=0.02, asks=(Ask("samples"), Ask("density")), steps=None))
    bench.wait(lambda: len(bench.steps("a")) >= 300)
    task = bench.backend.tasks["a"]
    assert 0.03 < task.view_seconds / (task.view_seconds + task.clock_seconds) < 0.12
    bench.send(Pause("a"))
    bench.wait(lambda: bench.state("a") == PAUSED and task.shown == task.step)
    assert bench.backend.tasks["a"].shown == task.step


def test_what_views_took_while_paused_is_not_held_against_them(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.002, view_seconds=0.4, asks=(Ask("samples"),)))
    bench.wait(lambda: bench.heard.get("a", []) != [] and bench.backend.tasks["a"].shown == 0)
    task = bench.backend.tasks["a"]
    task.request = Count("a", seconds=0.002, view_seconds=0.005, asks=task.asks)
    bench.send(Play("a", None))
    bench.wait(lambda: task.shown > 0)
    assert task.clock_seconds < 1.0, "0.4 s of views at a tenth would be 3.6 s of waiting"


def test_pictures_are_latest_wins(bench: Bench) -> None:
    bench.send(Count("a", asks=(Ask("samples"),), steps=50))
    task = None
    end = time.monotonic() + 5
    while task is None or task.step < 50 or task.shown < 50:
        task = bench.backend.tasks.get("a")
        time.sleep(0.005)
        assert time.monotonic() < end
    bench.wait(lambda: "a" in bench.heard)
    pictures = [s.pictures["samples"] for s in bench.heard["a"] if "samples" in s.pictures]
    assert pictures[-1].step == 50  # type: ignore[union-attr]


def test_asks_may_change_while_running(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.001, steps=None))
    bench.send(Look("a", (Ask("density"),)))
    bench.wait(lambda: any("density" in s.pictures for s in bench.heard.get("a", [])))
    bench.send(Look("a", ()))
    bench.send(Pause("a"))
    bench.wait(lambda: bench.state("a") == PAUSED)
    assert bench.backend.tasks["a"].asks == ()


def test_a_failure_ends_its_own_lane_only_and_can_be_mended(bench: Bench) -> None:
    bench.send(Count("good", seconds=0.001, steps=None))
    bench.send(Count("bad", fail_at=3, steps=None))
    bench.wait(lambda: bench.state("bad") == FAILED)
    failures = [r for s in bench.heard["bad"] for r in s.reports if isinstance(r, Failure)]
    assert failures[0].sentence == "the count failed"
    before = len(bench.steps("good"))
    bench.wait(lambda: len(bench.steps("good")) > before + 5)
    bench.send(GoBack("bad"))
    bench.send(Play("bad", 2))
    bench.wait(lambda: bench.steps("bad")[-1:] == [5])
    assert bench.steps("bad") == [1, 2, 3, 4, 5]


def test_a_request_nobody_can_answer_fails_alone(bench: Bench) -> None:
    asked = bench.send(Look(DESK, ()))
    bench.wait(lambda: any(r for s in bench.heard.get(DESK, []) for r in s.reports if isinstance(r, Failure)))
    failure = next(r for s in bench.heard[DESK] for r in s.reports if isinstance(r, Failure))
    assert failure.request == asked
    bench.send(Count("a", steps=1))
    bench.wait(lambda: bench.steps("a") == [1])


def test_views_that_cannot_begin_stop_no_clock(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.001, steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 3)
    task = bench.backend.tasks["a"]

    def watch() -> None:
        raise MemoryError("no room for a copy")

    task.watch = watch  # type: ignore[method-assign]
    bench.wait(lambda: any(isinstance(one, Failure) for s in bench.heard["a"] for one in s.reports))
    before = len(bench.steps("a"))
    bench.wait(lambda: len(bench.steps("a")) > before + 5)
    bench.send(Pause("a"))
    bench.wait(lambda: bench.state("a") == PAUSED)


def test_views_of_a_lane_that_long_stood_still_do_not_hold_another_up(bench: Bench) -> None:
    bench.send(Count("still", view_seconds=0.02))
    bench.send(Count("playing", seconds=0.002, steps=None))
    bench.wait(lambda: len(bench.steps("playing")) >= 200)
    still, playing = bench.backend.tasks["still"], bench.backend.tasks["playing"]
    before = playing.clock_seconds
    bench.send(Look("still", (Ask("samples"),)))
    for _ in range(12):
        still.shown = -1
        bench.wait(lambda: still.shown == 0)
    assert still.view_seconds < 0.3 * (playing.clock_seconds - before)


def test_a_reply_nobody_has_taken_outlives_its_lane(bench: Bench) -> None:
    bench.send(Count("a"))
    bench.wait(lambda: "a" in bench.heard)
    task = bench.backend.tasks["a"]

    def receive(request: Request) -> Iterable[Report]:
        time.sleep(0.1)  # what follows waits in the inbox, so that nobody can take the reply between the two
        raise OSError("the disk is full")

    task.receive = receive  # type: ignore[method-assign]
    asked = [bench.send(GoBack("a"))]
    bench.send(Count("a"))
    bench.wait(lambda: any(isinstance(one, Failure) for one in _desk(bench)))
    assert [one.request for one in _desk(bench) if isinstance(one, (Answer, Failure))] == asked


def _desk(bench: Bench) -> list[Report]:
    return [report for snapshot in bench.heard.get(DESK, []) for report in snapshot.reports]


def test_a_lane_of_the_same_name_is_replaced_and_says_so(bench: Bench) -> None:
    first = bench.send(Count("a", seconds=0.001, steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 3)
    second = bench.send(Count("a"))
    bench.wait(lambda: bench.last("a").opened == second)
    assert {s.opened for s in bench.heard["a"]} == {first, second}
    assert bench.backend.log == ["a clock closed", "a closed"]


def test_cancel_closes_the_generators_and_later_commands_are_stale(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.001, steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 3)
    bench.send(Cancel("a"))
    bench.send(Play("a"))
    bench.wait(lambda: bench.state("a") == DONE)
    assert bench.backend.log == ["a clock closed", "a closed"]


def test_a_finished_clock_is_done(bench: Bench) -> None:
    bench.send(Count("a", end=4, steps=None))
    bench.wait(lambda: bench.state("a") == DONE)
    assert bench.steps("a") == [1, 2, 3, 4]


def test_closing_ends_the_thread_while_flat_out_and_closes_every_generator() -> None:
    bench = Bench()
    bench.send(Count("a", seconds=0.02, steps=None))
    bench.send(Count("b", seconds=0.02, view_seconds=0.02, asks=(Ask("samples"),), steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 2)
    start = time.monotonic()
    assert bench.worker.close()
    assert time.monotonic() - start < 0.2
    assert sorted(bench.backend.log) == ["a clock closed", "a closed", "b clock closed", "b closed"]


def test_a_backend_that_cannot_be_made_is_said() -> None:
    woken = threading.Event()

    def factory() -> PlainBackend:
        raise ImportError("no torch here")

    worker = Worker(factory, woken.set)
    worker.start()
    assert woken.wait(2)
    worker.close()
    failure = worker.mailbox.take()[0].reports[0]
    assert isinstance(failure, Failure)
    assert "no torch here" in failure.sentence


def test_a_lane_that_takes_long_to_open_holds_up_nobody(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.001, steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 3)
    bench.send(Count("b", slices=30))
    bench.send(Play("b", 2))
    before = len(bench.steps("a"))
    bench.wait(lambda: len(bench.steps("a")) > before + 5)
    assert "b" not in bench.heard, "it is still being prepared"
    bench.wait(lambda: bench.steps("b") == [1, 2])


def test_what_is_replaced_goes_on_until_the_new_lane_is_open(bench: Bench) -> None:
    bench.send(Count("a", seconds=0.001, steps=None))
    bench.wait(lambda: len(bench.steps("a")) > 3)
    failing = bench.send(Count("a", slices=-1))
    bench.wait(lambda: any(isinstance(one, Failure) and one.request == failing for one in bench.last("a").reports))
    assert bench.state("a") == PLAYING
    bench.send(Count("a", slices=1_000))
    bench.send(Count("a", slices=3, end=2, steps=None))
    bench.wait(lambda: bench.state("a") == DONE)
    assert bench.backend.log == ["a called off", "a clock closed", "a closed", "a clock closed"]


def test_closing_waits_for_no_preparation() -> None:
    bench = Bench()
    bench.send(Count("a", slices=10_000))
    bench.wait(lambda: DESK in bench.heard)
    time.sleep(0.05)
    began = time.monotonic()
    assert bench.worker.close()
    assert time.monotonic() - began < 0.5
    assert bench.backend.log == ["a called off"]
