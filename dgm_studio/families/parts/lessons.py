"""What a student is taught: the targets of progressive distillation and of consistency models."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.knobs import Choice
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts.learned_field import LearnedField, inner

PROGRESSIVE, CONSISTENCY, TRAINING = "progressive", "consistency-distillation", "consistency-training"
GUIDANCE = "guidance"

METHODS = (
    Choice(
        PROGRESSIVE, "Progressive distillation",
        "One step of the student follows two of the network before it; then the steps are halved (Salimans and Ho).",
    ),
    Choice(
        CONSISTENCY, "Consistency distillation",
        "Neighbouring points of the teacher's path must give one clean point (Song et al., 2023, algorithm 2).",
    ),
    Choice(
        TRAINING, "Consistency training",
        "The same on neighbours with the same datum and noise, without a teacher (Song et al., 2023, algorithm 3).",
    ),
    Choice(
        GUIDANCE, "Guidance distillation",
        "One network that is told label and γ follows the teacher's two, then its steps are halved (needs classes).",
    ),
)  # fmt: skip
"""What a knob `method` may choose from."""


Lesson = tuple[Tensor, Tensor, Tensor]
"""(x~, eps~, t): the clean point and the noise (n, d) that the student should see in x_t = a x~ + s eps~ at t (n,)."""


@torch.no_grad()
def ddim_step(net: LearnedField, x: Tensor, t: Tensor, r: Tensor) -> Tensor:
    """x_r = a_r E[x_1 | x_t] + s_r E[x_0 | x_t] for x (n, d) at times t, r (n,) (Song et al., 2021, eta = 0)."""
    return net.path.mix(*net.clean_and_noise(x, t), r)


@torch.no_grad()
def two_steps(net: LearnedField, x1: Tensor, x0: Tensor, t: Tensor, m: Tensor, r: Tensor) -> Lesson:
    """From which clean point one DDIM step to r lands where `net` lands in two, over m; times (n,), t < m < r.

    x~ = (x_r - q x_t) / (a_r - q a_t), q = s_r / s_t (Salimans and Ho, 2022, appendix G); eps~ = (x_t - a_t x~) / s_t.
    """
    path, t = net.path, inner(x1, t, net.path)
    x_t = path.mix(x1, x0, t)
    x_r = ddim_step(net, ddim_step(net, x_t, t, m), m, r)
    a_t, s_t, a_r, s_r = (f(time)[:, None] for time in (t, r) for f in (path.a, path.s))
    ratio = s_r / s_t
    clean = (x_r - ratio * x_t) / (a_r - ratio * a_t)
    return clean, (x_t - a_t * clean) / s_t, t


@torch.no_grad()
def guided_means(teacher: Diffusion, x1: Tensor, x0: Tensor, t: Tensor, labels: Tensor, gamma: Tensor) -> Lesson:
    """The teacher's posterior means at x_t under guidance, (1 - gamma) f(x) + gamma f(x, y), with labels (n,)
    and scales gamma (n, 1) (Meng et al., 2023, equation 5; their w is gamma - 1)."""
    t = inner(x1, t, teacher.path)
    x_t = teacher.path.mix(x1, x0, t)
    free, obeying = teacher.clean_and_noise(x_t, t), teacher.clean_and_noise(x_t, t, labels)
    clean, noise = (torch.lerp(one, other, gamma) for one, other in zip(free, obeying, strict=True))
    return clean, noise, t


@torch.no_grad()
def neighbours(
    target: Diffusion, teacher: Diffusion | None, x1: Tensor, x0: Tensor, t: Tensor, r: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """(x_t, t, f_target(x_r, r)) for neighbouring times t < r (n,): x_r by one DDIM step of `teacher`, or without one
    by the same datum and noise. At r = 1, where the path's noise is least, f is the identity x_r / a_r."""
    path = target.path
    t = inner(x1, t, path)
    x_t = path.mix(x1, x0, t)
    x_r = path.mix(x1, x0, r) if teacher is None else ddim_step(teacher, x_t, t, r)
    identity = x_r / path.a(r).clamp(min=1e-3)[:, None]
    return x_t, t, torch.where((r >= 1)[:, None], identity, target.x1_hat(x_r, r))
