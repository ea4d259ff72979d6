"""The tracer: looks over a Fit's shoulder during one real beat and copies the tensors that make it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from dgm_studio.nets.adam import Adam

if TYPE_CHECKING:
    from dgm_studio.families.fit import Fit


def _nothing() -> Tensor:
    return torch.empty(0)


@dataclass(frozen=True, eq=False)
class Call:
    """One evaluation of a network of the model: its first input (n, ...), what came out, how many weights it has."""

    name: str
    given: Tensor
    answer: Tensor
    weights: int


@dataclass(eq=False)
class Weight:
    """One parameter tensor through the beat: w before, dL/dw as found and as clipped, Adam's m and v, w after."""

    name: str
    before: Tensor
    gradient: Tensor
    clipped: Tensor = field(default_factory=_nothing)
    mean: Tensor = field(default_factory=_nothing)
    square: Tensor = field(default_factory=_nothing)
    after: Tensor = field(default_factory=_nothing)

    @property
    def update(self) -> Tensor:
        """w after minus w before."""
        return self.after - self.before


@dataclass(eq=False)
class Descent:
    """One optimiser's step: of which group, at which rate, clipped at what norm (0: not), its count from 1."""

    group: str
    weights: list[Weight]
    rate: float = 0.0
    clip: float = 0.0
    count: int = 0
    betas: tuple[float, float] = (0.9, 0.999)


@dataclass(eq=False)
class Buffer:
    """What a family keeps without gradients (counts, means, covariances), before and after a beat that changed it."""

    name: str
    before: Tensor
    after: Tensor


@dataclass(eq=False)
class Tracer:
    """Everything is a copy, and nothing draws a random number: the beat is the one that would have been anyway.

    `points` (n, dim) and `labels` (n,) are the batch, None where the family drew none; `calls` are the outermost
    networks in the order of their evaluation; `noted` is what the family itself showed (Fit.note); `losses` are the
    values that were descended; `descent` is the last optimiser's step, None where nothing was descended.
    """

    points: Tensor | None = None
    labels: Tensor | None = None
    calls: list[Call] = field(default_factory=list)
    noted: dict[str, Tensor] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    descent: Descent | None = None
    buffers: list[Buffer] = field(default_factory=list)
    _names: dict[int, str] = field(default_factory=dict)

    @contextmanager
    def watching(self, fit: Fit) -> Iterator[None]:
        """Everything that `fit` does inside is copied; afterwards `fit` is as if nobody had looked."""
        model = fit.model
        self._names = {id(weight): name for name, weight in model.named_parameters()}
        held = {name: copied(tensor) for name, tensor in model.named_buffers() if tensor.is_floating_point()}
        networks = {id(module): name for name, module in model.named_modules() if name}
        hooks = self._hooks(networks)
        fit.tracer = self
        try:
            yield
        finally:
            fit.tracer = None
            for hook in hooks:
                hook.remove()
        for name, tensor in model.named_buffers():
            if name in held and not torch.equal(held[name], tensor):
                self.buffers.append(Buffer(name, held[name], copied(tensor)))

    def _hooks(self, networks: Mapping[int, str]) -> list[Any]:
        """On every module of the process, for as long as the beat lasts: the model itself stays untouched."""
        inside: list[int] = []

        def enter(module: nn.Module, given: Any) -> None:
            if id(module) in networks:
                inside.append(id(module))

        def leave(module: nn.Module, given: Any, answer: Any) -> None:
            if id(module) not in networks:
                return
            inside.pop()
            taken, made = _first(given), _first(answer)
            if not inside and taken is not None and made is not None:
                weights = sum(weight.numel() for weight in module.parameters())
                self.calls.append(Call(networks[id(module)], copied(taken), copied(made), weights))

        return [register_module_forward_pre_hook(enter), register_module_forward_hook(leave)]

    # What a Fit tells it.

    def drew(self, points: Tensor, labels: Tensor) -> None:
        """A batch was drawn; of several in one beat the first counts."""
        if self.points is None:
            self.points, self.labels = copied(points), copied(labels)

    def note(self, seen: Mapping[str, Tensor]) -> None:
        """See Fit.note."""
        self.noted |= {name: copied(tensor) for name, tensor in seen.items()}

    def judged(self, value: float) -> None:
        """A loss was found fit to descend."""
        self.losses.append(value)

    def descends(self, group: str, optimiser: Adam, gradients: Sequence[Tensor]) -> None:
        """The gradients were found; nothing is clipped yet, and no weight is touched."""
        self.descent = Descent(group, [
            Weight(self._names.get(id(weight), f"{group}.{k}"), copied(weight), copied(gradient))
            for k, (weight, gradient) in enumerate(zip(optimiser.parameters, gradients, strict=True))
        ])  # fmt: skip

    def descended(self, optimiser: Adam, gradients: Sequence[Tensor], rate: float, clip: float) -> None:
        """The optimiser made its step along `gradients`, which are clipped by now."""
        assert self.descent is not None  # `descends` came before
        state = optimiser.state()
        for k, weight in enumerate(self.descent.weights):
            weight.clipped = copied(gradients[k])
            weight.mean, weight.square = copied(state[f"{k}.exp_avg"]), copied(state[f"{k}.exp_avg_sq"])
            weight.after = copied(optimiser.parameters[k])
        self.descent.rate, self.descent.clip = rate, clip
        self.descent.count, self.descent.betas = int(state["0.step"]), optimiser.betas


def copied(tensor: Tensor) -> Tensor:
    """The same numbers, outside every graph, on the CPU."""
    return tensor.detach().clone().cpu()


def _first(value: Any) -> Tensor | None:
    """The first tensor with a row for each example among a module's inputs or outputs."""
    if isinstance(value, Tensor):
        return value if value.ndim >= 1 else None
    if isinstance(value, tuple | list):
        return next((found for one in value if (found := _first(one)) is not None), None)
    return None
