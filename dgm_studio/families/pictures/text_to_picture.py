"""Text to picture: a diffusion of pictures that is told captions, read by a text encoder that learns with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.wording import LENGTH, NONE, Wording
from dgm_studio.data.text.vocabulary import LETTERS
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import diffusion_knobs
from dgm_studio.families.parts.guided_field import ClassifierFree
from dgm_studio.families.parts.solver_knobs import WITHOUT_DENSITY, with_settings
from dgm_studio.families.parts.times import LOGIT_NORMAL
from dgm_studio.families.pictures.denoising import DenoisingFamily, Training
from dgm_studio.nets.captioned_unet import CaptionedUNet
from dgm_studio.paths.field import Field
from dgm_studio.solvers.solver import State

EXAMPLES = 256
"""Captions of the data that are kept, to draw from where none is given."""


@dataclass(frozen=True)
class Design(diffusion_knobs.PathDesign):
    """What is built."""

    width: int = knob(32, "Width", "Channels of the U-Net at its first size.", low=4, high=256, log=True)
    layers: int = knob(1, "Layers", "Blocks at each size of the U-Net.", low=1, high=12)
    patch: int = knob(
        2, "Patch", "Pixels a side that the U-Net takes as one; at 1 a step takes three times as long.", low=1, high=2
    )
    words: int = knob(
        96, "Words", "Rows of the text encoder's table: words it can be told.", low=8, high=1024, log=True
    )
    text_width: int = knob(64, "Text width", "Numbers at each word of the text encoder.", low=4, high=256, log=True)
    text_layers: int = knob(2, "Text layers", "Blocks of the text encoder.", low=1, high=6)
    sigma_data: float = knob(
        0.8, "Data scale", "Standard deviation of the pixels, black is −1, white 1; scales the network's input and "
        "output.", low=0.05, high=4.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is sampled; nothing of the training changes."""

    solver: str = knob("euler", "Solver", "The stepper from noise to pictures.", choices=WITHOUT_DENSITY)
    steps: int = knob(24, "Steps", "Steps from noise to pictures.", low=1, high=1000, log=True)
    guidance: float = knob(
        2.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, caption): 0 ignores the caption, above 1 sharpens.",
        low=0.0, high=10.0,
    )  # fmt: skip
    caption: str = knob(
        "", "Caption", "What the pictures are to show, in words; empty takes captions as the data have them."
    )


