"""Fit: everything a run mutates while it trains, so that it can be stopped, stepped, saved and resumed."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.reports import Beat
from dgm_studio.families.average import Average
from dgm_studio.families.family import Family
from dgm_studio.nets.adam import Adam

if TYPE_CHECKING:
    from dgm_studio.families.tracer import Tracer

KEYFRAME_EVERY = 100

RUNAWAY = 1e6
"""A loss this many times the usual has diverged too: Adam may freeze at a huge loss that stays finite."""


class Fit:
    """A model being trained: its weights, optimisers, average, data, random numbers, step, and beat within
    the step.

    `training` is the live frozen Training of the family: assign another and it holds from the next beat on.
    `step` counts completed steps, `beat` the beats done of the step that is under way. `generator` makes
    every random number of training and is on the model's device. The torch thread count is the caller's
    business.
    """

    def __init__(
        self, model: Family, training: Any, points: Tensor, labels: Tensor, generator: torch.Generator
    ) -> None:
        self.model = model.train()
        self.generator = generator
        self.step = 0
        self.beat = 0
        self.tracer: Tracer | None = None
        self._optimisers = {name: Adam(list(own), model.betas(name)) for name, own in model.groups().items()}
        self._average = Average(dict(model.averaged()))
        self._number = model.dtype  # looking it up takes longer than drawing a number
        self._kept: tuple[dict[str, Tensor], dict[str, Any]] | None = None
        self._kept_loss: float | None = None
        self._recent: list[float] = []
        self.training = training
        self.set_data(points, labels)

    # What a family's beat uses.

    @property
    def device(self) -> torch.device:
        """Where the model, the data and the generator live."""
        return self.generator.device

    @property
    def training(self) -> Any:
        """The live frozen Training; an edit starts the comparison of losses afresh, for it may change their
        scale.
        """
        return self._training

    @training.setter
    def training(self, training: Any) -> None:
        self._training = training
        self._kept_loss, self._recent = None, []

    def set_data(self, points: Tensor, labels: Tensor) -> None:
        """Learn from points (n, dim) with labels (n,) from the next beat on; Refused if the dimension is
        another.
        """
        if points.ndim != 2 or points.shape[1] != self.model.dim or len(points) == 0:
            raise Refused(
                f"This model was built for points of {self.model.dim} columns, the data have shape "
                f"{tuple(points.shape)}. Choose other data or build the model anew."
            )
        self.points = points.to(self.device, self.model.data_dtype)
        self.labels = labels.to(self.device)
        self._kept_loss, self._recent = None, []

    def batch(self) -> Tensor:
        """training.batch points (batch, dim), drawn with replacement."""
        return self.model.seen(self.points[self._drawn()])

    def batch_with_labels(self) -> tuple[Tensor, Tensor]:
        """The same with their labels (batch,)."""
        which = self._drawn()
        return self.model.seen(self.points[which]), self.labels[which]

    def _drawn(self) -> Tensor:
        size = (self.training.batch,)
        which = torch.randint(len(self.points), size, generator=self.generator, device=self.device)
        if self.tracer is not None:
            self.tracer.drew(self.model.seen(self.points[which]), self.labels[which])
        return which

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers in the model's dtype."""
        return torch.randn(shape, generator=self.generator, device=self.device, dtype=self._number)

    def uniform(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1) in the model's dtype."""
        return torch.rand(shape, generator=self.generator, device=self.device, dtype=self._number)

    def note(self, **seen: Tensor) -> None:
        """Show these to the tracer, where a beat is traced: `losses` (n, ...), what each example adds to the mean loss;
        `miss` (n, k), the network's output minus its target; `outcome` (n, k), where the examples end up; `batch`
        (n, dim), data drawn otherwise than by `batch()`; any other name, a number of each example.
        """
        if self.tracer is not None:
            self.tracer.note(seen)

    def descend(self, loss: Tensor, group: str = "main", rate: float | None = None) -> None:
        """One Adam step of one group of parameters down `loss`, at `rate` (default training.learning_rate).

        The gradient reaches this group only. Its norm is clipped at training.clip where the family has that
        knob and it is over 0. A loss that is not finite, or 1e6 times (the usual + 1), raises Diverged before
        any weight is touched.
        """
        self._judge(float(loss.detach()))
        self._descend(torch.autograd.grad(loss, self._optimisers[group].parameters, allow_unused=True), group, rate)

    def descend_along(
        self, value: float, gradients: Sequence[Tensor], group: str = "main", rate: float | None = None
    ) -> None:
        """The same with gradients found otherwise (an adjoint ODE), one for each parameter of the group in order."""
        self._judge(value)
        self._descend(gradients, group, rate)

    def _judge(self, value: float) -> None:
        usual = self._usual_loss()
        if not math.isfinite(value) or (usual is not None and abs(value) > RUNAWAY * (usual + 1)):
            raise Diverged(self.step, value, self.kept_step)
        self._recent.append(abs(value))
        if self.tracer is not None:
            self.tracer.judged(value)

    def _descend(self, found: Sequence[Tensor | None], group: str, rate: float | None) -> None:
        optimiser = self._optimisers[group]
        # The fused kernel reads each gradient as a whole block of memory: one that autograd gave as a view of a single
        # number would be read past its end. A weight that the loss does not reach has gradient 0.
        gradients = [
            torch.zeros_like(weight) if gradient is None else gradient.contiguous()
            for weight, gradient in zip(optimiser.parameters, found, strict=True)
        ]
        clip = getattr(self.training, "clip", 0.0)
        if self.tracer is not None:
            self.tracer.descends(group, optimiser, gradients)
        if clip > 0:
            norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
            torch._foreach_mul_(gradients, (clip / (norm + 1e-6)).clamp(max=1.0))
        rate = self.training.learning_rate if rate is None else rate
        optimiser.step(gradients, rate)
        if self.tracer is not None:
            self.tracer.descended(optimiser, gradients, rate, clip)

    def restart_average(self) -> None:
        """The average starts anew at the present weights: for a phase that begins by setting weights."""
        self._average.update(0.0)

    # The clock.

    def beats(self) -> Iterator[Beat]:
        """Train without end, one beat per next(). All state is in self: close it anywhere, make another."""
        while True:
            yield self.next_beat()

    def next_beat(self) -> Beat:
        """Train one beat: what `beats` does, without a generator to be made for it."""
        if self._kept is None:
            self.keyframe()
        names = self.model.beats(self.training)
        # A live edit may have shortened the step under way: then its last beat, which closes it, is due.
        here = min(self.beat, len(names) - 1)
        values = self.model.beat(names[here], self)
        ends_step = here == len(names) - 1
        scalars = {name: float(value) for name, value in values.items()}
        report = Beat(names[here], self.step + 1, scalars, ends_step, names[0 if ends_step else here + 1])
        self.beat = 0 if ends_step else here + 1
        if ends_step:
            self.step += 1
            self._average.update(getattr(self.training, "ema", 0.0))
            if self.step % KEYFRAME_EVERY == 0:
                self.keyframe()
        return report

    def shadow(self, into: Family | None = None) -> Family:
        """An independent eval-mode copy, with averaged weights where EMA is on; `into` is one to refill."""
        return self._copied({**self.model.state_dict(keep_vars=True), **self._average.values}, into)

    def shadow_of(self, tensors: Mapping[str, Tensor], into: Family | None = None) -> Family:
        """The same of an earlier `state()`'s tensors."""
        return self._copied({**_under("model.", tensors), **_under("ema.", tensors)}, into)

    @torch.no_grad()
    def _copied(self, weights: Mapping[str, Tensor], into: Family | None) -> Family:
        if into is None:
            into = copy.deepcopy(self.model).eval().requires_grad_(False)
        for name, target in into.state_dict().items():
            target.copy_(weights[name])
        return into

    # Keyframes: what a diverged run returns to.

    @property
    def kept_step(self) -> int:
        """The step of the last good keyframe."""
        return int(self._kept[1]["step"]) if self._kept is not None else self.step

    def keyframe(self) -> bool:
        """Keep the present state in memory if it is good; say whether it was.

        Good: all weights are finite, and the median |loss| since the last keyframe is at most 10 (m + 1),
        where m is that median at the last keyframe (at first and after an edit, the first loss since).
        """
        recent, earlier = median(self._recent) if self._recent else None, self._usual_loss()
        self._recent = []
        if recent is not None and earlier is not None and recent > 10 * (earlier + 1):
            return False
        if not all(bool(weight.isfinite().all()) for weight in self.model.parameters()):
            return False
        tensors, meta = self.state()
        self._kept = {name: tensor.clone() for name, tensor in tensors.items()}, meta
        self._kept_loss = recent
        return True

    def _usual_loss(self) -> float | None:
        """The |loss| that new ones are compared with."""
        return self._kept_loss if self._kept_loss is not None else next(iter(self._recent), None)

    def go_back(self) -> None:
        """Return to the last good keyframe (weights, average, moments, random numbers, step); training stays
        as it is.
        """
        if self._kept is not None:
            self._restore(*self._kept)
            self._recent = []

    # Saving and resuming.

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All that going on bit-exactly needs but data and training: tensors by name (live, not copies),
        JSON-able meta.
        """
        tensors = {f"model.{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors |= {f"ema.{name}": tensor for name, tensor in self._average.values.items()}
        for group, optimiser in self._optimisers.items():
            tensors |= {f"adam.{group}.{name}": tensor for name, tensor in optimiser.state().items()}
        tensors["generator"] = self.generator.get_state()
        meta = {
            "step": self.step,
            "beat": self.beat,
            "ema_updates": self._average.updates,
            "generator_of": self.device.type,
        }
        return tensors, meta

    def slim_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Only what sampling needs, the averaged weights where EMA is on; floating ones in half precision. Going on
        from it starts with fresh moments, a fresh average and the generator's own seed."""
        weights = {**self.model.state_dict(), **self._average.values}
        tensors = {f"model.{name}": one.half() if one.is_floating_point() else one for name, one in weights.items()}
        return tensors, {"step": self.step, "beat": 0, "slim": True}

    def restore(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
        """The reverse of `state` or `slim_state`; also becomes the keyframe. Refused if the tensors are another
        model's."""
        try:
            self._restore(tensors, meta)
        except (KeyError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).splitlines()[:2]).rstrip(".")  # torch lists every key, a line each
            raise Refused(f"The saved training state does not fit this model: {reason[:200]}.") from error
        self._kept, self._kept_loss, self._recent = None, None, []
        self.keyframe()

    def _restore(self, tensors: Mapping[str, Tensor], meta: Mapping[str, Any]) -> None:
        self.model.load_state_dict(_under("model.", tensors))
        self.step, self.beat = int(meta["step"]), int(meta["beat"])
        if meta.get("slim"):
            return
        self._average.restore(_under("ema.", tensors), int(meta["ema_updates"]))
        for group, optimiser in self._optimisers.items():
            optimiser.restore(_under(f"adam.{group}.", tensors))
        # A CUDA generator cannot take over a CPU generator's state: on another device the one given goes on.
        if meta["generator_of"] == self.device.type:
            self.generator.set_state(tensors["generator"].cpu())


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors whose name starts with `prefix`, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
