"""A transport problem: two weighted clouds and what it costs to go from one to the other; what prices say of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.measures.transport import Plan


@dataclass(frozen=True, eq=False)
class Problem:
    """x (n, d) of masses a (n,), y (m, d) of masses b (m,), all masses positive, each side summing to one;
    cost (n, m) = |x_i - y_j|^power."""

    x: Array
    y: Array
    a: Array
    b: Array
    power: int
    cost: Array

    @property
    def unrelated(self) -> float:
        """What the product a b costs: each point sends its mass everywhere (the entropic plan at epsilon = inf)."""
        return float(self.a @ self.cost @ self.b)

    def dual(self, plan: Plan) -> float:
        """sum a f + sum b g: no plan costs less, wherever f + g <= cost."""
        f, g = prices(plan)
        return float(self.a @ f + self.b @ g)

    def slack(self, plan: Plan) -> Array:
        """cost - f - g (n, m): nowhere negative where the prices are allowed, 0 wherever a best plan moves mass."""
        f, g = prices(plan)
        out: Array = self.cost - f[:, None] - g[None, :]
        return out


def prices(plan: Plan) -> tuple[Array, Array]:
    """f (n,), g (m,) of a plan whose method gives them."""
    assert plan.f is not None
    assert plan.g is not None
    return plan.f, plan.g


def pairwise(x: Array, y: Array, power: int) -> Array:
    """|x_i - y_j|^power (n, m) of at most a few hundred points (n, d), (m, d), without scipy's slow import."""
    squares: Array = ((x[:, None, :] - y[None, :, :]) ** 2).sum(-1)
    return squares if power == 2 else np.sqrt(squares)


def entropy(masses: Array) -> float:
    """-sum m log m in nats, of masses that sum to one; nothing is 0."""
    some = masses[masses > 0]
    return float(-(some * np.log(some)).sum())


def partners(problem: Problem, plan: Plan) -> float:
    """Among how many points the mass of a point of x is shared out: exp of the entropy of y given x."""
    return float(np.exp(entropy(plan.mass) - entropy(problem.a)))
