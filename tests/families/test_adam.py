"""Our Adam against torch's own optimiser, on shared gradients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from dgm_studio.core.card import Card
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.nets.adam import Adam
from dgm_studio.solvers.solver import State


@dataclass(frozen=True)
class Knobs:
    """The least a Training has."""

    learning_rate: float = 0.1
    batch: int = 4


def test_it_is_torchs_adam_step_for_step_and_goes_on_after_a_restore() -> None:
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(shape, generator=generator) for shape in ((3, 4), (4,))]
    ours = [torch.nn.Parameter(weight.clone()) for weight in start]
    theirs = [torch.nn.Parameter(weight.clone()) for weight in start]
    adam, reference = Adam(ours, (0.5, 0.99)), torch.optim.Adam(theirs, betas=(0.5, 0.99))
    for k in range(12):
        if k == 5:
            saved = {name: tensor.clone() for name, tensor in adam.state().items()}
            adam = Adam(ours, (0.5, 0.99))
            adam.restore(saved)
        gradients = [torch.randn(weight.shape, generator=generator) for weight in ours]
        rate = 0.1 / (k + 1)
        adam.step([gradient.clone() for gradient in gradients], rate)
        reference.param_groups[0]["lr"] = rate
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = gradient
        reference.step()
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-6, atol=1e-7)


def test_a_gradient_that_is_a_view_of_one_number_is_read_as_what_it_is() -> None:
    """d/dw of 2 sum(w) is the number 2 expanded: read as a block of memory, garbage stands behind its first entry."""

    class Sum(Family):
        card = Card("sum", "Sum", "A loss whose gradient autograd gives as a view.")
        Design = Training = Sampling = Knobs
        presets = ()

        def __init__(self) -> None:
            super().__init__(None, 2)
            self.weight = torch.nn.Parameter(torch.zeros(64, 64))

        def beat(self, name: str, fit: Fit) -> dict[str, float]:
            fit.descend(2.0 * self.weight.sum())
            return {}

        def prior(self, n: int, generator: torch.Generator) -> torch.Tensor:
            return torch.zeros(n, 2)

        def walk(self, start: torch.Tensor, sampling: object, generator: torch.Generator) -> Iterator[State]:
            yield State(1.0, start)

        def frames(self, sampling: object) -> int:
            return 1

    fit = Fit(Sum(), Knobs(), torch.zeros(4, 2), torch.zeros(4), torch.Generator())
    next(fit.beats())
    assert torch.allclose(fit.state()[0]["adam.main.0.exp_avg"], torch.full((64, 64), 0.2))
