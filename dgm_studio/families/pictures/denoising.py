"""What the families that turn noise into pictures have in common: the film forwards, the inversion, the knobs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.knobs import knob
from dgm_studio.families.classifier_guidance import CLASSIFIER, FREE, KINDS, ClassifierGuidance, Pulled
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts import diffusion_knobs, gradient_knobs
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.families.parts.integrate import EULER, HEUN, RK4, fixed
from dgm_studio.families.parts.learned_field import ends
from dgm_studio.families.parts.solver_knobs import WITHOUT_DENSITY, with_settings
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.paths.field import Field
from dgm_studio.solvers.solver import State

MOST_LABELS = 255
UNTOLD = "The model is not told classes: choose data that have some, and switch Classes on in Design."
NO_CLASSIFIER = "The model was built without a noisy classifier: switch Noisy classifier on in Design."

_BACKWARDS = {"euler": EULER, "heun": HEUN, "rk4": RK4}
"""By the solver's id, the Runge-Kutta method that goes back the way it came; Heun's for all others."""


@dataclass(frozen=True)
class FlowDesign(diffusion_knobs.PathDesign):
    """What every diffusion of pictures is built by, whatever its points and its network."""

    told: bool = knob(True, "Classes", "The network is told the class, where the data have some.")
    classifier: bool = knob(
        True, "Noisy classifier", "A small classifier of noised pictures learns beside, to compare both guidances.",
        when=("told", (True,)),
    )  # fmt: skip


@dataclass(frozen=True)
class Training(diffusion_knobs.Training):
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = knob(8, "Batch", "Pictures per step.", low=1, high=512, log=True)
    clip: float = gradient_knobs.clip(1.0)


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is sampled; nothing of the training changes."""

    solver: str = knob("heun", "Solver", "The stepper from noise to pictures.", choices=WITHOUT_DENSITY)
    steps: int = knob(16, "Steps", "Steps from noise to pictures.", low=1, high=1000, log=True)
    kind: str = knob(FREE, "Guidance by", "Whose push towards the class is followed.", choices=KINDS)
    guidance: float = knob(
        1.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, y): 0 ignores the class, above 1 sharpens (needs classes).",
        low=0.0, high=10.0,
    )  # fmt: skip
    label: int = knob(
        -1, "Class", "The class to draw; −1 draws each picture's as often as the data have it (needs classes).",
        low=-1, high=MOST_LABELS,
    )  # fmt: skip


