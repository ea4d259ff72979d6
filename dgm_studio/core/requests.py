"""Requests: what the window (or a test) sends the worker. Each has captured all its inputs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.table import ImportChoice

_ids = itertools.count(1)


@dataclass(frozen=True)
class Request:
    """Addressed to a lane by name; `id` lets a stale reply be told from a fresh one."""

    lane: str
    id: int = field(default_factory=lambda: next(_ids), kw_only=True)


# Clock: the engine itself obeys these, between two beats.


@dataclass(frozen=True)
class Play(Request):
    """Run the lane: for `steps` steps, or without end."""

    steps: int | None = None


@dataclass(frozen=True)
class PlayBeats(Request):
    """Run `beats` beats, e.g. only the critic's half of a GAN step."""

    beats: int = 1


@dataclass(frozen=True)
class Pause(Request):
    """Stop the lane's clock after the beat that runs; its views go on until they show the newest step."""


@dataclass(frozen=True)
class Cancel(Request):
    """End the lane and forget it."""


# Opening lanes: the backend makes a task from these. A lane of the same name is replaced.


@dataclass(frozen=True)
class Opening(Request):
    """A request that makes a lane; `steps` is what the new lane runs at once: 0 waits for Play, None is without end."""

    steps: int | None = field(default=0, kw_only=True)


@dataclass(frozen=True)
class Train(Opening):
    """Build the recipe's model at step 0 and make a training lane of it, paused; `asks` are the visible layers'."""

    recipe: Recipe
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Open(Opening):
    """Open a native checkpoint as a training lane, paused at the step it was saved at."""

    path: str
    asks: tuple[Ask, ...] = ()


EQUAL_STEPS, EQUAL_TIME = "steps", "time"
"""What a race keeps equal: gradient steps, or seconds of training."""


@dataclass(frozen=True)
class Race(Opening):
    """Two to six runs at step 0 in one lane, kept level by `pace`; `asks` carry the runner they are of."""

    recipes: tuple[Recipe, ...]
    pace: str = EQUAL_STEPS
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Shoot(Opening):
    """A film of `count` particles by the model of lane `source` with the Sampling values given.

    `source` is a training lane, whose model is copied as it is now, or a film lane, whose frozen model is filmed again.
    `start` (n, d), where given, is the start noise, e.g. one dragged point.
    """

    source: str
    sampling: dict[str, Value]
    count: int = 2_000
    seed: int = 0
    start: Array | None = None
    exact: bool = False
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True)
class Study(Opening):
    """A small scene of the lectures (lab/scenes) with these knobs; each step draws one more round of repetitions."""

    scene: str
    knobs: dict[str, Value]
    seed: int = 0


@dataclass(frozen=True)
class Inspect(Opening):
    """What a CSV, TSV or NPY file holds; answered by a core.table.Table."""

    path: str


@dataclass(frozen=True)
class Import(Opening):
    """Read points from a file as chosen; answered by a core.dataspec.PointSet."""

    path: str
    choice: ImportChoice


@dataclass(frozen=True)
class ReadTeacher(Opening):
    """Whether the checkpoint can teach the family of `recipe`; answered by a core.reports.TeacherCard."""

    path: str
    recipe: Recipe


# Commands to a task: the backend's task obeys these, between two beats.


@dataclass(frozen=True)
class Look(Request):
    """These are now the visible layers' Asks."""

    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class Change(Request):
    """A live knob: group "training" takes effect at the next step, "sampling" only resamples."""

    group: str
    knob: str
    value: Value


@dataclass(frozen=True)
class NewData(Request):
    """Go on from the present weights on other data; recorded as an edit of the recipe."""

    data: DataSpec


@dataclass(frozen=True)
class Save(Request):
    """Write a native checkpoint; answered by its path once it is on disk. With `keep` it becomes the run's own file;
    without, it is a copy beside it (the session's safety copy)."""

    path: str
    keep: bool = True


@dataclass(frozen=True)
class Pace(Request):
    """A race goes on with another clock kept equal."""

    pace: str


@dataclass(frozen=True)
class SaveRunner(Request):
    """Write one run of a race as a native checkpoint; answered by its path."""

    runner: int
    path: str


@dataclass(frozen=True)
class GoBack(Request):
    """Return to the last good keyframe, and multiply the learning rate by `rate_factor`."""

    rate_factor: float = 1.0


@dataclass(frozen=True)
class SlowMotion(Request):
    """Do the run's next beat, which is a real one, and tell by a core.reports.Motion what happened inside it."""


@dataclass(frozen=True)
class Revisit(Request):
    """Look at the last keyframe that is not after `step`, with every layer; None comes back to the present."""

    step: int | None


@dataclass(frozen=True)
class Continue(Request):
    """Branch: go on training from the keyframe that is looked at. The course so far stays as a branch of its own."""


@dataclass(frozen=True)
class SwitchBranch(Request):
    """Go on with another branch, from its end."""

    branch: int


@dataclass(frozen=True)
class Remember(Request):
    """Every run's time machine may take so many megabytes. To no lane."""

    megabytes: int


@dataclass(frozen=True)
class Device(Request):
    """Move all models to another device, and set the number of torch threads. To no lane."""

    device: str
    threads: int = 1
