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

    `source` is a training lane, whose model is copied as it is now, or a film lane, whose frozen model is filmed again,
    or the path of another program's denoiser of points, opened with what a person chose of its settings (`choice`), or
    "exact:PATH:DATA", the exact field of known data along a path without any model (lab.exact_model, e.g.
    "exact:straight:eight-gaussians"); these two are told first of all by a core.point_model.PointModelReport.
    `start` (n, d), where given, is the start noise, e.g. one dragged point; with `start_time` above 0 it is a state of
    that time, edited or not, from which the film goes on to the data (a branch). `forward` carries data to noise
    instead (core.film.FORWARD_WAYS). With `brownian` all fresh noise is read off one Brownian path of that seed, the
    same for every solver and number of steps; with `judged` the whole film is followed by a
    core.comparing.FilmMeasures.
    """

    source: str
    sampling: dict[str, Value]
    count: int = 2_000
    seed: int = 0
    start: Array | None = None
    exact: bool = False
    asks: tuple[Ask, ...] = ()
    choice: dict[str, str] = field(default_factory=dict)
    start_time: float = 0.0
    forward: str = ""
    brownian: bool = False
    judged: bool = False


@dataclass(frozen=True)
class Study(Opening):
    """A small scene of the lectures (lab/scenes) with these knobs; each step draws one more round of repetitions."""

    scene: str
    knobs: dict[str, Value]
    seed: int = 0


@dataclass(frozen=True)
class Unmask(Opening):
    """A film of tokens that a model of text restores step by step: first a TokenFilmReport, then a TokenStep a beat.

    `source` is a native checkpoint's path, the bare name of one that ships ("kjv-masked-word"), a training lane (its
    model is copied as it is now), or another film lane of tokens (its model). `prompt` is words with gaps: `___` is one
    masked token, `___*18` or `___ × 18` several; its words are locked. What is left of `length` (0: the model's own)
    is masked after it. `start` (L,), where given, stands for prompt and length: ids that are locked, the film's `mask`
    (-1 where it has none) at positions that are to be written. `settings` are values of core.unmasking.Unmasking.

    `branch` (step, position, token) forks the kept film of this lane (of lane `source`, where that is a film lane) at
    one of its steps with that token forced and locked there; token -1 masks the position again; position -1 changes
    nothing. Prompt, length, start and seed are then those of the kept film, and all steps up to the fork are told
    again at once. With order "manual" the film waits for Pick. `choice` is what a person chose of the settings of
    another program's file (as in core.picture_requests.OpenPictures).
    """

    source: str
    prompt: str = ""
    length: int = 0
    settings: dict[str, Value] = field(default_factory=dict)
    seed: int = 0
    branch: tuple[int, int, int] | None = None
    start: Array | None = None
    choice: dict[str, str] = field(default_factory=dict)


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
class ReadText(Opening):
    """Read a person's own .txt file; answered by a core.dataspec.TextSet. Refused where it is no plain text."""

    path: str


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
class Pick(Request):
    """To a token film: the next step restores this position (order "manual"); `token` is forced, or drawn where -1.
    Told by a TokenStep. Refused where nothing is masked there."""

    position: int
    token: int = -1


@dataclass(frozen=True)
class Recall(Request):
    """To a token film: these of its steps as temperature, top-k and top-p of `settings` (the film's own for what is not
    given) would show them, from kept logits, without the network; answered by a tuple of TokenStep. Some 5 ms a
    step: ask for the one in sight first, then for the others eight at a time."""

    steps: tuple[int, ...]
    settings: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Sweep(Request):
    """To a token film: quality against the number of steps for each order, from the same start with the film's other
    settings; told by a core.unmasking.SweepPoint for each pair as it is done. A new Sweep replaces the one that runs;
    empty `orders` stop it. `samples` films are averaged for each point."""

    orders: tuple[str, ...]
    steps: tuple[int, ...]
    samples: int = 4
    seed: int = 0


@dataclass(frozen=True)
class Corrupt(Request):
    """To a token film: noise for a typed sentence; answered by a core.unmasking.Corruption, which gives the corrupted
    tokens of both chains at any time without asking again. Words outside the vocabulary are refused."""

    text: str
    seed: int = 0


@dataclass(frozen=True)
class Judge(Request):
    """To a token film: its text after these of its steps against the corpus it was trained on; answered by a tuple of
    core.unmasking.TextQuality, in order."""

    steps: tuple[int, ...]


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
