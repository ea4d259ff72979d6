"""The task of a small scene: rounds of repetitions as beats, and its newest sketch as the picture."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from dgm_studio.core.ask import Ask
from dgm_studio.core.knobs import fill
from dgm_studio.core.names import pick
from dgm_studio.core.reports import Beat, Report, SketchPicture
from dgm_studio.core.requests import Request, Study
from dgm_studio.lab.scenes import scenes


class StudyTask:
    """Owns a scene for one lane; a changed knob opens the lane anew."""

    weight = 1.0

    def __init__(self, request: Study) -> None:
        """Refused where there is no such scene or a knob is out of its range."""
        made = pick(scenes(), request.scene, "scene")
        self.scene = made(fill(made.declared, request.knobs), request.seed)
        self.rounds = 0
        self.seconds = 0.0
        self._shown = 0

    def beats(self) -> Iterator[Beat | Report | None]:
        """Rounds without end; a slice of an unfinished round is None."""
        while True:
            slices = self.scene.round()
            while True:
                begun = time.perf_counter()
                ended = next(slices, self) is self
                self.seconds += time.perf_counter() - begun
                if ended:
                    break
                yield None
            self.rounds += 1
            yield Beat("round", self.rounds, {})

    def watch(self) -> Iterator[Report | None] | None:
        """The sketch after the newest whole round, once."""
        if self.rounds == self._shown:
            return None
        return self._sketch()

    def _sketch(self) -> Iterator[Report | None]:
        self._shown = self.rounds
        ask = Ask(self.scene.card.id)
        yield SketchPicture(ask, self.rounds, {}, sketch=self.scene.sketch(), seconds=self.seconds)

    def receive(self, request: Request) -> Iterable[Report]:
        """It takes no commands but the engine's own."""
        raise TypeError(f"a small scene knows no {type(request).__name__}")

    def close(self) -> None:
        """Nothing is held."""
