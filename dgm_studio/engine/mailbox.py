"""The mailbox: pictures are latest-wins, scalars and frames are never lost, and there is no unbounded signal queue."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np

from dgm_studio.core.arrays import frozen
from dgm_studio.core.reports import Answer, Beat, Failure, FrameReport, Picture, Refusal, Report, RunReport
from dgm_studio.core.snapshot import DESK, PAUSED, Snapshot


class _Slot:
    """What one lane has said since the last take."""

    def __init__(self, opened: int) -> None:
        self.opened = opened
        self.state = PAUSED
        self.step = 0
        self.next_beat = ""
        self.watching = False
        self.empty()

    def empty(self) -> None:
        self.values: dict[str, tuple[list[int], list[float]]] = {}
        self.pictures: dict[str, Picture | Refusal] = {}
        self.frames: list[FrameReport] = []
        self.reports: list[Report] = []

    def add(self, report: Beat | Report) -> None:
        if isinstance(report, Beat):
            self.step = report.step if report.ends_step else report.step - 1
            self.next_beat = report.next
            for name, value in report.values.items():
                steps, values = self.values.setdefault(name, ([], []))
                steps.append(report.step)
                values.append(value)
        elif isinstance(report, (Picture, Refusal)):
            self.pictures[report.ask.key] = report
        elif isinstance(report, FrameReport):
            self.frames.append(report)
        else:
            self.reports.append(report)
            if isinstance(report, RunReport):
                self.step = report.recipe.step

    def replies(self) -> list[Report]:
        """Answers and failures of single requests: they hold, whatever became of the lane."""
        kinds = (Answer, Failure)
        return [one for one in self.reports if isinstance(one, kinds) and one.request not in (0, self.opened)]

    def snapshot(self, lane: str) -> Snapshot:
        return Snapshot(
            lane=lane,
            opened=self.opened,
            state=self.state,
            step=self.step,
            next_beat=self.next_beat,
            values={name: (frozen(np.array(s)), frozen(np.array(v))) for name, (s, v) in self.values.items()},
            pictures=self.pictures,
            frames=tuple(self.frames),
            reports=tuple(self.reports),
            watching=self.watching,
        )


class Mailbox:
    """One slot a lane. `wake` is called, on the worker's thread, once between two takes."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}
        self._changed: set[str] = set()

    def open(self, lane: str, opened: int) -> None:
        """A lane begins, or replaces one of its name: what the old one said and nobody took is dropped, but for
        its replies to requests (a file could not be written), which the desk hands over."""
        with self._lock:
            old = self._slots.get(lane)
            self._slots[lane] = _Slot(opened)
        self._mark(lane)
        for reply in old.replies() if old is not None else ():
            self.post(DESK, reply)

    def post(self, lane: str, *reports: Beat | Report) -> None:
        """Add reports to the lane's slot."""
        with self._lock:
            slot = self._slots.get(lane)
            if slot is None:
                slot = self._slots[lane] = _Slot(0)
            for report in reports:
                slot.add(report)
        self._mark(lane)

    def set_state(self, lane: str, state: str, watching: bool) -> None:
        """The lane's clock state, when it changed."""
        with self._lock:
            slot = self._slots[lane]
            if (slot.state, slot.watching) == (state, watching):
                return
            slot.state, slot.watching = state, watching
        self._mark(lane)

    def take(self) -> list[Snapshot]:
        """Everything said since the last take, a snapshot a lane; called on the window's thread."""
        with self._lock:
            snapshots = []
            for lane in sorted(self._changed):
                slot = self._slots[lane]
                snapshots.append(slot.snapshot(lane))
                slot.empty()
            self._changed.clear()
            return snapshots

    def _mark(self, lane: str) -> None:
        with self._lock:
            first = not self._changed
            self._changed.add(lane)
        if first:
            self._wake()
