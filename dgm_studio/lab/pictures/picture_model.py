"""A model of pictures opened for looking at: from a checkpoint, or as a training run has it now, with its data."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.checkpoint_head import head_of
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import EMA, RAW, WEIGHTS
from dgm_studio.core.inspection import Conclusion
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.latents import (
    ALIGNS,
    CAPTIONS,
    CLASSES,
    CLASSIFIER,
    CODES,
    DECODES,
    DENOISES,
    ENCODES,
    STYLES,
    PictureModelReport,
)
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.wording import LENGTH, Wording
from dgm_studio.families.family import Family
from dgm_studio.families.pictures.capabilities import (
    DecodesLatent,
    Denoises,
    EncodesLatent,
    HasCodes,
    HasStyles,
    HearsCaptions,
)
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.lab.checkpoints.foreign import family_of
from dgm_studio.lab.checkpoints.foreign_pictures import ForeignPictures
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from dgm_studio.lab.native import has_average, load_pictures
from dgm_studio.lab.picture_data import PictureData, picturing
from dgm_studio.lab.pictures.embedding import Embedding, embedding_of
from dgm_studio.lab.pictures.latent_space import LatentSpace, space_of
from dgm_studio.lab.run import Run

ABILITIES = (
    (DECODES, DecodesLatent), (ENCODES, EncodesLatent), (CODES, HasCodes), (STYLES, HasStyles), (DENOISES, Denoises),
    (CAPTIONS, HearsCaptions),
)  # fmt: skip
"""What core.latents calls each capability."""


NO_PICTURES = "The file does not hold the pictures that this model learnt from."


@dataclass(frozen=True, eq=False)
class PictureModel:
    """A frozen `model` in eval mode, how it came to be, its validation figures, its step, and the pictures it learnt
    from (None: they are not here, for the reason `without`)."""

    model: PictureFamily
    recipe: Recipe
    figures: dict[str, float]
    step: int
    data: PictureData | None
    without: str = ""
    source: str = ""
    settings: tuple[Conclusion, ...] = ()
    name: str = ""
    remark: str = ""

    @property
    def title(self) -> str:
        """Its preset's name, or its family's."""
        named = [one.title for one in type(self.model).presets if one.id == self.recipe.preset]
        return self.name or (named[0] if named else self.model.card.title)

    @cached_property
    def can(self) -> tuple[str, ...]:
        """What can be asked of it: ids of core.latents."""
        model = self.model
        able = [name for name, protocol in ABILITIES if isinstance(model, protocol)]
        idle = model.idle(fill(type(model).Training, self.recipe.training_now()))
        if model.shape.classes and "label" in vars(self.sampling) and "label" not in idle:
            able.append(CLASSES)
        if CAPTIONS in able and self.embedding is not None:
            able.append(ALIGNS)
        return (*able, CLASSIFIER) if getattr(model, "has_classifier", False) else tuple(able)

    @cached_property
    def embedding(self) -> Embedding | None:
        """The joint embedding of captions and such pictures that ships, None where there is none."""
        data = self.recipe.data_now()
        if data.pictures is not None or self.data is None:
            return None
        return embedding_of(data.name, self.model.shape, str(self.model.device))

    @cached_property
    def sampling(self) -> Any:
        """Its Sampling as the recipe has it."""
        return fill(type(self.model).Sampling, self.recipe.sampling)

    @cached_property
    def space(self) -> LatentSpace | None:
        """Its latent space; None where it has none."""
        return space_of(self.model, self.sampling)

    @property
    def latents(self) -> LatentSpace:
        """The same; Refused where it has none."""
        if self.space is None:
            raise Refused(f"{self.title} has no space of latents to go through. Open a VAE, a GAN or a flow.")
        return self.space

    @property
    def pictures(self) -> PictureData:
        """Its training pictures; Refused where they are not here."""
        if self.data is None:
            raise Refused(self.without or "This model's training pictures are not here. Choose pictures from files.")
        return self.data

    def seen(self, rows: Array) -> Tensor:
        """Flat bytes (n, dim) as the model sees them, in [-1, 1]."""
        return self.model.seen(torch.tensor(rows, device=self.model.device))

    def told(self, labels: Sequence[int]) -> Tensor:
        """Classes (n,) as the model is told them, -1 for none; Refused where one is no class of its. A model that is
        told words is told none."""
        if self.hears:
            return self.asked([""] * len(labels))
        classes = self.model.shape.classes
        for label in labels:
            if not -1 <= label < classes:
                known = f"choose 0 to {classes - 1}, or -1 for none" if classes else "it has none: give -1"
                raise Refused(f"Class {label} is none of this model's; {known}.")
        return torch.tensor(labels, dtype=torch.int64, device=self.model.device)

    @property
    def hears(self) -> bool:
        """Whether it is told words, not classes."""
        return isinstance(self.model, HearsCaptions)

    @cached_property
    def wording(self) -> Wording:
        """Its words; none of a model that is told none."""
        return self.model.wording if isinstance(self.model, HearsCaptions) else Wording(())

    def asked(self, captions: Sequence[str]) -> Tensor:
        """Captions as ids (n, words), "" for none; Refused where one holds a word that the model was not told."""
        ids = {text: self.wording.ids(self.wording.read(text)) for text in dict.fromkeys(captions)}
        found = torch.tensor([ids[text] for text in captions], dtype=torch.int64, device=self.model.device)
        return found.reshape(len(captions), LENGTH)

    def shown(self, flat: Tensor) -> Array:
        """Flat pictures (n, dim) in [-1, 1] as read-only bytes (n, c, h, w)."""
        shape = self.model.shape
        numbers = flat.detach().to("cpu", torch.float32).numpy()
        return frozen(to_bytes(numbers).reshape(-1, shape.channels, shape.height, shape.width))

    def stood(self, rows: Array) -> Array:
        """Flat bytes (n, dim) as pictures (n, c, h, w)."""
        shape = self.model.shape
        return frozen(np.asarray(rows).reshape(-1, shape.channels, shape.height, shape.width))

    def report(self) -> PictureModelReport:
        """What it is, for the window."""
        model, card = self.model, self.model.card
        preset = next((one for one in type(model).presets if one.id == self.recipe.preset), None)
        code = (*model.code_shape, len(model.codebook)) if isinstance(model, HasCodes) else (0, 0, 0)
        return PictureModelReport(
            title=self.title,
            family=card.id,
            source=self.source,
            shape=model.shape,
            parameters=sum(weight.numel() for weight in model.parameters()),
            can=self.can,
            data=self.data.title if self.data is not None else self.recipe.data_now().title,
            count=len(self.data.points) if self.data is not None else 0,
            classes=self.data.names if self.data is not None else (),
            latent=self.space.dim if self.space is not None else 0,
            code=code,
            layers=model.style_layers if isinstance(model, HasStyles) else (),
            step=self.step,
            lecture=(preset.lecture if preset is not None else "") or card.lecture,
            paper=(preset.paper if preset is not None else "") or card.paper,
            sampling=dict(vars(self.sampling)),
            figures=dict(self.figures),
            remark=" ".join(part for part in (self.remark, self.without) if part),
            settings=self.settings,
            knobs=knobs_of(type(model).Sampling) if isinstance(model, ForeignPictures) else (),
            words=self.wording.words,
        )


def of_run(run: Run, source: str = "") -> PictureModel:
    """A copy of the run's model as it is now; Refused where it is none of pictures."""
    if not isinstance(run.model, PictureFamily) or not isinstance(run.data, PictureData):
        raise no_pictures(run.model)
    model = run.fit.shadow()
    assert isinstance(model, PictureFamily)
    return PictureModel(model, run.recipe, dict(run.figures), run.fit.step, run.data, source=source)


