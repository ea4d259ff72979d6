"""The adjoint method: gradients of what an ODE ends at, by another ODE walked back (Chen et al., 2018; lecture 12)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from dgm_studio.families.parts.integrate import Bundle, Derivative, Reached

Solve = Callable[[Derivative, Bundle], Iterator[Reached]]


def adjoint_gradients(
    f: Derivative, end: Bundle, slope: Bundle, weights: Sequence[nn.Parameter], back: Solve
) -> tuple[list[Tensor], int]:
    """(dL/dweight for each weight, evaluations of f) of a loss L of y(end), where dy/dt = f(y, t).

    `end` is the solved y there and `slope` dL/dy there; `back` solves a bundle from the end to the start. Walked are y
    itself, a' = -a^T df/dy from `slope` and g' = -a^T df/dweight from 0 (Chen et al., 2018, algorithm 1): no state on
    the way is kept, so memory does not grow with the steps, and the gradient is that of the exact ODE up to the error
    of this second solve, not that of the first solver.
    """
    count = len(end)

    def augmented(bundle: Bundle, t: float) -> Bundle:
        with torch.enable_grad():
            y = tuple(own.detach().requires_grad_() for own in bundle[:count])
            value = f(y, t)
            asked: list[Tensor] = [*y, *weights]
            pulled = torch.autograd.grad(value, asked, bundle[count : 2 * count], allow_unused=True)
        minus = (
            torch.zeros_like(own) if change is None else -change for own, change in zip(asked, pulled, strict=True)
        )
        return (*(own.detach() for own in value), *minus)

    start = (*end, *slope, *(torch.zeros_like(weight) for weight in weights))
    with torch.no_grad():
        *_, last = back(augmented, start)
    return list(last.y[2 * count :]), last.evaluations
