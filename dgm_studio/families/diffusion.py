"""The generalized diffusion: a path, a prediction target, times. DDPM, score SDEs, flow matching are it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import numbers_in
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.continuity import log_density
from dgm_studio.families.parts.diffusion_knobs import NO_CLASSES, OF_CLASSES, Design, Sampling, Training
from dgm_studio.families.parts.diffusion_presets import PRESETS
from dgm_studio.families.parts.elbo_steps import elbo_bars
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.families.parts.learned_field import LearnedField, ends, inner
from dgm_studio.families.parts.solver_knobs import fit_solver, solver_of
from dgm_studio.families.parts.times import draw_times
from dgm_studio.families.parts.weighting import UNIT, weight
from dgm_studio.families.showing import Bars
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths import paths
from dgm_studio.paths.custom import Custom
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import At, at, coefficients, from_clean_and_noise, to_clean_and_noise
from dgm_studio.solvers.solver import State

__all__ = ["FAMILY", "Design", "Diffusion", "Sampling", "Training", "path_of"]


class Diffusion(LearnedField, Family):
    """The network F sees x_t / sqrt(a^2 sigma_data^2 + s^2) and t; the prediction is c(t) F.

    The target is linear in the clean datum and the noise, target = c_1 x_1 + c_0 x_0 (paths.targets), and c^2
    = c_1^2 sigma_data^2 + c_0^2 is its variance for data of that scale: 1 for epsilon and edm, 1/s for score. Loss:
    w(t) |F - target / c|^2 averaged over points and axes; "unit" has w = 1, which for score prediction is the
    weight s^2 of Song et al., 2021 (equation 7), and "plain" w = c^2 (families.weighting has the others). Training
    and every evaluation stay at times paths.targets.inner_time allows (1e-3 inside an end where a or s is 0), where
    no conversion is singular.

    With prediction edm this is EDM's D(z; sigma) = c_skip z + c_out F(c_in z; c_noise) at z = x_t / a, sigma = s / a
    (Karras et al., 2022, equation 7), and F sees c_noise = ln(sigma) / 4 for t.

    With `classes` K the network is also told a label 0..K-1, or that there is none; training hides a share of them,
    so that one network is conditional and unconditional (Ho and Salimans, 2022). The fields of the model itself
    are the unconditional ones; `guided` gives those of a label.
    """

    card = Card(
        id="diffusion",
        title="Diffusion and flows",
        summary="Learns to undo noise: DDPM, score SDEs and flow matching are one model with other knobs.",
        lecture="7-9, 11-13",
        paper="Lipman et al., 2023; Song et al., 2021; Ho et al., 2020",
        formula="x_t = a(t) x_1 + s(t) x_0",
        shows=("velocity", "score", "denoiser", "log_prob", "transport", "bars", "loss_floor"),
        facts=(
            ("loss", "L = E w(t) |F(x_t, t) − target / c(t)|²"),
            ("kin", "Diffusion"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = PRESETS
    log_prob_kind = "ode"
    frequencies: Tensor

    def __init__(self, design: Any, dim: int, *, net: nn.Module | None = None, classes: int | None = None) -> None:
        """`net` (x, t, label) is another network than the perceptron, `classes` other than the design's."""
        super().__init__(design, dim)
        # A subclass's own knobs need not offer labels.
        self.classes = int(getattr(design, "classes", 0)) if classes is None else classes
        self._path = path_of(design)
        self.net = TimeMLP(dim, design.width, design.layers, classes=self.classes) if net is None else net
        if self.classes:
            self.register_buffer("frequencies", torch.empty(self.classes))

    def fill(self, generator: torch.Generator) -> None:
        """Every label equally often, until data are seen."""
        if self.classes:
            self.frequencies.fill_(1 / self.classes)

    @property
    def path(self) -> Path:
        """The path of the design."""
        return self._path

    def idle(self, training: Any) -> Mapping[str, str]:
        """Without classes there is no label to hide, to ask for or to follow."""
        return {} if self.classes else dict.fromkeys(OF_CLASSES, NO_CLASSES)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of denoising regression."""
        return self.denoise(fit)

    def denoise(self, fit: Fit, group: str = "main") -> Mapping[str, Tensor | float]:
        """One step of denoising regression of that group of parameters."""
        x1, label = self.seen_examples(fit) if self.classes else (fit.batch(), None)
        return self.regress(x1, label, fit, group)

    def regress(self, x1: Tensor, label: Tensor | None, fit: Fit, group: str = "main") -> Mapping[str, Tensor | float]:
        """The same step at given clean points (n, d) with labels (n,) or none."""
        training = fit.training
        x0 = fit.normal(*x1.shape)
        t = draw_times(training, self.path, len(x1), fit.generator, x1.dtype).clamp(*ends(self.path))
        if label is not None:
            label = self.untold(label, fit.uniform(len(x1)) < training.label_drop)
        miss = self.residual(x1, x0, t, label)
        error = miss.square()
        if training.weighting != UNIT:
            error = self._weight(training, t) * error
        loss = error.mean()
        fit.note(miss=miss, losses=error)
        fit.descend(loss, group)
        return {"loss": loss.detach()}

    def untold(self, label: Tensor, which: Tensor) -> Tensor:
        """Labels (n,) of which those at `which` (n,) say that there is none."""
        return torch.where(which, self.classes, label)

    def seen_examples(self, fit: Fit) -> tuple[Tensor, Tensor]:
        """A batch (n, d) with its labels (n,); notes how frequent each label is. Refused if there are too many."""
        counts = torch.bincount(fit.labels, minlength=self.classes)
        if len(counts) > self.classes:
            raise Refused(
                f"The data have labels up to {len(counts) - 1}, this model has {self.classes} classes: "
                f"set Classes to {len(counts)} or more."
            )
        self.frequencies.copy_(counts / len(fit.labels))
        return fit.batch_with_labels()

    def residual(self, x1: Tensor, x0: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """F - target / c (n, d) for clean points and noise (n, d) at times t (n,), with labels (n,) or none."""
        here = self._at(t)
        c1, c0, c = self._coefficients(here)
        return self._network(here.a * x1 + here.s * x0, t, here, label) - (c1 * x1 + c0 * x0) / c

    def _at(self, t: Tensor) -> At:
        return at(self.path, t, self.design.sigma_data)

    def _network(self, x: Tensor, t: Tensor, here: At, label: Tensor | None = None) -> Tensor:
        # c_noise / 2, for the time embedding's period of 2 to cover all noise levels (1e-3 to 1e3).
        time = 0.125 * torch.log(here.s / here.a).view_as(t) if self.design.prediction == "edm" else t
        out: Tensor = self.net(x / torch.hypot(here.a * here.sigma_data, here.s), time, label)
        return out

    def scale(self, t: Tensor) -> Tensor:
        """c(t) (n, 1): the target's standard deviation for data of scale sigma_data."""
        return self._coefficients(self._at(t))[2]

    def _coefficients(self, here: At) -> tuple[Tensor, Tensor, Tensor]:
        """c_1, c_0 and c at these times, each (n, 1)."""
        c1, c0 = coefficients(self.design.prediction, here)
        return c1, c0, torch.hypot(c1 * here.sigma_data, c0)

    def _weight(self, training: Any, t: Tensor) -> Tensor:
        design, limit = self.design, training.snr_limit
        return weight(training.weighting, limit, design.prediction, self.scale(t), design.sigma_data, t, self.path)

    def loss_of_exact(self, exact: ExactField, x1: Tensor, training: Any, generator: torch.Generator) -> Tensor:
        """The training loss (n,) of the exact prediction at clean points x1 (n, d), with times, noise and weights as
        training draws them: the irreducible part, w(t) Var(target | x_t) / c^2. Refused for a model with labels.
        """
        if self.classes:
            raise Refused("The best possible loss with class labels is not known in closed form: it depends on them.")
        x0 = torch.randn(x1.shape, generator=generator, device=x1.device, dtype=x1.dtype)
        t = draw_times(training, self.path, len(x1), generator, x1.dtype).clamp(*ends(self.path))
        x_t = self.path.mix(x1, x0, t)
        clean = exact.x1_hat(x_t, t)
        noise = (x_t - self.path.a(t)[:, None] * clean) / self.path.s(t)[:, None]
        design = self.design
        gap = from_clean_and_noise(design.prediction, x1 - clean, x0 - noise, t, self.path, design.sigma_data)
        error = (gap / self.scale(t)).square()
        if training.weighting != UNIT:
            error = self._weight(training, t) * error
        return error.mean(dim=1)

    # The field.

    def clean_and_noise(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Posterior means (E[x_1 | x_t = x], E[x_0 | x_t = x]) from one network evaluation, given labels (n,) or
        none.
        """
        t = inner(x, t, self.path)
        here = self._at(t)
        prediction = self._coefficients(here)[2] * self._network(x, t, here, label)
        return to_clean_and_noise(self.design.prediction, prediction, x, t, self.path, self.design.sigma_data)

    def guided(self, labels: Tensor, sampling: Any) -> Field:
        """The field that sampling with these labels, (n,) or one for all, walks along: classifier-free guidance."""
        return ClassifierFree(self, labels, sampling.guidance)

    def guidance_parts(self, sampling: Any) -> tuple[int, Field, Field]:
        """See families.capabilities.Guides."""
        if not self.classes:
            raise Refused(NO_CLASSES)
        chosen = self._chosen(sampling)
        label = self.frequencies.nonzero()[0] if chosen is None else chosen
        return int(label), self, self.guided(label, replace(sampling, guidance=1.0))

    def _chosen(self, sampling: Any) -> Tensor | None:
        """The one label that is asked for (1,), None where it is none; Refused if the data do not have it."""
        if not self.classes or sampling.label < 0:
            return None
        known = self.frequencies.nonzero()[:, 0].tolist()
        if sampling.label not in known:
            raise Refused(
                f"Label (label) is {sampling.label}, which no training point has: choose {known[0]} to {known[-1]}."
            )
        return torch.tensor([sampling.label], device=self.device)

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, prior_std^2 I), (n, d)."""
        noise = torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)
        return self.path.prior_std * noise

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the chosen solver from start (n, d) to samples; labels as Sampling says, where there are any."""
        yield from self.along(self.followed(len(start), sampling, generator), start, sampling, generator)

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Field:
        """See families.capabilities.FollowsField; labels that are drawn are those of a walk with this generator."""
        if not self.classes:
            return self
        labels = self._chosen(sampling)
        if labels is None:  # drawn in float32, so that a model in float64 is asked for the same
            labels = torch.multinomial(self.frequencies.float(), count, replacement=True, generator=generator)
        return self.guided(labels, sampling)

    @torch.no_grad()
    def along(self, field: Field, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The same solver and times along another field of this path: the exact one."""
        times = self.path.time_grid(sampling.steps, start.dtype).to(start.device)
        yield from fit_solver(sampling, field).walk(field, start, times, generator)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The probability-flow map of start (n, d), of the chosen label or of none: by the chosen solver, by DDIM with
        eta = 0, or, where the chosen solver is stochastic and so has no map, by Heun's.
        """
        solver = "heun" if solver_of(sampling).card.fact("stochastic") else sampling.solver
        sampling, chosen = replace(sampling, solver=solver, eta=0.0), self._chosen(sampling)
        field = self if chosen is None else self.guided(chosen, sampling)
        yield from self.along(field, start, sampling, torch.Generator(start.device))

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p_t(x) (n,) in nats of the probability-flow ODE started at the prior (families.continuity).

        With labels: of the chosen class as it is guided; of all classes the mixture of these in the data's shares,
        which is the unconditional density itself at guidance 0 and 1.
        """
        times = t * self.path.time_grid(sampling.density_steps, x.dtype).to(x.device)
        density = partial(log_density, x=x, times=times, prior_std=self.path.prior_std)
        chosen = self._chosen(sampling)
        if chosen is not None:
            return (yield from density(self.guided(chosen, sampling)))
        if not self.classes or sampling.guidance in (0, 1):
            return (yield from density(self))
        total = x.new_full((len(x),), -math.inf)
        for label in self.frequencies.nonzero():
            found = yield from density(self.guided(label, sampling))
            total = torch.logaddexp(total, self.frequencies[label].log() + found)
        return total

    # What it shows.

    @torch.no_grad()
    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """The discrete-time ELBO's terms over as many steps as are sampled, without labels (families.elbo_steps)."""
        return (yield from elbo_bars(self, points, self.path.time_grid(sampling.steps), generator))


def path_of(design: Any) -> Path:
    """The path a Design names, or draws: Refused with the reason if what is drawn is none."""
    if design.path != "custom":
        return paths()[design.path]
    return Custom(numbers_in(design.a_points), numbers_in(design.s_points))


FAMILY = Diffusion
