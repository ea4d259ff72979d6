"""What families have in common that work on another model's codes: the first stage, its lessons, its adoption."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.pictures.picture_family import PictureFamily

MARK = "first "
"""Before the names of the first stage's optimisers and curves."""


def first_steps(default: int) -> Any:
    """The knob of a Training: how long the own first stage learns."""
    return knob(
        default, "First stage's steps", "Steps of the own autoencoder; none are made where a file's is adopted.",
        low=1, high=100_000, log=True,
    )  # fmt: skip


class TwoStage(PictureFamily):
    """Stage 1 is an autoencoder (`First`), stage 2 a model of its codes, the autoencoder frozen (van den Oord et al.,
    2017; Rombach et al., 2022).

    A subclass's Design inherits the first stage's, and its Training has `first_steps`: so many steps the first stage
    learns as it would alone, by the knobs of its own default preset. `stage` (0, 1) and `clock`, the steps made in it,
    are buffers. With `adopt` the first stage comes from a checkpoint and stage 1 is over before the first step.
    """

    First: ClassVar[type[PictureFamily]]
    stage: Tensor
    clock: Tensor

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        # The first stage is a whole family of its own; here it is only walked through, never trained by its own Fit.
        self.first: Any = self.First(design, shape)
        self.register_buffer("stage", torch.empty((), dtype=torch.int64))
        self.register_buffer("clock", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """The start of the first stage."""
        super().fill(generator)
        self.stage.zero_()
        self.clock.zero_()

    # The first stage.

    @classmethod
    def teacher_knobs(cls, teacher: Family) -> dict[str, Value]:
        """The Design knobs of a first stage, which this family must be built with; none of another kind of model."""
        found = first_of(teacher)
        if not isinstance(found, cls.First):
            return {}
        return {one.name: getattr(found.design, one.name) for one in fields(cls.First.Design)}

    def adopt(self, teacher: Family) -> None:
        """Take over a trained first stage, or that of a two-stage model; Refused where it is another kind, or built
        otherwise."""
        wanted, teacher = self.First.card.title, first_of(teacher)
        if not isinstance(teacher, self.First):
            raise Refused(
                f"{self.card.title} works on the codes of a {wanted}: choose a checkpoint of one, or of a model that "
                "holds one."
            )
        other = [name for name, value in self.teacher_knobs(teacher).items() if getattr(self.design, name) != value]
        if other or teacher.shape[:3] != self.shape[:3]:
            what = ", ".join(other) or "the size of its pictures"
            raise Refused(f"The {wanted} differs from this design in {what}: leave these as the file has them.")
        frame = self.first.frame.clone()
        self.first.load_state_dict(teacher.state_dict())
        self.first.frame.copy_(frame)  # its pictures may have had other classes
        self._to_second()

    @property
    def in_second(self) -> bool:
        """Whether the first stage is settled."""
        return int(self.stage) > 0

    @abstractmethod
    def start_second(self) -> None:
        """Make the second stage ready: what it works on is settled."""

    def _to_second(self) -> None:
        self.stage.fill_(1)
        self.clock.zero_()
        self.start_second()

    # Training: a beat of the first stage is the one it would make alone.

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """The second stage, and the first stage's own groups."""
        own = {f"{MARK}{name}": list(group) for name, group in self.first.groups().items()}
        return {"main": self.second(), **own}

    def second(self) -> Iterable[nn.Parameter]:
        """The weights that stage 2 trains."""
        first = {id(weight) for weight in self.first.parameters()}
        return [weight for weight in self.parameters() if id(weight) not in first]

    def betas(self, group: str) -> tuple[float, float]:
        """Adam's betas of one optimiser."""
        if group.startswith(MARK):
            found: tuple[float, float] = self.first.betas(group.removeprefix(MARK))
            return found
        return super().betas(group)

    def beats(self, training: Any) -> tuple[str, ...]:
        """The first stage's beats, then the second's one."""
        return ("step",) if self.in_second else self.first.beats(self._first_training())

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One beat of the stage that is under way."""
        if self.in_second:
            return self.second_beat(fit)
        training = self._first_training()
        told = self.first.beat(name, _Lesson(fit, self.first, training, int(self.clock)))
        if name == self.first.beats(training)[-1]:
            self.clock.add_(1)
            if int(self.clock) >= fit.training.first_steps:
                # What stage 2 works on is the average, as it would be sampled; it stays so from here on.
                self.load_state_dict(fit.shadow().state_dict())
                self._to_second()
                fit.restart_average()
        return {f"{MARK}stage {one}": value for one, value in told.items()}

    @abstractmethod
    def second_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of stage 2."""

    def _first_training(self) -> Any:
        preset = self.First.presets[0]
        return self.First.Training(**preset.training)


def first_of(model: Family) -> Family:
    """The first stage of a two-stage model; another model itself."""
    found: Family = model.first if isinstance(model, TwoStage) else model
    return found


class _Lesson(Fit):
    """A Fit of both stages as the first stage's beat sees it: its own Training and step; data, random numbers and
    optimisers are the whole Fit's."""

    def __init__(self, fit: Fit, first: PictureFamily, training: Any, step: int) -> None:
        self.whole = fit
        self.model, self.generator, self.tracer = first, fit.generator, fit.tracer
        self.points, self.labels = fit.points, fit.labels
        self.step, self.beat = step, fit.beat
        self._number = fit._number
        self._training = training

    def descend(self, loss: Tensor, group: str = "main", rate: float | None = None) -> None:
        """One step of one of the first stage's groups."""
        self.whole.descend(loss, f"{MARK}{group}", self._training.learning_rate if rate is None else rate)
