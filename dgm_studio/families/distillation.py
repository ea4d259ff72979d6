"""Distillation: a student that makes in one to eight steps what its teacher makes in many."""

from __future__ import annotations

import copy
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import diffusion_knobs, taught
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.families.parts.learned_field import LearnedField
from dgm_studio.families.parts.lessons import (
    CONSISTENCY,
    GUIDANCE,
    METHODS,
    PROGRESSIVE,
    TRAINING,
    guided_means,
    neighbours,
    two_steps,
)  # fmt: skip
from dgm_studio.families.parts.student import STRONGEST, Student, Told
from dgm_studio.families.parts.taught import Taught
from dgm_studio.families.parts.trajectories import trajectories
from dgm_studio.families.showing import Bars, Fact, Structure
from dgm_studio.measures.sliced_w2 import sliced_w2
from dgm_studio.nets.init import init
from dgm_studio.solvers import solvers
from dgm_studio.solvers.solver import State

STAGES = (8, 4, 2, 1)
"""Steps of the student in each stage of progressive distillation, and the steps that are compared."""
LINES, FRAMES, SAMPLES = 60, 24, 2_000
"""Trajectories that are drawn, their Heun steps, samples that are measured."""
STUDENT, TEACHER = "student", "teacher"
_LECTURE = "second course"


@dataclass(frozen=True)
class Design(diffusion_knobs.Design):
    """What is built: the teacher's knobs, which the student shares."""


@dataclass(frozen=True)
class Training(taught.Training):
    """How it learns; every knob is live."""

    method: str = knob(PROGRESSIVE, "Method", "What the student follows; a change starts it anew.", choices=METHODS)
    stage_steps: int = knob(
        600, "Steps a stage", "Steps before the student goes on to half its own; the last stage goes on.",
        low=1, high=100_000, log=True, when=("method", (PROGRESSIVE, GUIDANCE)),
    )  # fmt: skip
    intervals: int = knob(
        16, "Intervals", "How finely the path is cut; neighbouring times must agree on the clean point.",
        low=2, high=256, log=True, when=("method", (CONSISTENCY, TRAINING)),
    )  # fmt: skip
    target_decay: float = knob(
        0.95, "Target decay", "Moving average of the student that it is compared with.",
        low=0.0, high=0.999, when=("method", (CONSISTENCY, TRAINING)),
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling:
    """How it is sampled; nothing of the training changes."""

    who: str = knob(
        STUDENT, "Who", "Whose samples are drawn.",
        choices=(Choice(STUDENT, "Student", "The distilled network."), Choice(TEACHER, "Teacher", "By DDIM.")),
    )  # fmt: skip
    few_steps: str = knob(
        "1", "Steps", "Steps from noise to data.",
        choices=tuple(Choice(str(n), str(n), f"{n} steps.") for n in reversed(STAGES)),
    )  # fmt: skip
    guidance: float = knob(
        2.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, y), where guidance is distilled; taught between 0 and 4.",
        low=0.0, high=STRONGEST,
    )  # fmt: skip
    label: int = knob(
        -1, "Label", "The class to sample where guidance is distilled; −1 draws each sample's class.",
        low=-1, high=diffusion_knobs.LABELS - 1,
    )  # fmt: skip


