"""Classifier guidance: an unconditional diffusion pushed by the gradient of a classifier of noisy points."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.diffusion import Design as DiffusionDesign
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.diffusion import Sampling as DiffusionSampling
from dgm_studio.families.diffusion import Training as DiffusionTraining
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.diffusion_knobs import LABELS, PATHS
from dgm_studio.families.parts.learned_field import LearnedField, ends, inner
from dgm_studio.families.parts.solver_knobs import SOLVERS
from dgm_studio.families.parts.times import draw_times
from dgm_studio.families.showing import Push
from dgm_studio.nets.noisy_classifier import NoisyClassifier
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path

CLASSIFIER, FREE = "classifier", "classifier-free"
KINDS = (
    Choice(CLASSIFIER, "Classifier", "The unconditional score plus γ ∇ log p(y|xₜ) (Dhariwal and Nichol, 2021)."),
    Choice(FREE, "Classifier-free", "The conditional and the unconditional denoiser mixed (Ho and Salimans, 2022)."),
)
_BEATS = ("denoiser", "classifier")

SIDE = 20
"""Arrows along one side of the lattice."""


@dataclass(frozen=True)
class Design(DiffusionDesign):
    """What is built: a diffusion that knows labels, and a classifier of noisy points."""

    path: str = knob("vp", "Path", "How noise is mixed into data: xₜ = a(t) x₁ + s(t) x₀.", choices=PATHS)
    classes: int = knob(
        LABELS, "Classes", "Labels the networks know, at least as many as the data have.", low=2, high=LABELS
    )


@dataclass(frozen=True)
class Training(DiffusionTraining):
    """How both learn; every knob is live."""


@dataclass(frozen=True)
class Sampling(DiffusionSampling):
    """How it is sampled, and by which guidance."""

    solver: str = knob("ddim", "Solver", "The stepper from noise to data.", choices=SOLVERS)
    steps: int = knob(50, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)
    kind: str = knob(CLASSIFIER, "Guidance by", "Whose push towards the class is followed.", choices=KINDS)
    guidance: float = knob(
        1.0, "Guidance", "γ of the push: 0 ignores the label, 1 is Bayes' rule, above 1 sharpens.", low=0.0, high=10.0
    )
    label: int = knob(
        -1, "Label", "The class to sample; −1 draws each sample's class as often as the data have it.",
        low=-1, high=LABELS - 1,
    )  # fmt: skip


class ClassifierGuidance(Diffusion):
    """score(x, t | y) = score(x, t) + gamma grad log p(y | x_t = x) (lecture 9; Dhariwal and Nichol, 2021).

    The diffusion is that of families.diffusion with labels hidden from it in a share of the batch; without a label it
    is the unconditional model that the classifier guides, with one it is classifier-free guidance's: both kinds of
    guidance can be compared on one trained model. The classifier sees x_t and t, and descends its cross-entropy in
    the second beat.
    """

    card = Card(
        id="classifier-guidance",
        title="Classifier guidance",
        summary="A classifier of noisy points steers an unconditional diffusion towards the class you ask for.",
        lecture="9",
        paper="Dhariwal and Nichol, 2021",
        formula="score(x, t | y) = score(x, t) + γ ∇ log p(y | x_t)",
        shows=("velocity", "score", "denoiser", "log_prob", "transport", "bars", "loss_floor", "push"),
        facts=(
            ("kin", "Diffusion"),
            ("push", "Classifier gradient"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "classifier-guidance", "Classifier guidance", "Bayes' rule: the classifier's gradient at γ = 1.", "9",
            "Dhariwal and Nichol, 2021",
        ),
        Preset(
            "sharpened-guidance", "Sharpened", "γ = 4: samples gather where the classifier is surest.", "9",
            "Dhariwal and Nichol, 2021", sampling={"guidance": 4.0},
        ),
        Preset(
            "free-guidance", "Classifier-free", "The same model guided by its own labelled denoiser at γ = 4.", "9",
            "Ho and Salimans, 2022", sampling={"guidance": 4.0, "kind": FREE},
        ),
    )  # fmt: skip

    def __init__(
        self,
        design: Any,
        dim: int,
        *,
        net: nn.Module | None = None,
        classes: int | None = None,
        classifier: nn.Module | None = None,
    ) -> None:
        """`net` (x, t, label) and `classifier` (x, t, signal) are other networks than the perceptrons."""
        super().__init__(design, dim, net=net, classes=classes)
        if classifier is None:
            classifier = NoisyClassifier(TimeMLP(dim, design.width, design.layers, outputs=self.classes), self.classes)
        self.classifier = classifier

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """A classifier needs something to tell apart."""
        if classes >= 2:
            return ""
        return "Classifier guidance needs data with two or more class labels, these have one: choose labelled data."

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """Both networks learn in every step, each from its own batch."""
        return _BEATS

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """One optimiser each."""
        return {"denoiser": self.net.parameters(), "classifier": self.classifier.parameters()}

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the diffusion, or one of the classifier at x_t of the same path and times."""
        if name == "denoiser":
            return self.denoise(fit, "denoiser")
        return self.classify(*self.seen_examples(fit), fit)

    def classify(self, x1: Tensor, label: Tensor, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the classifier at given clean points (n, d) with labels (n,)."""
        x0 = fit.normal(*x1.shape)
        t = draw_times(fit.training, self.path, len(x1), fit.generator, x1.dtype).clamp(*ends(self.path))
        logits = self.logits(self.path.mix(x1, x0, t), t)
        loss = cross_entropy(logits, label)
        fit.descend(loss, "classifier")
        right = (logits.detach().argmax(1) == label).to(x1.dtype).mean()
        return {"cross-entropy": loss.detach(), "accuracy": right}

    # The guided field.

    def logits(self, x: Tensor, t: Tensor) -> Tensor:
        """log p(y | x_t = x) (n, classes) but for a constant, at points (n, d) and times (n,)."""
        scaled = self.path.a(t) * self.design.sigma_data
        spread = (scaled.square() + self.path.s(t).square()).sqrt()
        out: Tensor = self.classifier(x / spread[:, None], t, (scaled / spread)[:, None])
        return out

    def pull(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """grad_x log p(y | x_t = x) (n, d) for labels (n,), or, with None, for the likeliest class of each point; 0
        where the label is `classes`, which is none."""
        further = torch.is_grad_enabled()
        with torch.enable_grad():
            at = x if x.requires_grad else x.detach().requires_grad_()
            log_p = self.logits(at, inner(x, t, self.path)).log_softmax(1)
            chosen = log_p.argmax(1) if labels is None else labels
            told = chosen < self.classes
            wanted = log_p.gather(1, chosen.clamp(max=self.classes - 1)[:, None])[told].sum()
            (gradient,) = torch.autograd.grad(wanted, at, create_graph=further)
        return gradient

    def guided(self, labels: Tensor, sampling: Any) -> Field:
        """The field of the chosen kind of guidance towards labels, (n,) or one for all."""
        if sampling.kind == FREE:
            return super().guided(labels, sampling)
        return Pulled(self, labels, sampling.guidance)

    def push(self, points: Tensor, t: float, sampling: Any, generator: torch.Generator) -> Generator[None, None, Push]:
        """The classifier's gradient at time t on a lattice over where the path's marginal lies.

        Towards the chosen label, or, where none is chosen, towards each place's likeliest class.
        """
        label, time = self._chosen(sampling), torch.tensor(t, dtype=points.dtype, device=points.device)
        x = _lattice(points, float(self.path.a(time)), float(self.path.s(time)))
        v = self.pull(x, time, None if label is None else label.expand(len(x)))
        yield
        towards = "each place's likeliest class" if label is None else f"class {int(label)}"
        return Push(x, v.detach(), f"∇ log p(y|xₜ) towards {towards} at t = {t:.2f}")


class Pulled(LearnedField):
    """score + gamma grad log p(y | x_t), by the posterior means: eps - s gamma g and x_1 + s^2 gamma g / a."""

    def __init__(self, model: ClassifierGuidance, labels: Tensor, gamma: float) -> None:
        self.model, self.labels, self.gamma = model, labels, gamma

    @property
    def path(self) -> Path:
        """The model's."""
        return self.model.path

    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Guided posterior means: one evaluation of the denoiser, one gradient of the classifier."""
        clean, noise = self.model.clean_and_noise(x, t)
        if self.gamma == 0:
            return clean, noise
        time = inner(x, t, self.path)
        a, s = self.path.a(time)[:, None], self.path.s(time)[:, None]
        shift = self.gamma * s * self.model.pull(x, t, self.labels.expand(len(x)))
        return clean + s / a * shift, noise - shift


def _lattice(points: Tensor, a: float, s: float) -> Tensor:
    """SIDE^2 places (SIDE for one axis) in the first two axes over the box that holds x_t of these points; the further
    axes stay at their mean."""
    low, high = a * points.amin(0) - s, a * points.amax(0) + s
    axes = [torch.linspace(float(low[i]), float(high[i]), SIDE, device=points.device) for i in range(len(low))[:2]]
    grid = torch.cartesian_prod(*axes).reshape(-1, len(axes)).to(points)
    x = (a * points.mean(0)).repeat(len(grid), 1)
    x[:, : len(axes)] = grid
    return x


FAMILY = ClassifierGuidance
