"""Distillation: its lessons against closed forms, its stages, and that few steps suffice."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.distillation import STAGES, STUDENT, TEACHER, Design, Distillation, Sampling, Training
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.families.parts.learned_field import LearnedField
from dgm_studio.families.parts.lessons import (
    CONSISTENCY,
    GUIDANCE,
    PROGRESSIVE,
    TRAINING,
    guided_means,
    neighbours,
    two_steps,
)
from dgm_studio.families.parts.student import Student, Told
from dgm_studio.lab.run import Run
from dgm_studio.nets.init import init
from dgm_studio.paths import paths
from dgm_studio.paths.path import Path
from dgm_studio.solvers import solvers
from tests.lab.recipes import go, small

MEAN, STD = 0.7, 0.5


def noise(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made(kind: type, **design: Any) -> Any:
    with torch.device("meta"):
        model = kind(Design(**{"width": 16, "layers": 1, **design}), 2)
    return init(model, torch.Generator().manual_seed(0))


def fit_of(model: Distillation, **training: Any) -> Fit:
    data = torch.randn((400, 2), generator=torch.Generator().manual_seed(2))
    own = Training(**{"batch": 32, "teacher_steps": 2, "stage_steps": 3, **training})
    return Fit(model, own, data, torch.arange(400) % 3, torch.Generator().manual_seed(3))


class Posterior(LearnedField):
    """The exact posterior means for data N(MEAN, STD^2 I)."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        return self._path

    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        t = t.to(x).expand(len(x))
        a, s = (f(t)[:, None] for f in (self.path.a, self.path.s))
        gap = (x - a * MEAN) / (a**2 * STD**2 + s**2)
        return MEAN + a * STD**2 * gap, s * gap


@pytest.mark.parametrize("path", ["straight", "vp", "vp-cosine", "ve"])
def test_the_progressive_lesson_jumps_where_ddim_walks_two_steps(path: str) -> None:
    field, x1, x0 = Posterior(paths()[path]), noise(40, 2), noise(40, 2, seed=2)
    grid = field.path.time_grid(4, torch.float64)
    t, m, r = (grid[k].expand(40) for k in (1, 2, 3))
    clean, eps, t = two_steps(field, x1, x0, t, m, r)
    x_t = field.path.mix(x1, x0, t)
    torch.testing.assert_close(field.path.mix(clean, eps, t), x_t)
    *_, walked = solvers()["ddim"].walk(field, x_t, torch.stack([t[0], m[0], r[0]]), torch.Generator())
    torch.testing.assert_close(field.path.mix(clean, eps, r), walked.x)


def test_the_last_lesson_is_the_second_steps_clean_point() -> None:
    field, x1, x0 = Posterior(paths()["straight"]), noise(40, 2), noise(40, 2, seed=2)
    t, m, r = (torch.full((40,), time, dtype=torch.float64) for time in (0.0, 0.5, 1.0))
    clean, _, t = two_steps(field, x1, x0, t, m, r)
    middle = field.path.mix(*field.clean_and_noise(field.path.mix(x1, x0, t), t), m)
    torch.testing.assert_close(clean, field.x1_hat(middle, m))


def test_neighbours_share_a_datum_or_a_teachers_step() -> None:
    target, teacher = made(Student).double(), made(Diffusion).double()
    x1, x0 = noise(40, 2), noise(40, 2, seed=2)
    t, r = torch.full((40,), 0.5, dtype=torch.float64), torch.full((40,), 0.75, dtype=torch.float64)
    path = target.path
    with torch.no_grad():
        x_t, _, follow = neighbours(target, None, x1, x0, t, r)
        torch.testing.assert_close(x_t, 0.5 * x1 + 0.5 * x0)
        torch.testing.assert_close(follow, target.x1_hat(path.mix(x1, x0, r), r))
        _, _, follow = neighbours(target, teacher, x1, x0, t, r)
        step = solvers()["euler"].walk(teacher, x_t, torch.tensor([0.5, 0.75]), torch.Generator())
        torch.testing.assert_close(follow, target.x1_hat([*step][-1].x, r))  # on the straight path DDIM is Euler
        _, _, end = neighbours(target, None, x1, x0, t, torch.ones_like(t))
    torch.testing.assert_close(end, x1)


def test_a_student_begins_as_its_teacher_and_learns_the_guided_means() -> None:
    teacher, student = made(Diffusion, classes=3).double(), made(Student, classes=3).double()
    student.take(teacher)
    x1, x0, t = noise(40, 2), noise(40, 2, seed=2), torch.linspace(0.1, 0.9, 40, dtype=torch.float64)
    labels, gamma = torch.arange(40) % 3, torch.full((40, 1), 2.5, dtype=torch.float64)
    told = torch.cat([labels[:, None].double(), gamma], dim=1)
    with torch.no_grad():
        x_t = teacher.path.mix(x1, x0, t)
        torch.testing.assert_close(Told(student, told).x1_hat(x_t, t), teacher.clean_and_noise(x_t, t, labels)[0])
        torch.testing.assert_close(Told(student, None).x1_hat(x_t, t), teacher.x1_hat(x_t, t))
        clean, eps, _ = guided_means(teacher, x1, x0, t, labels, gamma)
        both = ClassifierFree(teacher, labels, 2.5).clean_and_noise(x_t, t)
    torch.testing.assert_close((clean, eps), both)
    torch.testing.assert_close(teacher.path.mix(clean, eps, t), x_t)


