"""What is known of a transport problem after some rounds, and the plots and numbers that every such problem has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.measured import DISTANCE, Measured
from dgm_studio.core.sketch import DASHED, Mark, Picture, Plot, Reading, line
from dgm_studio.lab.scenes.parts.sinkhorn_runs import LEAST_SHARE, MOST_SHARE, CostCurve, SinkhornRun
from dgm_studio.lab.scenes.parts.transport_problem import Problem, entropy, partners
from dgm_studio.measures.transport import Plan

P_TONE, Q_TONE, MOVING = "data", "sample", "accent"
CELLS = 200
"""Rows and columns that a plan's matrix is drawn with at least, about."""


@dataclass(frozen=True, eq=False)
class Answer:
    """The problem, its best plan, and, where an entropic one is asked for: the run that shows it, the run from no
    prices at all whose iterations are counted, and the curve of its cost."""

    problem: Problem
    best: Plan
    shown_run: SinkhornRun | None = None
    counted: SinkhornRun | None = None
    curve: CostCurve | None = None
    share: float = 0.0
    """Epsilon as a share of the mean cost over all pairs."""

    @property
    def blurred(self) -> Plan | None:
        """The entropic plan, where one is asked for."""
        return None if self.shown_run is None else self.shown_run.plan

    @property
    def plan(self) -> Plan:
        """The plan that is drawn."""
        return self.blurred or self.best

    @property
    def unit(self) -> str:
        """Of a cost."""
        return "distance" if self.problem.power == 1 else "distance²"


def matrix_plot(values: Array, title: str, across: str, up: str) -> Plot:
    """A plan (n, m) as a map, its value under the pointer; entry (1, 1) is at the lower left."""
    n, m = values.shape
    box = (0.5, m + 0.5, 0.5, n + 0.5)
    cells = [max(1, CELLS // count) for count in (n, m)]  # else entries would be shaded into one another
    picture = Picture("Mass moved", MOVING, frozen(values.repeat(cells[0], 0).repeat(cells[1], 1)), box)
    return Plot(title, across, up, (), pictures=(picture,), left=0.5, right=m + 0.5, low=0.5, high=n + 0.5)


def curve_plot(answer: Answer) -> Plot:
    """What the entropic plan's moves cost against epsilon, between the exact plan's and the product's."""
    shares, best, unrelated = np.array([LEAST_SHARE, MOST_SHARE]), answer.best.cost, answer.problem.unrelated
    lines = [
        line("Exact plan", "exact", shares, [best, best], DASHED),
        line("Everywhere (P × Q)", "data", shares, [unrelated, unrelated], DASHED),
    ]
    if answer.curve is not None and answer.curve.shares:
        lines.append(line("Entropic plan", MOVING, answer.curve.shares, answer.curve.costs))
    room = 0.08 * max(unrelated - best, 1e-9)
    return Plot(
        "Cost against ε", "ε: share of the mean cost", f"cost, {answer.unit}", tuple(lines),
        (Mark("ε now", "text", answer.share),), log_x=True, left=LEAST_SHARE, right=MOST_SHARE,
        low=best - room, high=unrelated + room,
    )  # fmt: skip


def measured(answer: Answer, method: str) -> tuple[Measured, ...]:
    """W1 or W2 by the best plan, which `method` found; beside it what the entropic plan's moves make of it."""
    power = answer.problem.power
    name, best = f"w{power}", answer.best.cost ** (1 / power)
    found = [Measured(name, best, best, best, method, DISTANCE)]
    if answer.blurred is not None:
        w = answer.blurred.cost ** (1 / power)
        found.append(Measured(name, w, w, w, "entropic plan", DISTANCE))
    return tuple(found)


def readings(answer: Answer) -> tuple[Reading, ...]:
    """Cost, distance and the check by duality; of an entropic plan also its blur."""
    one, best, plan = answer.problem, answer.best, answer.blurred
    found = [_cost(answer)]
    if plan is not None:
        found += _blur(answer, plan)
    slack = one.slack(best)
    gap, over = best.cost - one.dual(best), -float(slack.min())
    on_plan = float(np.abs(slack[best.rows, best.columns]).max())
    return (
        *found,
        Reading("Duality gap", _tidy(gap, best.cost), None, 0.0, "",
                "Exact plan's cost − (Σ a f + Σ b g). Prices f, g that nobody can beat prove that the plan is best.",
                "should be"),
        Reading("Largest f + g − c", _tidy(over, best.cost), None, 0.0, "",
                "Over all pairs: f(x) + g(y) must not exceed the cost c(x, y).", "at most"),
        Reading("The same where mass moves", _tidy(on_plan, best.cost), None, 0.0, "",
                "Over the pairs that the exact plan uses: there f(x) + g(y) is the cost.", "should be"),
    )  # fmt: skip


def _cost(answer: Answer) -> Reading:
    best, plan = answer.best.cost, answer.blurred
    if plan is None:
        return Reading("Cost of the plan", best, None, answer.problem.dual(answer.best), answer.unit,
                       "Mass times cost, summed over the plan. Beside it what the prices say: Σ a f + Σ b g.",
                       "by prices")  # fmt: skip
    return Reading("Cost of the plan", plan.cost, None, best, answer.unit,
                   "Mass times cost, summed over the entropic plan; beside it the exact plan's.")  # fmt: skip


def _blur(answer: Answer, plan: Plan) -> list[Reading]:
    one, counted = answer.problem, answer.counted
    found = [
        Reading("ε", answer.share * one.unrelated, None, None, answer.unit, "In units of the cost."),
        Reading("Entropy of the plan", entropy(plan.mass), None, entropy(answer.best.mass), "nats",
                "−Σ π log π; beside it the exact plan's."),
        Reading("Partners of a point", partners(one, plan), None, partners(one, answer.best), "",
                "exp of the entropy of y given x: among how many points the mass of one is shared out."),
        Reading("Mass not yet in place", 100 * plan.error, None, 0.0, "%",
                "What the iterations so far send to the wrong point; they go on round by round.", "goes to"),
    ]  # fmt: skip
    if counted is not None:
        found.append(
            Reading("Iterations from scratch", float(counted.iterations), None, None,
                    "" if counted.reached else "so far",
                    f"Sinkhorn's, from f = g = 0 until the marginals are right within {counted.tolerance:g}; "
                    f"asked every tenth time, given up at {counted.most:,}.")
        )  # fmt: skip
    return found


def _tidy(value: float, beside: float) -> float:
    """Rounding's dust beside a cost is 0."""
    return 0.0 if abs(value) <= 1e-12 * max(beside, 1.0) else value