class TextToPicture(DenoisingFamily):
    """The generalized diffusion of families.diffusion over flat pictures, told captions instead of classes: a U-Net
    looks by cross-attention at the words that a small transformer reads, and both learn together (Rombach et al.,
    2022; Nichol et al., 2022). Hidden captions in training give classifier-free guidance (Ho and Salimans, 2022).

    Fit.labels are captions' ids (n, 8), 0 for no word. Where the data have no captions, the names of their classes are.
    The words travel in the state dict as bytes, so that a checkpoint alone can be told captions.
    """

    card = Card(
        id="text-to-picture",
        title="Text to picture",
        summary="A flow or diffusion that draws what a caption says, read by a small text encoder.",
        lecture="14, second course",
        paper="Rombach et al., 2022; Nichol et al., 2022",
        formula="f_γ(x, c) = (1 − γ) f(x) + γ f(x, c),  c = text encoder(caption)",
        facts=(("loss", "L = E w(t) |F(x_t, t, caption) − target / c(t)|²"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "text-flow", "Text to picture, flow", "A rectified flow that is told captions.", "14, second course",
            "Rombach et al., 2022; Esser et al., 2024", training={"times": LOGIT_NORMAL},
        ),
        Preset(
            "text-ddpm", "Text to picture, DDPM", "Variance-preserving noise, epsilon prediction, told captions.",
            "8, second course", "Nichol et al., 2022", {"path": "vp", "prediction": "epsilon"}, {}, {"solver": "ddim"},
        ),
    )  # fmt: skip
    spelling: Tensor
    examples: Tensor

    def __init__(self, design: Any, shape: PictureShape) -> None:
        super().__init__(design, shape)
        net = CaptionedUNet(
            shape, design.width, design.layers, design.patch, design.words, design.text_width, design.text_layers
        )
        self.flow = ToldDiffusion(design, shape.dim, net=net, classes=0)
        self.register_buffer("spelling", torch.empty((design.words, LETTERS), dtype=torch.uint8))
        self.register_buffer("examples", torch.empty((EXAMPLES, LENGTH), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """No word until `begin`."""
        super().fill(generator)
        self.spelling.zero_()
        self.examples.fill_(NONE)

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """There must be something to tell."""
        return (
            "" if classes >= 2 else "Text to picture needs captions, or two classes with names: choose such pictures."
        )

    # Words.

    @property
    def wording(self) -> Wording:
        """The words that it knows, read from the state dict."""
        rows = (bytes(row).rstrip(b"\0").decode() for row in self.spelling.cpu().numpy())
        return Wording(tuple(word for word in rows if word))

    @torch.no_grad()
    def begin(self, captions: Sequence[str]) -> None:
        """Learn the words of these captions; Refused where they are more or longer than there is room for."""
        words = Wording.of(captions).words
        spelt = [word.encode() for word in words]
        if len(words) > self.design.words:
            raise Refused(
                f"The captions have {len(words)} words, the text encoder {self.design.words} rows: set Words to "
                f"{len(words)} or more."
            )
        if longest := next((word for word in spelt if len(word) > LETTERS), b""):
            raise Refused(f"'{longest.decode()}' is too long a word for a caption: shorten it to {LETTERS} letters.")
        rows = np.zeros(tuple(self.spelling.shape), dtype=np.uint8)
        for row, word in zip(rows, spelt, strict=False):
            row[: len(word)] = list(word)
        self.spelling.copy_(torch.from_numpy(rows))
        chosen = np.linspace(0, len(captions) - 1, EXAMPLES).round().astype(int)
        self.examples.copy_(torch.from_numpy(self.conditions(chosen, [captions[at] for at in chosen])))

    def conditions(self, labels: Array, captions: Sequence[str]) -> Array:
        """The ids (n, 8) of each picture's caption; what classes they are of is not told."""
        wording = self.wording
        known = {text: wording.ids(text) for text in dict.fromkeys(captions)}
        return np.array([known[text] for text in captions], dtype=np.int64).reshape(len(captions), LENGTH)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of denoising regression of both networks."""
        return self.flow.regress(*fit.batch_with_labels(), fit)

    def idle(self, training: Any) -> Mapping[str, str]:
        """Every knob is used."""
        return {}

    # Sampling.

    def within(self, x: Tensor) -> Tensor:
        """The pictures themselves."""
        return x

    def shown(self, x: Tensor) -> Tensor:
        """The points themselves."""
        return x

    def heard(self, labels: Tensor) -> Tensor:
        """Captions are always told."""
        return labels

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From noise (n, k) to pictures (n, dim) of Sampling's caption, or of captions of the data."""
        wording = self.wording
        said = wording.read(sampling.caption)
        if said:
            ids = torch.tensor([wording.ids(said)], device=start.device).expand(len(start), -1)
        else:
            drawn = torch.randint(EXAMPLES, (len(start),), generator=generator, device=generator.device)
            ids = self.examples[drawn.to(start.device)]
        yield from self.flow.along(self.flow.guided(ids, sampling), start, sampling, generator)

    def towards(self, labels: Tensor, kind: str, gamma: float) -> Field:
        """The field guided towards captions (n, 8) of ids; where all of them are empty it is the unconditional one."""
        if gamma == 0 or not bool((labels != NONE).any()):
            return self.flow
        return ClassifierFree(self.flow, labels.to(self.device), gamma)


class ToldDiffusion(Diffusion):
    """The generalized diffusion whose labels are captions' ids (n, 8)."""

    def untold(self, label: Tensor, which: Tensor) -> Tensor:
        """Captions of which those at `which` (n,) say nothing."""
        return torch.where(which[:, None], NONE, label)


FAMILY = TextToPicture
