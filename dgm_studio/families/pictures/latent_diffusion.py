"""Latent diffusion: a flow in the latent space of a variational autoencoder whose decoder makes the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.classifier_guidance import ClassifierGuidance
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import diffusion_knobs, gradient_knobs
from dgm_studio.families.parts.times import LOGIT_NORMAL
from dgm_studio.families.pictures import denoising, vae
from dgm_studio.families.pictures.denoising import DenoisingFamily, FlowDesign, Sampling, flow_over, told_classes
from dgm_studio.families.pictures.two_stage import TwoStage, first_steps
from dgm_studio.solvers.solver import State

MEASURED = 64
"""Batches of codes over which their mean and variance are taken."""
DENOISER, CLASSIFIER = "denoiser", "classifier"


@dataclass(frozen=True)
class Design(FlowDesign, vae.Design):
    """What is built: the autoencoder's knobs, and the flow's."""

    flow_width: int = knob(384, "Flow width", "Hidden units per layer of the flow.", low=8, high=1024, log=True)
    flow_layers: int = knob(4, "Flow layers", "Hidden layers of the flow.", low=1, high=8)


@dataclass(frozen=True)
class Training(denoising.Training):
    """How it learns; every knob is live."""

    batch: int = knob(96, "Batch", "Pictures per step.", low=1, high=512, log=True)
    ema: float = gradient_knobs.ema(0.999)
    first_steps: int = first_steps(1500)


class LatentDiffusion(TwoStage, DenoisingFamily):
    """x = decode(mu + sigma z), z the end of a flow from N(0, I): Rombach et al., 2022, with a VAE's flat latent for
    their map, so that the network is a perceptron.

    The flow learns codes drawn from q(z|x), made to have mean 0 and variance 1 on every axis by moments taken over the
    second stage's first batches; the pictures it is shown are encoded to the mean.
    """

    card = Card(
        id="latent-diffusion",
        title="Latent diffusion",
        summary="A flow among the codes of a VAE, whose decoder turns them into pictures.",
        lecture="14, second course",
        paper="Rombach et al., 2022",
        formula="x = D(z₁),  z_t = a(t) z₁ + s(t) z₀,  z₁ ~ q(z|x)",
        facts=(("loss", "L = E w(t) |F(z_t, t, y) − target / c(t)|²"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "latent-flow", "Latent rectified flow", "Straight paths in the latent space of a VAE.",
            "14, second course", "Rombach et al., 2022; Esser et al., 2024", training={"times": LOGIT_NORMAL},
            sampling={"guidance": 2.0},
        ),
        Preset(
            "latent-ddpm", "Latent DDPM", "Variance-preserving noise, epsilon prediction.", "14",
            "Rombach et al., 2022", {"path": "vp", "prediction": "epsilon"}, {}, {"solver": "ddim", "steps": 32},
        ),
    )  # fmt: skip
    First = vae.VAE
    rows: ClassVar[int] = 64
    centre: Tensor
    square: Tensor
    measured: Tensor

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        classes = told_classes(design, shape.classes)
        self.flow = flow_over(_flow_design(design, classes), design.latent, classes)
        self.register_buffer("centre", torch.empty(design.latent))
        self.register_buffer("square", torch.empty(design.latent))
        self.register_buffer("measured", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """Nothing measured yet: mean 0, variance 1."""
        super().fill(generator)
        self.start_second()

    def start_second(self) -> None:
        """The codes are those of a settled encoder: measure them anew."""
        self.centre.zero_()
        self.square.fill_(1.0)
        self.measured.zero_()

    # Between pictures and the points that are denoised.

    @property
    def spread(self) -> Tensor:
        """Standard deviation (k,) of the codes on each axis."""
        return (self.square - self.centre.square()).clamp_min(1e-8).sqrt()

    def within(self, x: Tensor) -> Tensor:
        """(mean of q(z|x) - mu) / sigma."""
        mean: Tensor = self.first.encode(x)[0]
        return (mean - self.centre) / self.spread

    def shown(self, x: Tensor) -> Tensor:
        """The decoder's mean at mu + sigma x."""
        found: Tensor = self.first.decode(self.centre + self.spread * x)
        return found

    # Training.

    def second(self) -> Iterable[nn.Parameter]:
        """The denoiser's weights."""
        return self.flow.net.parameters()

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """The denoiser, the noisy classifier where there is one, and the autoencoder."""
        return {**super().groups(), **{name: own for name, own in self.flow.groups().items() if name == CLASSIFIER}}

    def beats(self, training: Any) -> tuple[str, ...]:
        """The autoencoder's beat, later the flow's."""
        return self.flow.beats(training) if self.in_second else super().beats(training)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One beat of the stage that is under way."""
        if self.in_second and name == CLASSIFIER:
            assert isinstance(self.flow, ClassifierGuidance)
            z, label = self.examples(fit)
            assert label is not None
            return self.flow.classify(z, label, fit)
        return super().beat(name, fit)

    def second_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the flow among codes."""
        self.clock.add_(1)
        return self.flow.regress(*self.examples(fit), fit)

    @torch.no_grad()
    def examples(self, fit: Fit) -> tuple[Tensor, Tensor | None]:
        """Codes (n, k) drawn from q(z|x) of a batch, of mean 0 and variance 1, and labels (n,) where it is told some;
        the first batches' moments are taken in."""
        x, label = self.flow.seen_examples(fit) if self.flow.classes else (fit.batch(), None)
        mean, log_variance = self.first.encode(x)
        z = mean + (0.5 * log_variance).exp() * fit.normal(*mean.shape)
        if int(self.measured) < MEASURED:
            self.measured.add_(1)
            share = 1 / int(self.measured)
            self.centre.lerp_(z.mean(0), share)
            self.square.lerp_(z.square().mean(0), share)
        return (z - self.centre) / self.spread, label

    # Sampling: while the autoencoder still learns, it is what can be seen.

    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From noise (n, k) to pictures (n, dim), decoded at every state; of the autoencoder's prior in stage 1."""
        if not self.in_second:
            plain = self.first.Sampling()
            return iter(self.first.walk(self.first.prior(len(start), generator), plain, generator))
        return super().walk(start, sampling, generator)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step; one picture in stage 1."""
        return super().frames(sampling) if self.in_second else int(self.first.frames(self.first.Sampling()))


def _flow_design(design: Any, classes: int) -> Any:
    """The flow's part of a design, as families.diffusion reads it; codes have scale 1."""
    path = {name: getattr(design, name) for name in diffusion_knobs.PathDesign.__dataclass_fields__}
    return _Flow(**path, width=design.flow_width, layers=design.flow_layers, sigma_data=1.0, classes=classes,
                 classifier=design.classifier)  # fmt: skip


@dataclass(frozen=True)
class _Flow(diffusion_knobs.Design):
    classifier: bool = False


FAMILY = LatentDiffusion
