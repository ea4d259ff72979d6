"""The Gaussian posterior of one reverse step, which DDPM and DDIM share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import to_clean_and_noise
from dgm_studio.solvers.noise import Noise, normal_like
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import intervals, last_state, velocity_of_clean


def posterior_variance(path: Path, t: Tensor, r: Tensor) -> Tensor:
    """Variance of q(x_r | x_t, x_1) for times t < r (r nearer the data), 0-d: DDPM's beta tilde.

    Forward, x_t = k x_r + sqrt(b) z with k = a_t / a_r and b = s_t^2 - k^2 s_r^2; Bayes' rule gives s_r^2 b /
    s_t^2 (Ho et al., 2020, eq. 7, between any two times).
    """
    s_t, s_r = path.s(t), path.s(r)
    k = path.a(t) / path.a(r)
    return s_r**2 * (1 - (k * s_r / s_t) ** 2).clamp(min=0.0)


def forward_variance(path: Path, t: Tensor, r: Tensor) -> Tensor:
    """Variance of q(x_r | x_t) for data N(0, I), 0-d: DDPM's beta, which is b of a path with a^2 + s^2 = 1.

    In the symbols of `posterior_variance` it is b (a_r^2 + s_r^2) / (a_t^2 + s_t^2): Bayes' rule with N(0, I) in the
    place of one datum (Ho et al., 2020, section 3.2).
    """
    (a_t, a_r), (s_t, s_r) = (path.a(t), path.a(r)), (path.s(t), path.s(r))
    b = (s_t**2 - (a_t / a_r * s_r) ** 2).clamp(min=0.0)
    return b * (a_r**2 + s_r**2) / (a_t**2 + s_t**2)


@dataclass(frozen=True)
class AncestralSolver(Solver):
    """x_r = a_r x1_hat + sqrt(s_r^2 - taken) eps_hat + sqrt(var) z: one denoiser evaluation a step.

    With taken = var = beta tilde this is q(x_r | x_t, x1_hat); any smaller variance keeps the marginals (Song et al.,
    2021, DDIM, eq. 12).
    """

    @abstractmethod
    def variance(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """Variance of the fresh noise of the step from t to r, 0-d."""

    def taken(self, path: Path, t: Tensor, r: Tensor) -> Tensor:
        """Variance that the predicted noise gives up for it, 0-d: as much, unless a solver says otherwise."""
        return self.variance(path, t, r)

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk; at s = 0 the last state is the last x1_hat."""
        x, evaluations, path = start, 0, field.path
        for t, r in intervals(times, start):
            clean = field.x1_hat(x, t)
            evaluations += 1
            noise = to_clean_and_noise("x", clean, x, t, path)[1]
            variance = self.variance(path, t, r)
            kept = torch.sqrt((path.s(r) ** 2 - self.taken(path, t, r)).clamp(min=0.0))
            mean = path.a(r) * clean + kept * noise
            noisy = float(variance) > 0
            velocity = velocity_of_clean(clean, x, t, path)
            yield State(float(t), x, clean, evaluations, velocity, mean - x if noisy else None)
            x = mean + torch.sqrt(variance) * normal_like(x, generator, t, r) if noisy else mean
        yield last_state(path, x, r, evaluations)
