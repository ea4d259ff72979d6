"""Diffusion and flows in pixels: the generalized diffusion with a small U-Net or a small diffusion transformer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.solver_knobs import WITHOUT_DENSITY
from dgm_studio.families.parts.times import LOG_NORMAL, LOGIT_NORMAL
from dgm_studio.families.pictures import denoising
from dgm_studio.families.pictures.denoising import DenoisingFamily, FlowDesign, Training, flow_over, told_classes
from dgm_studio.nets.noisy_classifier import NoisyClassifier
from dgm_studio.nets.noisy_picture_net import NoisyPictureNet
from dgm_studio.nets.picture_transformer import PictureTransformer
from dgm_studio.nets.picture_unet import PictureUNet

UNET, DIT = "unet", "dit"
NETWORKS = (
    Choice(UNET, "U-Net", "Convolutions at three sizes, joined across (Ronneberger et al., 2015)."),
    Choice(DIT, "Transformer (DiT)", "Patches as tokens, time and class by adaptive norms (Peebles and Xie, 2023)."),
)


@dataclass(frozen=True)
class Design(FlowDesign):
    """What is built."""

    network: str = knob(UNET, "Network", "What sees a noised picture and predicts.", choices=NETWORKS)
    width: int = knob(
        16, "Width", "Channels of the U-Net at full size, or numbers at each of the transformer's tokens.",
        low=4, high=256, log=True,
    )  # fmt: skip
    layers: int = knob(1, "Layers", "Blocks at each size of the U-Net, or of the transformer.", low=1, high=12)
    patch: int = knob(
        4, "Patch", "Pixels a side of a token; halved, a step takes four times as long.", low=1, high=16,
        when=("network", (DIT,)),
    )  # fmt: skip
    sigma_data: float = knob(
        0.8, "Data scale", "Standard deviation of the pixels, black is −1, white 1; scales the network's input and "
        "output.", low=0.05, high=4.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling(denoising.Sampling):
    """How it is sampled: by a solver that asks the network once a step, for a frame must not take long."""

    solver: str = knob("euler", "Solver", "The stepper from noise to pictures.", choices=WITHOUT_DENSITY)
    steps: int = knob(32, "Steps", "Steps from noise to pictures.", low=1, high=1000, log=True)


class PictureDiffusion(DenoisingFamily):
    """The generalized diffusion of families.diffusion over flat pictures: its paths, predictions, times, weights,
    guidance and solvers, with a network of pictures in place of the perceptron.

    With classes a convolutional classifier of noised pictures learns in a beat of its own (Dhariwal and Nichol, 2021).
    """

    card = Card(
        id="diffusion",
        title="Diffusion and flows",
        summary="Learns to undo noise on pictures, pixel by pixel, with a U-Net or a transformer.",
        lecture="7-9, 12-14",
        paper="Ho et al., 2020; Lipman et al., 2023; Peebles and Xie, 2023",
        formula="x_t = a(t) x_1 + s(t) x_0",
        facts=(("loss", "L = E w(t) |F(x_t, t, y) − target / c(t)|²"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "unet-flow", "Rectified flow, U-Net", "Straight paths, trained more in the middle of them.",
            "12, second course", "Liu et al., 2023; Esser et al., 2024", training={"times": LOGIT_NORMAL},
        ),
        Preset(
            "dit", "Transformer (DiT)", "The same flow by patches and adaptive norms.", "14, second course",
            "Peebles and Xie, 2023", {"network": DIT, "width": 128, "layers": 4}, {"times": LOGIT_NORMAL},
            {"guidance": 2.0},
        ),
        Preset(
            "unet-ddpm", "DDPM, U-Net", "Variance-preserving noise, epsilon prediction.", "7-8", "Ho et al., 2020",
            {"path": "vp", "prediction": "epsilon"}, {}, {"solver": "ddim"},
        ),
        Preset(
            "unet-edm", "EDM, U-Net", "Preconditioned denoising, log-normal noise levels.", "11",
            "Karras et al., 2022", {"path": "edm", "prediction": "edm"},
            # P_mean = -1.2 is the paper's for data of scale 0.5; for 0.8 it is -1.2 + ln 1.6.
            {"times": LOG_NORMAL, "location": 0.73, "scale": 1.2}, {"solver": "heun", "steps": 18},
        ),
    )  # fmt: skip

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        classes = told_classes(design, shape.classes)
        classifier = NoisyClassifier(NoisyPictureNet(shape, classes), classes) if classes else None
        self.flow = flow_over(design, shape.dim, classes, self.network(classes), classifier)

    def network(self, classes: int) -> nn.Module:
        """The U-Net or the transformer; Refused where its patches do not fill a picture."""
        design = self.design
        if design.network == DIT:
            return PictureTransformer(self.shape, design.width, design.layers, design.patch, classes)
        return PictureUNet(self.shape, design.width, design.layers, classes)

    def within(self, x: Tensor) -> Tensor:
        """The pictures themselves."""
        return x

    def shown(self, x: Tensor) -> Tensor:
        """The points themselves."""
        return x

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """The denoiser's, and the noisy classifier's where there is one."""
        return self.flow.beats(training)

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """One optimiser each."""
        return self.flow.groups()

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One beat of the flow, on pictures."""
        return self.flow.beat(name, fit)


FAMILY = PictureDiffusion
