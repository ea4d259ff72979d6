"""The twin of a film: the same start noise carried along the exact field, frame by frame at the same times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Value
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.panels.trajectories.shooting import FILM_LANE
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.subject import Subject

ACCURATE, TOLERANCE = "dopri5", 1e-5
"""What walks the exact probability flow: its error is far below what a stage can show."""
CONDITIONED = "With a class label each particle follows the field of its class; the exact path is that of all data."
NOT_FORWARD = "Noise is added by the known law itself: there is nothing to be wrong about."


class Twin(QObject):
    """Made only while it is looked at, of a whole film. Of a solver without noise it is the exact probability flow to a
    tolerance; of one with noise the same solver's walk along the exact field with the same noise."""

    changed = Signal()

    def __init__(self, lane: FilmLane, parent: QObject) -> None:
        super().__init__(parent)
        self.lane = lane
        self.of: Shot | None = None
        """The film whose twin this is."""
        lane.frame.connect(self.changed)
        lane.finished.connect(self.changed)
        lane.failed.connect(self.changed)

    def shoot(self, shot: Shot, noisy: bool, frames: Sequence[Frame]) -> int:
        """Of the film of these frames, made as `shot` says by a solver that is `noisy` or not; how many of them it does
        not have: those before a branch, from whose first points it goes on."""
        self.of = shot
        sampling: Mapping[str, Value] = shot.sampling
        if not noisy and "solver" in sampling:
            accurate: dict[str, Value] = {"solver": ACCURATE, "rtol": TOLERANCE, "atol": TOLERANCE}
            sampling = {name: accurate.get(name, value) for name, value in sampling.items()}
        before = sum(frame.t < shot.branch for frame in frames) if shot.branch else 0
        start, count = frames[before].x if before else None, len(frames[0].x)
        how = {"count": count, "seed": shot.seed, "exact": True, "start": start, "start_time": shot.branch}
        self.lane.shoot(FILM_LANE, sampling, **how)  # type: ignore[arg-type]
        self.changed.emit()
        return before

    def forget(self) -> None:
        """The film is another one."""
        self.of = None


BRANCHED = "A branch leaves its film in the middle; the exact path is that of a whole film."


def no_twin(subject: Subject | None, shot: Shot | None) -> str:
    """Why a film of the subject, made as `shot` says, has no exact path beside it; "" where it has."""
    if subject is not None and not subject.exact:
        return f"{subject.title} has no path whose exact field is known, so there is no exact path."
    if shot is not None and shot.forward:
        return NOT_FORWARD
    if shot is not None and shot.branch:
        return BRANCHED
    if subject is not None and "label" in subject.sampling and "label" not in subject.idle:
        return CONDITIONED
    return ""


def is_noisy(shot: Shot, catalogue: Catalogue | None, drifts: bool) -> bool:
    """Whether fresh noise moves the film's particles: its steps said so, or its solver's card does."""
    card = catalogue.solvers.get(str(shot.sampling.get("solver", ""))) if catalogue is not None else None
    return drifts or (card is not None and bool(card.fact("stochastic")))
