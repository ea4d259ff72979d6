"""What every solver is: a generator of states, so that it can be stepped, drawn and stopped."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.noise import Noise


@dataclass(frozen=True)
class State:
    """One frame: time t, points x (n, d), predicted clean points or None, network evaluations so far.

    `velocity` (n, d) is the field at x, where it is known at no extra evaluation. `drift` (n, d) is, of an SDE's step
    from here, the part that is not noise (step size included), so that the next x minus x minus drift is noise.
    """

    t: float
    x: Tensor
    x1_hat: Tensor | None = None
    evaluations: int = 0
    velocity: Tensor | None = None
    drift: Tensor | None = None


@dataclass(frozen=True)
class Solver(ABC):
    """A stepper; its own settings (DDIM's eta) are the fields of the frozen dataclass.

    The card's facts declare `order` (0 where none is claimed), `evaluations` per step, and `stochastic`.
    """

    card: ClassVar[Card]

    @abstractmethod
    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """States at times[0], ..., times[-1] (len(times) of them), the first being the start (n, d) itself.

        All noise comes from `generator`, that of a step of the clock from its Brownian path where it has one. x1_hat
        and velocity of a state are filled in where the solver has them at no extra evaluation (that of the step that
        leaves the state), drift where that step has noise; else they are None.
        """
