"""The window's side of a lane of tokens: the film that is being made, and what can be asked of its model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel, Corrupt, Judge, Pick, Recall, Sweep, Unmask
from dgm_studio.core.snapshot import DONE, Snapshot
from dgm_studio.core.unmasking import MANUAL, Corruption, SweepPoint, TokenFilmReport, TokenStep
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.text.film import TokenFilm


@dataclass(frozen=True, eq=False)
class Wish:
    """All that decides what a film shows. `start` (L,), where given, stands for prompt and length; `choice` is what was
    chosen of the settings of another program's file."""

    source: str
    settings: Mapping[str, Value]
    seed: int = 0
    prompt: str = ""
    length: int = 0
    start: Array | None = None
    branch: tuple[int, int, int] | None = None
    made: float = field(default_factory=time.perf_counter)
    choice: Mapping[str, str] = field(default_factory=dict)


class TokenLane(QObject):
    """One film of tokens by name. The film before stays until another is whole, so that what is shown never blinks;
    replies to a film that was replaced are dropped."""

    begun = Signal(object)
    """A TokenFilm is to be shown now, whole or growing."""

    grown = Signal()
    """The film that is shown has more steps."""

    whole = Signal()
    """The film that is shown has all its steps."""

    failed = Signal(object)
    recalled = Signal(object)
    """A tuple of TokenStep: some of the film's steps as other settings would show them."""

    swept = Signal(object)
    """A core.unmasking.SweepPoint."""

    judged = Signal(object)
    """A tuple of core.unmasking.TextQuality."""

    corrupted = Signal(object)
    """A core.unmasking.Corruption."""

    not_corrupted = Signal(object)
    """A Failure: why the sentence cannot be noised."""

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.film: TokenFilm | None = None
        """What is shown."""
        self.wish: Wish | None = None
        """What was asked for last."""
        self.making = False
        self.sweeping = False
        self.seconds = 0.0
        self._coming: TokenFilm | None = None
        self._told = False
        """Whether the worker has said what the film that was asked for is of."""
        self._link = link
        self._sent = 0
        self._asked: dict[int, str] = {}
        link.hasten(name)
        link.snapshot.connect(self._take)
        link.answered.connect(self._answer)
        link.failed.connect(self._fail)

    @property
    def steps_made(self) -> int:
        """Of the film that is being made, or was last."""
        film = self._coming if self._coming is not None else self.film
        return max(0, len(film.moments) - 1) if film is not None else 0

    @property
    def by_hand(self) -> bool:
        """Whether the film waits for picked positions."""
        return self.film is not None and self.film.report.settings.order == MANUAL

    def unmask(self, wish: Wish) -> None:
        """Make this film; it is shown when it is whole, at once where nothing is shown yet or it grows by hand."""
        self.wish, self.making, self.sweeping, self._coming, self._told = wish, True, False, None, False
        self._sent = self._link.send(
            Unmask(
                self.name, wish.source, wish.prompt, wish.length, dict(wish.settings), wish.seed, wish.branch,
                wish.start, dict(wish.choice), steps=None,
            )
        )  # fmt: skip

    def pick(self, position: int, token: int = -1) -> None:
        """The next step of a film by hand."""
        self._asked[self._link.send(Pick(self.name, position, token))] = "pick"

    def recall(self, steps: tuple[int, ...], settings: Mapping[str, Value]) -> None:
        """These steps as those settings would show them, from kept logits."""
        self._asked[self._link.send(Recall(self.name, steps, dict(settings)))] = "recall"

    def judge(self, steps: tuple[int, ...]) -> None:
        """The text after these steps against the corpus."""
        self._asked[self._link.send(Judge(self.name, steps))] = "judge"

    def sweep(self, orders: tuple[str, ...], steps: tuple[int, ...], seed: int, samples: int = 4) -> None:
        """Quality against the number of steps; no orders stop it."""
        self.sweeping = bool(orders)
        self._asked[self._link.send(Sweep(self.name, orders, steps, samples, seed))] = "sweep"

    def corrupt(self, text: str, seed: int) -> None:
        """Noise for a sentence."""
        self._asked[self._link.send(Corrupt(self.name, text, seed))] = "corrupt"

    def cancel(self) -> None:
        """Forget the lane."""
        self.making = self.sweeping = False
        self._link.send(Cancel(self.name))

    def forget(self) -> None:
        """Nothing is shown: the next film is shown as it comes."""
        self.film = self._coming = None

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened != self._sent:
            return
        grown = False
        for report in snapshot.reports:
            if isinstance(report, TokenFilmReport):
                self._coming, self._told = TokenFilm(report), True
                if self.film is None or report.settings.order == MANUAL:
                    self._show()
            elif isinstance(report, TokenStep):
                grown = self._add(report) or grown
            elif isinstance(report, SweepPoint):
                self.sweeping = report.done < report.total
                self.swept.emit(report)
        if grown:
            self.grown.emit()
        if self.making and self._told:  # else there is only the film before
            self._judge(snapshot.state)

    def _add(self, step: TokenStep) -> bool:
        """Whether it belongs to what is shown."""
        film = self._coming if self._coming is not None else self.film
        if film is not None:
            film.add(step)
        return film is not None and film is self.film

    def _judge(self, state: str) -> None:
        """Whether the film is whole: it has its last step, waits for a hand, or its lane has ended."""
        film = self._coming if self._coming is not None else self.film
        if film is None or not film.moments:
            return
        if film.moments[-1].at.step >= film.report.steps or state == DONE or film.report.settings.order == MANUAL:
            self.making = False
            self.seconds = time.perf_counter() - (self.wish.made if self.wish is not None else 0.0)
            if self._coming is not None:
                self._show()
            self.whole.emit()

    def _show(self) -> None:
        self.film, self._coming = self._coming, None
        self.begun.emit(self.film)

    def _answer(self, request: int, value: object) -> None:
        match self._asked.pop(request, ""):
            case "recall":
                self.recalled.emit(value)
            case "judge":
                self.judged.emit(value)
            case "corrupt":
                if isinstance(value, Corruption):
                    self.corrupted.emit(value)

    def _fail(self, lane: str, failure: Failure) -> None:
        asked = self._asked.pop(failure.request, "")
        if failure.request != self._sent and not asked and lane != self.name:
            return
        if failure.request == self._sent:
            self.making = False
            if self._coming is not None and self._coming.moments:
                self._show()
        if asked == "sweep":
            self.sweeping = False
        if asked == "corrupt":
            self.not_corrupted.emit(failure)
            return
        self.failed.emit(failure)
