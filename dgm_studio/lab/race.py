"""A race: two to six runs on the same data, on equal gradient steps or equal time, sharing one lane."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

from dgm_studio.core.ask import Ask
from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.reports import Answer, Beat, RaceReport, Report
from dgm_studio.core.requests import EQUAL_STEPS, EQUAL_TIME, Look, Pace, Request, SaveRunner
from dgm_studio.families.family import Family
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.watcher import Watcher

FEWEST, MOST = 2, 6


class Runner:
    """One run of a race: its clock, its seconds so far, and its own watcher."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.beats = run.beats()
        self.seconds = 0.0
        self.out = ""
        """Why it is out of the race, "" while it runs."""
        self.watcher = Watcher(())
        self._shadow: Family | None = None

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of its present step."""
        return self.watcher.round((self.run.fit.step, self.run.fit.beat), self._scene)

    def _scene(self) -> Scene:
        scene = self.run.scene(None if self.watcher.busy else self._shadow)
        self._shadow = scene.model
        return scene


class RaceTask:
    """The next beat belongs to the runner that is behind: in steps, or in seconds of its own training.

    Scalars are named "runner/name"; pictures' asks carry the runner's number. A runner that diverges is out, at its
    last good weights; the others go on.
    """

    weight = 1.0

    def __init__(self, runs: Iterable[Run], pace: str, asks: tuple[Ask, ...]) -> None:
        self.runners = [Runner(run) for run in runs]
        if not FEWEST <= len(self.runners) <= MOST:
            raise Refused(f"A race has {FEWEST} to {MOST} runs; this one has {len(self.runners)}.")
        self.closed = False
        self._turn = 0
        self.pace = _known(pace)
        self._look(asks)

    def report(self) -> RaceReport:
        """Who runs, by what clock."""
        return RaceReport(tuple(runner.run.report() for runner in self.runners), self.pace, self._out())

    def beats(self) -> Iterator[Beat | Report | None]:
        """Without end, or until all are out."""
        while racing := [runner for runner in self.runners if not runner.out]:
            runner = min(racing, key=self._done)
            begun = time.perf_counter()
            try:
                beat = next(runner.beats)
            except Diverged as diverged:
                runner.run.go_back()
                runner.out = f"diverged at step {diverged.step:,}: its loss became {diverged.value:.3g}"
                yield self.report()
                continue
            runner.seconds += time.perf_counter() - begun
            number = self.runners.index(runner)
            values = {f"{number}/{name}": value for name, value in beat.values.items()}
            yield replace(beat, values={**values, f"{number}/seconds": runner.seconds}, next="")

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of each runner in turn."""
        for _ in self.runners:
            number = self._turn = (self._turn + 1) % len(self.runners)
            if (pictures := self.runners[number].watch()) is not None:
                return pictures
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """Look, Pace, SaveRunner."""
        match request:
            case Look(asks=asks):
                self._look(asks)
                return ()
            case Pace(pace=pace):
                self.pace = _known(pace)
                return (self.report(),)
            case SaveRunner(path=path, runner=runner):
                if not 0 <= runner < len(self.runners):
                    raise Refused(f"There is no run {runner + 1} in this race; there are {len(self.runners)}.")
                return (Answer(request.id, str(save(self.runners[runner].run, path))),)
        raise TypeError(f"a race knows no {type(request).__name__}")

    def close(self) -> None:
        """The race ends."""
        self.closed = True

    def _done(self, runner: Runner) -> tuple[float, int]:
        amount = runner.run.fit.step if self.pace == EQUAL_STEPS else runner.seconds
        return amount, self.runners.index(runner)

    def _look(self, asks: tuple[Ask, ...]) -> None:
        for number, runner in enumerate(self.runners):
            runner.watcher.asks = tuple(ask for ask in asks if ask.runner == number)

    def _out(self) -> tuple[str, ...]:
        return tuple(runner.out for runner in self.runners)


def _known(pace: str) -> str:
    if pace not in (EQUAL_STEPS, EQUAL_TIME):
        raise Refused(f"There is no pace '{pace}'; choose {EQUAL_STEPS} or {EQUAL_TIME}.")
    return pace