class Distillation(Taught):
    """A student built like its teacher, on the teacher's own path and times (even in t for the straight path).

    Progressive (Salimans and Ho, 2022, algorithm 2): one DDIM step of the student over [t, r] follows two of the
    network before it; stages of 8, 4, 2 and 1 steps, each network kept. Guidance (Meng et al., 2023): before these, a
    stage in which one evaluation learns the guided field of two, for gamma uniform in [0, 4].
    Consistency (Song et al., 2023, algorithms 2 and 3): f(x_t, t) = E[x_1 | x_t] read off the student must agree with
    the EMA target's at the next time, where x is moved by one DDIM step of the teacher (distillation) or by the same
    noise and datum (training, which needs no teacher and starts without its weights); at t = 1 f is the identity.
    The distance is the squared one with weight 1.
    """

    card = Card(
        id="distillation",
        title="Distillation",
        summary="A student learns to make in one to eight steps what its teacher makes in many.",
        lecture=_LECTURE,
        paper="Salimans and Ho, 2022; Song et al., 2023; Meng et al., 2023",
        formula="student: xₜ → xᵣ  ≈  teacher: xₜ → xₘ → xᵣ",
        shows=("transport", "structure", "facts", "bars"),
        facts=(("structure", "Teacher's paths"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "progressive", "Progressive distillation", "The number of steps is halved, stage by stage.",
            _LECTURE, "Salimans and Ho, 2022",
        ),
        Preset(
            "consistency-distillation", "Consistency distillation", "All points of a teacher's path map to its end.",
            _LECTURE, "Song et al., 2023", training={"method": CONSISTENCY},
        ),
        Preset(
            "consistency-training", "Consistency training", "The same without a teacher, who only stands beside.",
            _LECTURE, "Song et al., 2023", training={"method": TRAINING},
        ),
        Preset(
            "guidance-distillation", "Guidance distillation", "Label and guidance become inputs of one network.",
            _LECTURE, "Meng et al., 2023", {"classes": 10}, {"method": GUIDANCE},
        ),
    )  # fmt: skip
    kept: Tensor
    method: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.student, self.target = Student(design, dim), Student(design, dim)
        size = sum(weight.numel() for weight in self.student.parameters())
        self.register_buffer("kept", torch.empty(len(STAGES), size))
        self.register_buffer("method", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """No stage is done."""
        super().fill(generator)
        self.kept.zero_()
        self.method.zero_()

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """The target is never descended: it is set, or follows the student as an average."""
        return {name: getattr(self, name).parameters() for name in ("teacher", "student", "target")}

    def averaged(self) -> Iterable[tuple[str, nn.Parameter]]:
        """Teacher and student; the target is an average already."""
        return [(name, weight) for name, weight in self.named_parameters() if not name.startswith("target.")]

    def refuses(self, training: Any) -> str:
        """Guidance needs labels."""
        if training.method == GUIDANCE and not self.teacher.classes:
            return "Guidance distillation needs a teacher with classes: set Classes to as many as the data have labels."
        return ""

    def idle(self, training: Any) -> Mapping[str, str]:
        """Label and guidance are inputs of the student only where guidance is distilled."""
        if not self.teacher.classes:
            return dict.fromkeys(diffusion_knobs.OF_CLASSES, diffusion_knobs.NO_CLASSES)
        reason = "Only guidance distillation teaches labels to the student: choose it as the method in Training."
        return {} if training.method == GUIDANCE else dict.fromkeys(("guidance", "label"), reason)

    # Training.

    @property
    def stage(self) -> int:
        """Which of STAGES is trained; below 0 before: the teacher, or the stage that learns guidance."""
        return int(self.phase) - 1 - (self.chosen == GUIDANCE)

    @property
    def chosen(self) -> str:
        """The method that training used last."""
        return METHODS[int(self.method)].id

    @property
    def staged(self) -> bool:
        """Whether the student is taught in stages of fewer and fewer steps."""
        return self.chosen in (PROGRESSIVE, GUIDANCE)

    def beats(self, training: Any) -> tuple[str, ...]:
        """A step is one beat of the network whose turn it is."""
        return (TEACHER if int(self.phase) == 0 else STUDENT,)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the teacher, or of the student by the chosen method."""
        training = fit.training
        if training.method != self.chosen:
            self.method.fill_([one.id for one in METHODS].index(training.method))
            self._start_anew(fit)
        if int(self.phase) == 0:
            return self.teach(fit)
        if self.refuses(training):
            raise Refused(self.refuses(training))
        loss = self._staged(fit) if self.staged else self._consistent(fit)
        fit.descend(loss, STUDENT)
        if not self.staged:
            self._follow(training.target_decay)
        self.tick(fit, training.stage_steps if self.staged and self.stage < len(STAGES) - 1 else None)
        return {"loss": loss.detach()}

    def _start_anew(self, fit: Fit) -> None:
        """Another method: the student returns to its first stage, the teacher stays."""
        if int(self.phase) > 0:
            if self.chosen == TRAINING:  # from weights that know nothing of the teacher
                with torch.device("meta"):
                    fresh = Student(self.design, self.dim)
                self.student.load_state_dict(init(fresh, fit.generator, fit.device).state_dict())
            self.phase.fill_(1)
            self.clock.zero_()
            self.start_phase()
            fit.restart_average()

    @torch.no_grad()
    def start_phase(self) -> None:
        """The first starts from the teacher (consistency training as it is); each later one from the one before, which
        it follows."""
        if int(self.phase) > 1:
            if self.stage > 0:
                self.kept[self.stage - 1] = parameters_to_vector(self.student.parameters())
        elif self.chosen != TRAINING:
            self.student.take(self.teacher)
        self.target.load_state_dict(self.student.state_dict())

    @torch.no_grad()
    def _follow(self, decay: float) -> None:
        """target <- decay target + (1 - decay) student."""
        for own, weight in zip(self.target.parameters(), self.student.parameters(), strict=True):
            own.lerp_(weight, 1 - decay)

    def _staged(self, fit: Fit) -> Tensor:
        """Regression of the student's prediction on the clean point and noise of its lesson."""
        told = None
        if self.chosen == GUIDANCE:
            x1, labels = self.teacher.seen_examples(fit)
            gamma = STRONGEST * fit.uniform(len(x1), 1)
            told = torch.cat([labels[:, None].to(gamma), gamma], dim=1)
        else:
            x1 = fit.batch()
        x0 = fit.normal(*x1.shape)
        if told is not None and self.stage < 0:
            lesson = guided_means(self.teacher, x1, x0, fit.uniform(len(x1)), labels, gamma)
        else:
            grid = self.teacher.path.time_grid(2 * STAGES[self.stage], x1.dtype).to(x1.device)
            first = 2 * torch.randint(len(grid) // 2, (len(x1),), generator=fit.generator, device=fit.device)
            times = (grid[first], grid[first + 1], grid[first + 2])
            lesson = two_steps(Told(self.target, told), x1, x0, *times)
        return self.student.residual(*lesson, told).square().mean()

    def _consistent(self, fit: Fit) -> Tensor:
        """|f_student(x_t, t) - f_target(x_r, r)|^2 averaged over points and axes, t and r neighbours."""
        x1 = fit.batch()
        x0 = fit.normal(*x1.shape)
        grid = self.teacher.path.time_grid(fit.training.intervals, x1.dtype).to(x1.device)
        first = torch.randint(len(grid) - 1, (len(x1),), generator=fit.generator, device=fit.device)
        teacher = self.teacher if self.chosen == CONSISTENCY else None
        x_t, t, follow = neighbours(self.target, teacher, x1, x0, grid[first], grid[first + 1])
        return (self.student.x1_hat(x_t, t) - follow).square().mean()

    # Sampling.

    def pupil(self, steps: int) -> Student:
        """The student for that many steps: of its own stage where that is finished, else as it is now."""
        stage = STAGES.index(steps)
        if not self.staged or stage >= self.stage:
            return self.student
        found = copy.deepcopy(self.student)
        vector_to_parameters(self.kept[stage], found.parameters())
        return found

    def _field(self, sampling: Any, n: int, generator: torch.Generator) -> LearnedField:
        """Whom n points follow: with labels and guidance where these are distilled."""
        labels = None
        if self.chosen == GUIDANCE and self.teacher.classes:
            if sampling.label >= self.teacher.classes:
                raise Refused(f"Label (label) is {sampling.label}; this model has {self.teacher.classes} classes.")
            labels = torch.full((n,), sampling.label, device=self.device)
            if sampling.label < 0:
                labels = torch.multinomial(self.teacher.frequencies, n, replacement=True, generator=generator)
        if sampling.who == TEACHER:
            return self.teacher if labels is None else ClassifierFree(self.teacher, labels, sampling.guidance)
        told = None
        if labels is not None:
            told = torch.stack([labels.to(self.dtype), torch.full((n,), sampling.guidance).to(self.kept)], dim=1)
        return Told(self.pupil(int(sampling.few_steps)), told)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, prior_std^2 I), (n, d)."""
        return self.teacher.prior(n, generator)

    def _redraws(self, sampling: Any) -> bool:
        """Whether its walk draws noise on the way: a consistency model's of several steps."""
        return not self.staged and sampling.who == STUDENT and int(sampling.few_steps) > 1

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """DDIM of teacher or student; a consistency model jumps to the clean point and is noised again to the next time
        (Song et al., 2023, algorithm 1)."""
        steps, field = int(sampling.few_steps), self._field(sampling, len(start), generator)
        times = self.teacher.path.time_grid(steps, start.dtype).to(start.device)
        if not self._redraws(sampling):
            yield from solvers()["ddim"].walk(field, start, times, generator)
            return
        path, x = self.teacher.path, start
        for k, (t, r) in enumerate(pairwise(times), 1):
            clean = field.x1_hat(x, t)
            yield State(float(t), x, clean, k)
            noise = torch.randn(x.shape, generator=generator, device=x.device, dtype=x.dtype)
            x = path.a(r) * clean + path.s(r) * noise if k < steps else clean
        yield State(1.0, x, x, steps)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.few_steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same walk where it draws neither noise nor labels on the way; Refused elsewhere."""
        if self._redraws(sampling):
            raise Refused("A consistency model draws noise between its steps and is no map: choose one step.")
        if self.chosen == GUIDANCE and sampling.label < 0:
            raise Refused("Each sample draws its own label, which is no map: choose a label.")
        yield from self.walk(start, sampling, torch.Generator(start.device))

    # What only it shows.

    @torch.no_grad()
    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """The teacher's whole trajectories from 60 noise points, dots where the student lands from the same noise."""
        start, state = self.prior(LINES, generator), generator.get_state()
        teacher = self._field(replace(sampling, who=TEACHER), LINES, generator)
        frames, _ = yield from trajectories(teacher, start, FRAMES)
        generator.set_state(state)  # so that both draw the same labels
        *_, end = self.walk(start, replace(sampling, who=STUDENT), generator)
        note = f"Lines: the teacher in {FRAMES} steps. Dots: the student in {sampling.few_steps} from the same noise."
        return Structure(lines=tuple(frames.transpose(0, 1)), dots=end.x, note=note)

    @torch.no_grad()
    def _distances(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, list[tuple[str, int, float]]]:
        """(who, steps, sliced W2 to the data) from one and the same noise, teacher beside student."""
        start, state, found = self.prior(SAMPLES, generator), generator.get_state(), []
        for steps in reversed(STAGES):
            for who in (TEACHER, STUDENT):
                generator.set_state(state)
                for moment in self.walk(start, replace(sampling, who=who, few_steps=str(steps)), generator):
                    last = moment.x
                    yield
                generator.set_state(state)
                found.append((who, steps, sliced_w2(last, points[:SAMPLES], generator)))
                yield
        return found

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """Sliced W2 to the data of teacher and student at 1, 2, 4 and 8 steps."""
        found = yield from self._distances(points, sampling, generator)
        names = tuple(f"{who} {steps}" for who, steps, _ in found)
        values = torch.tensor([distance for *_, distance in found])
        return Bars("Sliced W₂ to the data by steps", values, names, "", "teacher beside student")

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Method, stage, and the distances of teacher and student at 1, 2, 4 and 8 steps."""
        found = yield from self._distances(points, sampling, generator)
        method = METHODS[int(self.method)]
        return (
            Fact("Method", method.label, method.help),
            Fact("Now training", self._now(), f"{int(self.clock)} steps so far in this stage."),
            *(
                Fact(f"{who.capitalize()}, steps: {steps}", f"{distance:.3f}", "Sliced W₂ to the data.")
                for who, steps, distance in found
            ),
        )

    def _now(self) -> str:
        if int(self.phase) == 0:
            return "the teacher"
        if not self.staged:
            return "the student"
        return "the guided student" if self.stage < 0 else f"the student of {STAGES[self.stage]} steps"


FAMILY = Distillation
