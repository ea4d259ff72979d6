"""A shot: all that decides what a film shows, so that one can tell when the next would be another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value


@dataclass(frozen=True)
class Shot:
    """`run` is the id of the request that opened the run, or says which file of another program it is of; `step` is its
    training step; an exact one is `of_points` where the data's law has no closed form and its field is that of the
    training points; `forward` is the way of a film of the forward process (core.film.FORWARD_WAYS), else ""; `branch`
    is the time at which a branch leaves another film, 0 of a whole film."""

    run: int | str
    step: int
    model: str
    data: DataSpec | None
    sampling: Mapping[str, Value]
    count: int
    seed: int
    exact: bool
    of_points: bool = False
    forward: str = ""
    path: str = ""
    """Of the forward process: another path than the model's own."""
    branch: float = 0.0

    @property
    def known(self) -> bool:
        """Whether the particles follow a known truth: the exact field, or the noise that is added."""
        return self.exact or bool(self.forward)

    def as_of(self, step: int) -> Shot:
        """The same, of the step the worker says it has filmed."""
        return replace(self, step=step)

    def stale(self, now: Shot) -> str:
        """Why a film made `now` would be another one, "" if it would be this one again."""
        if now.run != self.run:
            return "Another model has been opened: film it (R)"
        if now.step != self.step and not now.forward:  # nothing of that process is learned
            return f"The model has been trained on to step {now.step:,}: film it again (R)"
        if replace(now, step=self.step) != replace(self, branch=0.0):
            return "The settings have changed: film again (R)"
        return ""
