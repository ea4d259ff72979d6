"""Asks the worker how the text of each step compares with the corpus, and keeps the answers while the film lasts."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from dgm_studio.core.unmasking import TextQuality
from dgm_studio.gui.panels.text.lane import TokenLane
from dgm_studio.gui.panels.text.quality import QualityReadouts

AT_ONCE = 8
"""Steps a request: each takes the worker a few milliseconds."""


class Judge(QObject):
    """The step in sight first; of a whole film then the others, so that scrubbing needs no worker."""

    def __init__(self, lane: TokenLane, readouts: QualityReadouts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.known: dict[int, TextQuality] = {}
        self._lane, self._readouts = lane, readouts
        self._asked: set[int] = set()
        self._index = 0
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._ask)
        lane.judged.connect(self._take)
        lane.whole.connect(self._next.start)

    def forget(self) -> None:
        """Another film."""
        self.known, self._asked = {}, set()
        self._next.start()

    def show(self, index: int) -> None:
        """The read-outs of the moment that is shown, as soon as they are known."""
        self._index = index
        film = self._lane.film
        if film is None or not film.moments:
            return
        step = film.moments[min(index, len(film.moments) - 1)].at.step
        self._readouts.show_quality(self.known.get(step))
        if step not in self.known:
            self._next.start()

    def _ask(self) -> None:
        film = self._lane.film
        if film is None or not film.moments or self._asked - set(self.known) or self._lane.making:
            return
        steps = [moment.at.step for moment in film.moments]
        here = steps[min(self._index, len(steps) - 1)]
        missing = sorted((one for one in steps if one not in self._asked), key=lambda one: abs(one - here))[:AT_ONCE]
        if missing:
            self._asked |= set(missing)
            self._lane.judge(tuple(missing))

    def _take(self, found: tuple[TextQuality, ...]) -> None:
        self.known.update({one.step: one for one in found})
        self.show(self._index)
        self._next.start()
