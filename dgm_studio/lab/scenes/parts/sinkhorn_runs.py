"""Sinkhorn's iterations carried on piece by piece: one epsilon to its end, and a sweep over all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.lab.scenes.parts.transport_problem import Problem, prices
from dgm_studio.measures.transport import Plan, entropic_plan

TOLERANCE, SWEEP_TOLERANCE = 1e-5, 1e-4
"""Marginal errors (L2) at which the iterations end."""
MOST = 5_000
"""Iterations after which a run is given up as unfinished."""
SWEEP_MOST = 1_000
LEAST_SHARE, MOST_SHARE = 0.003, 10.0
"""Epsilon as a share of the mean cost over all pairs."""


class SinkhornRun:
    """One epsilon, from the prices `start` (m,) or from none."""

    def __init__(
        self, problem: Problem, epsilon: float, start: Array | None = None,
        most: int = MOST, tolerance: float = TOLERANCE,
    ) -> None:  # fmt: skip
        self.problem, self.epsilon, self.most, self.tolerance = problem, epsilon, most, tolerance
        self.plan: Plan | None = None
        self.iterations = 0
        self.reached = False
        self._g = start
        # A call that lasts longer would be killed where a person drags on, and with it the process that is warm.
        self._piece = int(np.clip(400_000 // problem.cost.size, 10, 200)) // 10 * 10

    @property
    def over(self) -> bool:
        """Whether the tolerance is reached, or it was given up."""
        return self.reached or self.iterations >= self.most

    def carry_on(self) -> Iterator[None]:
        """One piece of iterations."""
        if self.over:
            return
        one = self.problem
        self.plan = yield from entropic_plan(
            one.x, one.y, self.epsilon, one.a, one.b, one.power, self._piece, self._g, self.tolerance
        )
        self._g = prices(self.plan)[1]
        self.iterations += self.plan.iterations
        self.reached = self.plan.iterations < self._piece  # else it was cut off

    def finish(self) -> Iterator[None]:
        """All pieces that are left."""
        while not self.over:
            yield from self.carry_on()


class CostCurve:
    """What the entropic plan's moves cost, epsilon by epsilon, each once its iterations are done."""

    def __init__(self, problem: Problem, best: Plan, count: int = 17) -> None:
        self.problem = problem
        self.left = np.geomspace(MOST_SHARE, LEAST_SHARE, count).tolist()
        self.shares: list[float] = []
        self.costs: list[float] = []
        self._start = prices(best)[1]

    def next_one(self) -> Iterator[None]:
        """The next smaller epsilon; one whose iterations do not end is left out."""
        if not self.left:
            return
        share = self.left.pop(0)
        run = SinkhornRun(self.problem, share * self.problem.unrelated, self._start, SWEEP_MOST, SWEEP_TOLERANCE)
        yield from run.finish()
        if run.reached and run.plan is not None:
            self.shares.insert(0, share)
            self.costs.insert(0, run.plan.cost)
