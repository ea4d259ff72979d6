"""What families have in common that start from a trained diffusion: its network, its lessons, its adoption."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, knob
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import diffusion_knobs


@dataclass(frozen=True)
class Training(diffusion_knobs.Training):
    """The diffusion's knobs, by which the teacher learns, and how long it does."""

    teacher_steps: int = knob(
        1500, "Teacher steps", "Steps of the own teacher; none are made where a file's is adopted.",
        low=1, high=100_000, log=True,
    )  # fmt: skip


@runtime_checkable
class TakesTeacher(Protocol):
    """A family that can begin with another model's weights; its Design has all knobs of the teacher's."""

    @classmethod
    def teacher_knobs(cls, teacher: Family) -> dict[str, Value]: ...

    def adopt(self, teacher: Family) -> None: ...


class Taught(Family):
    """Phase 0 trains an own teacher, a diffusion, for training.teacher_steps steps; later phases are the subclass's.

    A subclass's Design inherits the diffusion's, its Training the one above. `phase` and `clock`, the steps made
    in it, are buffers, so a saved run goes on where it stood. With `adopt` the teacher comes from a checkpoint and
    phase 0 is over before the first step.
    """

    phase: Tensor
    clock: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.teacher = Diffusion(design, dim)
        self.register_buffer("phase", torch.empty((), dtype=torch.int64))
        self.register_buffer("clock", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """The start of phase 0."""
        self.phase.zero_()
        self.clock.zero_()

    @classmethod
    def teacher_knobs(cls, teacher: Family) -> dict[str, Value]:
        """The Design knobs of a diffusion, which this family must be built with; none of another kind of model."""
        return knobs_of_teacher(teacher) if isinstance(teacher, Diffusion) else {}

    def adopt(self, teacher: Family) -> None:
        """Take over a trained diffusion's weights in place of phase 0; Refused where it is another kind or build."""
        if not isinstance(teacher, Diffusion):
            raise Refused(f"{teacher.card.title} cannot teach {self.card.title}: choose a checkpoint of a diffusion.")
        other = [name for name, value in knobs_of_teacher(teacher).items() if getattr(self.design, name) != value]
        if other or teacher.dim != self.dim:
            what = ", ".join(other) or f"the data's {teacher.dim} columns"
            raise Refused(f"The teacher differs from this design in {what}: leave these as the teacher has them.")
        self.teacher.load_state_dict(teacher.state_dict())
        self.phase.fill_(1)
        self.start_phase()

    @abstractmethod
    def start_phase(self) -> None:
        """Make the networks of the phase just entered ready: what it follows is settled."""

    def teach(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the own teacher, and of phase 0."""
        told = self.teacher.denoise(fit, "teacher")
        self.tick(fit, fit.training.teacher_steps)
        return told

    def tick(self, fit: Fit, length: int | None) -> None:
        """A step of the phase is over; after `length` steps (None: never) the next begins with averaged weights."""
        self.clock.add_(1)
        if length is not None and int(self.clock) >= length:
            # What later phases follow is the average, as it would be sampled; it stays so from here on.
            self.load_state_dict(fit.shadow().state_dict())
            self.phase.add_(1)
            self.clock.zero_()
            self.start_phase()
            fit.restart_average()


def knobs_of_teacher(teacher: Diffusion) -> dict[str, Value]:
    """The Design knobs of a diffusion by name: what a family that takes it as a teacher must be built with."""
    return {one.name: getattr(teacher.design, one.name) for one in fields(diffusion_knobs.Design)}