def test_stages_halve_the_steps_and_keep_their_students() -> None:
    model = made(Distillation)
    fit = fit_of(model)
    beats = fit.beats()
    seen = [(next(beats).name, model.stage) for _ in range(16)]
    assert [name for name, _ in seen] == [TEACHER] * 2 + [STUDENT] * 14
    assert [stage for _, stage in seen] == [-1] + [0] * 3 + [1] * 3 + [2] * 3 + [3] * 6
    ends = {}
    for steps in STAGES[:3]:
        weights = torch.nn.utils.parameters_to_vector(model.pupil(steps).parameters())
        assert torch.equal(weights, model.kept[STAGES.index(steps)])
        ends[steps] = weights
    assert not torch.equal(ends[8], ends[4])
    assert model.pupil(1) is model.student


def test_another_method_starts_the_student_anew_and_keeps_the_teacher() -> None:
    model = made(Distillation)
    fit = fit_of(model)
    beats = fit.beats()
    for _ in range(8):
        next(beats)
    teacher = [weight.clone() for weight in model.teacher.parameters()]
    for method in (CONSISTENCY, TRAINING, PROGRESSIVE):
        fit.training = Training(batch=32, method=method, learning_rate=1e-6)
        next(beats)
        assert (int(model.phase), int(model.clock), model.chosen) == (1, 1, method)
        alike = [
            torch.allclose(own, weight, atol=1e-4)
            for own, weight in zip(model.student.parameters(), teacher, strict=True)
        ]
        assert all(alike) == (method != TRAINING), "consistency training knows nothing of the teacher"
    assert all(torch.equal(a, b) for a, b in zip(model.teacher.parameters(), teacher, strict=True))


def test_guidance_has_a_stage_of_its_own_and_needs_labels() -> None:
    model = made(Distillation, classes=3)
    fit = fit_of(model, method=GUIDANCE)
    beats = fit.beats()
    assert [next(beats) and model.stage for _ in range(10)] == [-2, -1, -1, -1, 0, 0, 0, 1, 1, 1]
    scene: Any = fit.shadow()
    start, same = scene.prior(6, torch.Generator().manual_seed(1)), Sampling(label=1, guidance=0.5)
    ends = [
        [*scene.walk(start, sampling, torch.Generator().manual_seed(0))][-1].x
        for sampling in (same, Sampling(label=2, guidance=0.5), Sampling(label=1, guidance=3.0), same)
    ]
    assert torch.equal(ends[0], ends[3])
    assert not torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])
    with pytest.raises(Refused, match="no map"):
        next(scene.transport(start, Sampling()))
    with pytest.raises(Refused, match="has 3 classes"):
        next(scene.walk(start, Sampling(label=3), torch.Generator()))
    with pytest.raises(Refused, match="set Classes"):
        Run(small("distillation", method=GUIDANCE))


def test_a_consistency_model_of_several_steps_draws_noise() -> None:
    model = made(Distillation)
    fit = fit_of(model, method=CONSISTENCY)
    beats = fit.beats()
    for _ in range(4):
        next(beats)
    start = model.prior(6, torch.Generator().manual_seed(1))

    def end(seed: int, **sampling: Any) -> Tensor:
        x: Tensor = [*model.walk(start, Sampling(**sampling), torch.Generator().manual_seed(seed))][-1].x
        return x

    assert torch.equal(end(0), end(1))
    assert not torch.equal(end(0, few_steps="4"), end(1, few_steps="4"))
    assert torch.equal(end(0, few_steps="4", who=TEACHER), end(1, few_steps="4", who=TEACHER))
    with torch.no_grad():
        torch.testing.assert_close(end(0), model.student.x1_hat(start, torch.tensor(0.0)))
    with pytest.raises(Refused, match="choose one step"):
        next(model.transport(start, Sampling(few_steps="4")))


@pytest.mark.parametrize("method", [PROGRESSIVE, CONSISTENCY])
def test_one_step_of_the_student_beats_one_of_the_teacher(method: str) -> None:
    recipe = small(
        "distillation", DataSpec("two-gaussians", {}, 2_000), width=48, layers=2, batch=256,
        teacher_steps=400, stage_steps=100, learning_rate=4e-3, method=method,
    )  # fmt: skip
    run = Run(recipe)
    go(run, 900)
    scene = run.scene()
    model: Any = scene.model
    bars = finish(model.bars(scene.points, scene.sampling, scene.generator()))
    assert bars.names[:2] == ("teacher 1", "student 1")
    assert len(bars.names) == 8
    assert float(bars.values[1]) < 0.5 * float(bars.values[0])
