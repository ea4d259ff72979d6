"""The window's side of a likelihood: the newest point's way and its numbers, each better than the last."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Value
from dgm_studio.core.likelihood import LikelihoodReport, Weigh
from dgm_studio.core.reports import Failure
from dgm_studio.core.snapshot import DONE, Snapshot
from dgm_studio.gui.link import Link

LANE = "likelihood point"
PLANE = 2


class LikelihoodLane(QObject):
    """`finished` with the first answer to a point, which a dragged one waits for; `told` with every one."""

    finished = Signal()
    told = Signal(object)
    """A core.likelihood.LikelihoodReport."""

    failed = Signal(object)

    def __init__(self, link: Link, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.report: LikelihoodReport | None = None
        self.frames: list[Frame] = []
        """The way of the newest answer, from noise to data, drawn in the plane: a line's points lie at height 0."""
        self.making = self.whole = False
        self._link = link
        self._sent = 0
        self._first = False
        link.hasten(LANE)
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    def weigh(
        self, source: str, point: Array, sampling: Mapping[str, Value], *, exact: bool, settings: Mapping[str, int]
    ) -> None:
        """Ask for log p of this point (d,); answers to earlier ones are dropped."""
        self.making, self.whole, self._first = True, False, True
        request = Weigh(LANE, source, point, dict(sampling), exact, **settings, steps=None)
        self._sent = request.id
        self._link.send(request)

    def forget(self) -> None:
        """Another model: nothing is known of it."""
        self.report, self.frames, self._sent = None, [], -1
        self.making = self.whole = False

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != LANE or snapshot.opened != self._sent:
            return
        for report in snapshot.reports:
            if isinstance(report, LikelihoodReport):
                self._show(report)
        if snapshot.state == DONE:
            self.making, self.whole = False, True

    def _show(self, report: LikelihoodReport) -> None:
        self.report, self.making = report, False
        x = report.x[:, :PLANE]
        if x.shape[1] < PLANE:
            x = np.column_stack((x, np.zeros(len(x))))
        labels = report.labels or ("",) * len(x)
        self.frames = [
            Frame(float(t), frozen(np.array(place[None])), label=label)
            for t, place, label in zip(report.t, x, labels, strict=True)
        ]
        first, self._first = self._first, False
        if first:
            self.finished.emit()
        self.told.emit(report)

    def _fail(self, lane: str, failure: Failure) -> None:
        if failure.request == self._sent != 0:
            self.making = False
            self.whole = True
            self.failed.emit(failure)
