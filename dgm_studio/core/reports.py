"""Reports: what a lane tells the window, frozen, with read-only arrays.

`ends_step` says whether a beat closes a training step (a GAN's critic beat does not); the engine counts by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.film import Frame
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.sketch import EMPTY, Sketch


@dataclass(frozen=True)
class Report:
    """Anything a lane yields."""

    ends_step: ClassVar[bool] = True


@dataclass(frozen=True)
class Beat:
    """One beat of training: its name, the step it belongs to, its scalars (losses), never lost, and what comes next."""

    name: str
    step: int
    values: Mapping[str, float]
    ends_step: bool = True
    next: str = ""


@dataclass(frozen=True)
class Picture(Report):
    """What one Ask shows at one training step: named arrays, a few numbers, and a caption where doubt is due.

    `labels` are the lecture's own clock for each frame where the arrays are a film, and the names of bars; `lines` are
    words (label, text, help) for the read-outs.
    """

    ask: Ask
    step: int
    arrays: Mapping[str, Array]
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    labels: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class SketchPicture(Picture):
    """What a small scene shows after `step` rounds; its ask's view is the scene's id, `seconds` the time they took."""

    sketch: Sketch = EMPTY
    seconds: float = 0.0


@dataclass(frozen=True)
class Refusal(Report):
    """An Ask that cannot be shown, with the reason for the greyed entry."""

    ask: Ask
    reason: str


@dataclass(frozen=True)
class FrameReport(Report):
    """One more frame of a film, in order, never lost. `total` is how many the film will have, `step` the training step
    of the model that is filmed; `every` says that only every so many-th state is kept (core.film.thinning)."""

    frame: Frame
    total: int
    step: int = 0
    every: int = 1


@dataclass(frozen=True)
class Answer(Report):
    """The reply to one request by its id: a saved file's path, an opened recipe, a table."""

    request: int
    value: Any


@dataclass(frozen=True)
class CatalogueReport(Report):
    """The worker's first reply."""

    catalogue: Catalogue


LAW, TRAINING_POINTS = "law", "training points"
"""Whose exact field it is that a run's data have."""


@dataclass(frozen=True)
class RunReport(Report):
    """What a training lane now is, read back from the model: recipe with edits, parameter count, capabilities.

    `beats` are the names of one step's beats; `path` is the file it was opened from or last saved to; `noise` is how
    many axes the model's start noise has, `columns` how many its data have. `idle` are the knobs of Training and
    Sampling that do nothing for this model, each with the reason. `exact` says whose exact field can be walked along:
    the data's LAW, or where that has no closed form the TRAINING_POINTS'; "" where none can. `remark` is what to know
    of a run opened from a file. `unfit` says of solvers, by id, why this model cannot be walked by them; `no_branch`
    why a film of it cannot go on from its middle, "" where it can.
    """

    recipe: Recipe
    parameters: int
    shows: tuple[str, ...]
    beats: tuple[str, ...]
    restored_losses: Mapping[str, tuple[Array, Array]] | None = None
    path: str = ""
    noise: int = 0
    columns: int = 2
    idle: Mapping[str, str] = field(default_factory=dict)
    exact: str = ""
    remark: str = ""
    unfit: Mapping[str, str] = field(default_factory=dict)
    no_branch: str = ""


@dataclass(frozen=True)
class TeacherCard:
    """A checkpoint that a family can begin with: `recipe` is the pupil's with it (the teacher's design and data taken
    over), `teacher` how the teacher came to be."""

    recipe: Recipe
    teacher: Recipe
    parameters: int


@dataclass(frozen=True)
class RaceReport(Report):
    """What a race lane now is: each run as a training lane would report it, what is kept equal, and why a run is out
    ("" while it runs)."""

    runs: tuple[RunReport, ...]
    pace: str
    out: tuple[str, ...]


class BranchCard(NamedTuple):
    """One course of a run: the step at which it forked off, and the step it reached."""

    forked: int
    end: int


@dataclass(frozen=True)
class History(Report):
    """What a run's time machine holds: steps of its keyframes, megabytes of `limit`, the step that is looked at (None:
    the present), the branches and which of them trains. `ghosts` are the other branches' losses, when they changed."""

    steps: tuple[int, ...]
    megabytes: float
    limit: float
    viewing: int | None
    branches: tuple[BranchCard, ...]
    branch: int
    ghosts: Mapping[str, tuple[Array, Array]] | None = None


@dataclass(frozen=True)
class Plate:
    """One picture of captured numbers. `kind` says what `arrays` are:

    points: "points" (n, 2), the wide cloud "ground" (k, 2) where there is one, "values" (n,) as
    colours from "range" (2,); with "answer"
    (n, 2) and "target" (n, 2) arrows from the points; `tint` is the points' token.
    histogram: "edges" (k + 1,), "counts" (k,), and "before" (k,) where something changed. matrix: "matrix" (rows,
    columns), signed. bars: "values" (k,), "before" (k,) where something changed. curve: "steps" (k,), "values" (k,).
    """

    kind: str
    title: str
    arrays: Mapping[str, Array]
    note: str = ""
    help: str = ""
    tint: str = "accent"


@dataclass(frozen=True)
class MotionStage:
    """One of the parts of a beat: its name, the formula it follows, a caption, small facts, and its pictures."""

    title: str
    formula: str
    caption: str
    facts: tuple[tuple[str, str], ...]
    plates: tuple[Plate, ...]


@dataclass(frozen=True)
class Motion(Report):
    """One real beat in slow motion: the step it belongs to, its name, the beat that comes next, and its stages."""

    step: int
    beat: str
    next: str
    stages: tuple[MotionStage, ...]


@dataclass(frozen=True)
class Failure(Report):
    """A lane's end by an error: one sentence, what is kept, what to do; `details` is the traceback.

    `remedy` names an action the window may offer: "", "halve-learning-rate".
    """

    sentence: str
    details: str
    remedy: str = ""
    request: int = 0