class DenoisingFamily(PictureFamily):
    """`flow` is the generalized diffusion of families.diffusion over points (n, k) that `within` makes of pictures and
    `shown` makes pictures of; k is dim in pixels, a latent's axes otherwise. It is what is told classes, and what has
    the noisy classifier where there is one (families.classifier_guidance).

    `rows` is how many pictures one next() of a film can hold within its 50 ms.
    """

    rows: ClassVar[int] = 8
    flow: Diffusion

    @abstractmethod
    def within(self, x: Tensor) -> Tensor:
        """Points (n, k) that are denoised, of pictures (n, dim)."""

    @abstractmethod
    def shown(self, x: Tensor) -> Tensor:
        """Pictures (n, dim) of points (n, k)."""

    @property
    def noise_dim(self) -> int:
        """k."""
        return self.flow.dim

    @property
    def conditional(self) -> bool:
        """Whether it can be told a class."""
        return self.flow.classes > 0

    @property
    def has_classifier(self) -> bool:
        """Whether Sampling's `kind` may be CLASSIFIER."""
        return isinstance(self.flow, ClassifierGuidance)

    def idle(self, training: Any) -> Mapping[str, str]:
        """What labels and the classifier would be for, where the model has none."""
        untold = {} if self.flow.classes else dict.fromkeys((*diffusion_knobs.OF_CLASSES, "kind"), UNTOLD)
        return untold or ({} if self.has_classifier else {"kind": NO_CLASSIFIER})

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Noise (n, k)."""
        return self.flow.prior(n, generator)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return self.flow.frames(sampling)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From noise (n, k) to pictures (n, dim), each state as it is shown; classes as Sampling says."""
        for state in self.flow.walk(start, sampling, generator):
            clean = None if state.x1_hat is None else self.shown(state.x1_hat)
            yield State(state.t, self.shown(state.x), clean, state.evaluations)

    @torch.no_grad()
    def film(
        self, start: Tensor, sampling: Any, generator: torch.Generator, labels: Tensor, gamma: float
    ) -> Iterator[State]:
        """States of the chosen solver from standard normal noise (n, k), which is given the path's own scale, their
        x1_hat always told, towards classes (n,) (-1: none) by the guidance that `sampling.kind` names, at scale gamma.
        """
        field = self.towards(labels, getattr(sampling, "kind", FREE), gamma)
        for state in self.flow.along(field, self.flow.path.prior_std * start, sampling, generator):
            if state.x1_hat is None:
                clean = field.x1_hat(state.x, torch.tensor(state.t, dtype=start.dtype, device=start.device))
                state = replace(state, x1_hat=clean, evaluations=state.evaluations + 1)
            yield state

    @torch.no_grad()
    def inverted(self, x: Tensor, sampling: Any, labels: Tensor, gamma: float) -> Iterator[State]:
        """The probability-flow ODE from pictures (n, dim) at t = 1 back to t = 0, by the chosen solver on its times
        (Heun's where that is no Runge-Kutta method); the last state is the noise (n, k) from which a film comes back
        to the pictures, to the solver's order."""
        field = self.towards(labels, getattr(sampling, "kind", FREE), gamma)
        times = self.flow.path.time_grid(sampling.steps, torch.float64).flip(0).tolist()

        def velocity(y: tuple[Tensor, ...], t: float) -> tuple[Tensor]:
            return (field.velocity(y[0], torch.tensor(t, dtype=x.dtype, device=x.device)),)

        for reached in fixed(velocity, (self.within(x),), times, _BACKWARDS.get(sampling.solver, HEUN)):
            at_noise = reached.t == times[-1]
            x_t = reached.y[0] / self.flow.path.prior_std if at_noise else reached.y[0]
            yield State(reached.t, x_t, evaluations=reached.evaluations)

    @torch.no_grad()
    def loss_of(self, x: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        """|F - target / c|^2 (n,) of pictures (n, dim) told their classes (n,), averaged over axes, at times spread
        evenly over [0, 1], with one draw of noise each: what training lowers, unweighted."""
        flow, z = self.flow, self.within(x)
        noise = torch.randn(z.shape, generator=generator, device=z.device, dtype=z.dtype)
        t = ((torch.arange(len(z), device=z.device) + 0.5) / len(z)).to(z).clamp(*ends(flow.path))
        miss = flow.residual(z, noise, t, self.heard(labels))
        return miss.square().mean(1)

    def heard(self, labels: Tensor) -> Tensor | None:
        """What of the labels (n,) the flow is told."""
        return labels if self.flow.classes else None

    def towards(self, labels: Tensor, kind: str, gamma: float) -> Field:
        """The field guided towards classes (n,), -1 for none; without any it is the unconditional one."""
        flow = self.flow
        if not flow.classes or gamma == 0 or bool((labels < 0).all()):
            return flow
        told = torch.where(labels < 0, flow.classes, labels).to(self.device)
        if kind == CLASSIFIER and isinstance(flow, ClassifierGuidance):
            return Pulled(flow, told, gamma)
        return ClassifierFree(flow, told, gamma)


def flow_over(
    design: Any, dim: int, classes: int, net: nn.Module | None = None, classifier: nn.Module | None = None
) -> Diffusion:
    """The diffusion of points of `dim` columns that is told `classes` (0: none), with a noisy classifier where the
    design wants one and there are classes; the networks are perceptrons where none are given."""
    if classes and design.classifier:
        return ClassifierGuidance(design, dim, net=net, classes=classes, classifier=classifier)
    return Diffusion(design, dim, net=net, classes=classes)


def told_classes(design: Any, classes: int) -> int:
    """How many classes a model is told: those of the data if there are two or more and the design wants it."""
    return classes if design.told and classes > 1 else 0
