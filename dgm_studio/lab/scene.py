"""A scene: one moment of a run, frozen for looking at: a copy of the model, its data, the exact answer beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from dgm_studio.data.dataset import DataSet
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families.family import Family
from dgm_studio.lab.picture_data import PictureData
from dgm_studio.paths.exact import ExactField


@dataclass(frozen=True, eq=False)
class Left:
    """A branch of the run that was left at `step`: `scene()` copies the model it ended with; `end` is the same object
    for as long as that is the same model."""

    title: str
    step: int
    end: object
    scene: Callable[[], Scene]


@dataclass(eq=False)
class Scene:
    """`model` is a copy with averaged weights where EMA is on, in eval mode; `points` (n, d) and `labels` (n,) are
    the training data in model units; `mixture` is the data's exact law where known, else its empirical measure.

    `data_set` is the named distribution the points came from, None for painted and imported points.
    `exact` is the exact field of `mixture` along the model's path, None where the model has no path.
    `memo` keeps what several views of one scene share (samples), and what stays true of the data between scenes
    (noise floors): the owner hands the same `data_memo` to every scene of the same data.
    `training` is the run's Training, which says what loss is being minimised; None where nothing trains.
    `left` are the run's other branches.
    """

    model: Family
    sampling: Any
    points: Tensor
    labels: Tensor
    mixture: Mixture
    exact: ExactField | None
    data_set: DataSet | None
    seed: int
    step: int
    memo: dict[Any, Any] = field(default_factory=dict)
    data_memo: dict[Any, Any] = field(default_factory=dict)
    training: Any = None
    left: tuple[Left, ...] = ()

    @property
    def device(self) -> torch.device:
        """Where the model lives."""
        return self.points.device

    def generator(self, salt: int = 0) -> torch.Generator:
        """A fresh generator of fixed seed: the same start noise at every step keeps the moving picture steady."""
        return torch.Generator(self.device).manual_seed(self.seed * 1_000_003 + salt)


@dataclass(eq=False)
class TextScene(Scene):
    """The same of a family of text: `points` are the windows (n, L) int32 it learns from, `held_out` (m, L) those it is
    judged by, `vocabulary` their tokens. There is no law of the data: views of points refuse it (View.takes)."""

    held_out: Tensor = field(kw_only=True)
    vocabulary: Vocabulary = field(kw_only=True)


@dataclass(eq=False)
class PictureScene(Scene):
    """The same of a family of pictures: `points` (n, dim) and `held_out` (m, dim) are flat bytes, `data` says their
    shape, classes and captions. There is no law of the data: views of points refuse it (View.takes)."""

    held_out: Tensor = field(kw_only=True)
    data: PictureData = field(kw_only=True)