def opening(
    path: Path, device: str, source: str = "", choice: Mapping[str, str] | None = None
) -> Generator[None, None, PictureModel]:
    """The model of a native checkpoint and its data, in slices: its averaged weights where there are any, unless
    `choice` says raw; of another program's file or folder the model that can be rebuilt, with `choice` in the place of
    what was concluded. Refused where it is none of pictures."""
    if not head_of(path).family:
        return (yield from rebuilt_pictures(path, device, source, choice or {}))
    settings = copies(path, choice or {})
    raw = any(one.value == RAW for one in settings)
    model, recipe, figures, step = load_pictures(path, device, raw=raw)
    yield
    data, without = None, ""
    try:
        data = yield from picturing(recipe.data_now())
    except Refused as refusal:  # the model can be looked at without its data
        without = str(refusal)
    if data is not None and data.shape != model.shape:
        without = f"The pictures '{data.title}' have changed their shape since this model learnt them."
        data = None
    return PictureModel(model, recipe, figures, step, data, without, source, settings)


def rebuilt_pictures(
    path: Path, device: str, source: str, choice: Mapping[str, str]
) -> Generator[None, None, PictureModel]:
    """The model of a file or folder that another program wrote; Refused with a sentence where it cannot be run."""
    rebuilt = yield from rebuilding(path, choice, device)
    model = family_of(rebuilt)
    yield
    recipe = Recipe(model.card.id, sampling=dict(model.own_sampling), data=DataSpec(""))
    return PictureModel(
        model, recipe, dict(rebuilt.figures), 0, None, NO_PICTURES, source, rebuilt.settings, rebuilt.title,
        " ".join(part for part in (rebuilt.remark, model.slow) if part),
    )  # fmt: skip


def copies(path: Path, choice: Mapping[str, str]) -> tuple[Conclusion, ...]:
    """Which copy of a native checkpoint's weights is used, where it has two."""
    if not has_average(path):
        return ()
    own = choice.get(WEIGHTS, "")
    found = own if own in (EMA, RAW) else EMA
    source = "your choice" if own == found else "the file holds an averaged copy"
    return (Conclusion(WEIGHTS, "Weights", found, source, (EMA, RAW)),)


def no_pictures(model: Family) -> Refused:
    """Why a model of points or of text is not opened."""
    what = "writes text" if model.takes == "text" else "learns points"
    return Refused(f"{model.card.title} {what}, it draws no pictures. Train a family of pictures, or open one.")
