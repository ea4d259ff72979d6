"""What every family is: a network whose training is beats and whose sampling is states."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import FamilyEntry, Preset
from dgm_studio.core.knobs import knobs_of
from dgm_studio.solvers.solver import State

if TYPE_CHECKING:
    from dgm_studio.families.fit import Fit


class Family(nn.Module, ABC):
    """One generative family. A subclass declares `card`, `Design`, `Training`, `Sampling` and `presets`.

    Design, Training and Sampling are frozen dataclasses of knobs (core.knobs.knob). A Training has at least
    `learning_rate: float` and `batch: int` where gradients teach the family; one that is fitted otherwise (counts,
    EM) keeps what it learns in buffers and has neither parameters nor these knobs. `ema` (decay, 0 for off) where an
    average of the weights is sampled. The first preset is the default. `__init__` only builds modules (it runs on
    the meta device); weights are filled by nets.init.init, so a module with parameters or buffers of its own has
    `fill(generator)`. All that going on needs is in the state_dict: replay buffers, phases, counters. What a family
    can show beyond samples it says by implementing families.capabilities.
    """

    card: ClassVar[Card]
    takes: ClassVar[str] = "points"
    """What it learns from: "points" of the plane or the line, "text", or "pictures"."""
    Design: ClassVar[type]
    Training: ClassVar[type]
    Sampling: ClassVar[type]
    presets: ClassVar[tuple[Preset, ...]]

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__()
        self.design = design
        self.dim = dim

    @property
    def device(self) -> torch.device:
        """Where its tensors live."""
        return self._anchor.device

    @property
    def dtype(self) -> torch.dtype:
        """What it computes in: the type of its first floating parameter or buffer."""
        return self._anchor.dtype

    @property
    def data_dtype(self) -> torch.dtype:
        """What its data are held in; tokens are not numbers."""
        return self.dtype

    def seen(self, points: Tensor) -> Tensor:
        """What a beat is given of a batch of the data as they are held: numbers where pictures are held as bytes."""
        return points

    @property
    def _anchor(self) -> Tensor:
        return next(tensor for tensor in chain(self.parameters(), self.buffers()) if tensor.is_floating_point())

    @property
    def gaussian_source(self) -> bool:
        """Whether x_0 of its path is standard normal and independent of x_1: only then is the exact field its truth."""
        return True

    def beats(self, training: Any) -> tuple[str, ...]:
        """Names of the beats of one training step, in order, e.g. ("critic", "generator")."""
        return ("step",)

    @abstractmethod
    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Do one beat by fit.batch(), fit.descend(); return its scalars, the curve's names. At most 50 ms."""

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """Parameters by optimiser name; a GAN has two."""
        return {"main": self.parameters()}

    def betas(self, group: str) -> tuple[float, float]:
        """Adam's betas of one optimiser."""
        return (0.9, 0.999)

    def averaged(self) -> Iterable[tuple[str, nn.Parameter]]:
        """The named parameters whose moving average is sampled; a GAN leaves its critic as it is."""
        return self.named_parameters()

    @abstractmethod
    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Start noise (n, k), on the generator's device."""

    @abstractmethod
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From start noise to samples, state by state; the last state's x is (n, dim). No beat over 50 ms.

        States whose points live in another space than the data (a latent of another dimension) are left out.
        """

    @abstractmethod
    def frames(self, sampling: Any) -> int:
        """How many states a walk with this Sampling yields."""

    def refuses(self, training: Any) -> str:
        """Why these knobs do not fit together ("" if they do): the cross-field check, one sentence."""
        return ""

    def idle(self, training: Any) -> Mapping[str, str]:
        """Knobs of Training and Sampling that do nothing for this model as it is built and trained, each with the
        reason: one sentence. What depends on a knob of the same set says so by its `when` instead."""
        return {}

    def prepare(self, training: Any) -> None:
        """Load what a beat with these knobs needs and takes longer than a beat, such as a library; called before
        training begins with them."""

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Why it cannot learn points of `dim` columns with `classes` distinct labels, "" if it can: one sentence that
        says what to choose instead. Menus grey the family with it."""
        return ""

    @classmethod
    def entry(cls) -> FamilyEntry:
        """The declaration as plain data for the catalogue."""
        return FamilyEntry(cls.card, knobs_of(cls.Design), knobs_of(cls.Training), knobs_of(cls.Sampling), cls.presets)
