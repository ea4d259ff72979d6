"""Two piles of earth, drawn: the pile on its way, the plan matrix, the prices as curves."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.sketch import Bars, Cloud, Plot, Reading, line
from dgm_studio.lab.scenes.parts.earth_pile import on_the_way
from dgm_studio.lab.scenes.parts.transport_answer import MOVING, P_TONE, Q_TONE, Answer, curve_plot, matrix_plot
from dgm_studio.lab.scenes.parts.transport_problem import prices
from dgm_studio.measures.transport import potential

SAID = 8
"""Most moves that a caption tells one by one."""


class PileView:
    """`p`, `q` are the heights (k,), (l,); `t` in [0, 1] is how far the earth has gone; `own`: whether they may be
    drawn."""

    def __init__(self, p: Array, q: Array, t: float, own: bool) -> None:
        self.p, self.q, self.t, self.own = p, q, t, own
        self.total = float(p.sum())
        self.alike = math.isclose(self.total, float(q.sum()), rel_tol=1e-9)
        """Whether both piles hold as much earth, so that moves can be told in its units."""

    def plots(self, answer: Answer) -> tuple[Plot, ...]:
        """The moving pile, the matrix, and the prices or the cost against epsilon."""
        third = self._prices(answer) if answer.blurred is None else curve_plot(answer)
        scale = self.total if self.alike else 1.0
        whole = np.zeros((len(self.p), len(self.q)))
        rows, columns = self._places(answer)
        whole[rows, columns] = scale * answer.plan.mass
        return self._pile(answer), matrix_plot(whole, "Plan matrix", "place in pile Q", "place in pile P"), third

    def readings(self, answer: Answer) -> tuple[Reading, ...]:
        """The slide's sum, where both piles hold as much earth."""
        if not self.alike or self.total == 1:
            return ()
        symbol = "Σ P·|i − j|" if answer.problem.power == 1 else "Σ P·|i − j|²"
        said = f"Work of the best plan in the slide's units; either pile holds {self.total:g}."
        return (Reading(f"{symbol}, earth × places", None, exact=self.total * answer.best.cost, help=said),)

    def caption(self, answer: Answer) -> str:
        """What goes where, and what it costs."""
        unlike = "" if self.alike else " The piles hold unlike amounts of earth: each counts as 1."
        ask = " Draw either pile with the mouse." if self.own else ""
        if answer.blurred is not None:
            over = answer.blurred.cost - answer.best.cost
            more = (
                f"{over:.2g} more than the exact plan's" if over > 1e-4 * answer.best.cost else "no more than it must"
            )
            return (
                f"With ε the earth is shared out over more places: its moves cost {answer.blurred.cost:.4g}, {more}."
                f"{unlike}{ask}"
            )
        w = answer.best.cost ** (1 / answer.problem.power)
        name = "W₁" if answer.problem.power == 1 else "W₂"
        return f"{self._moves(answer)} {name} = {w:.4g} for each unit of earth.{unlike}{ask}"

    def _places(self, answer: Answer) -> tuple[Array, Array]:
        """Where the plan's moves begin and end, counted from 0 along the drawn piles."""
        rows, columns = np.flatnonzero(self.p), np.flatnonzero(self.q)
        return rows[answer.plan.rows], columns[answer.plan.columns]

    def _moves(self, answer: Answer) -> str:
        rows, columns = (places + 1 for places in self._places(answer))
        moves = [(i, j, m) for i, j, m in zip(rows, columns, answer.best.mass, strict=True) if i != j]
        if not moves:
            return "The piles are the same: nothing is moved."
        if len(moves) > SAID:
            return f"{len(moves)} moves; the plan matrix tells each under the pointer."
        scale, unit = (self.total, "") if self.alike else (100.0, " %")
        told = (f"{m * scale:.3g}{unit} from {i} to {j}" for i, j, m in moves)
        return f"Best plan: {', '.join(told)}; the rest stays."

    def _pile(self, answer: Answer) -> Plot:
        count = max(len(self.p), len(self.q))
        edges, density = on_the_way(answer.problem, answer.plan, self.t)
        amount = (1 - self.t) * self.total + self.t * float(self.q.sum())
        knobs = ("p_pile", "q_pile") if self.own else ("", "")
        bars = (
            Bars(f"On its way, t = {self.t:.2f}", MOVING, frozen(edges), frozen(density * amount)),
            Bars("Pile P", P_TONE, frozen(np.arange(len(self.p) + 1) + 0.5), frozen(self.p), knobs[0], filled=False),
            Bars("Pile Q", Q_TONE, frozen(np.arange(len(self.q) + 1) + 0.5), frozen(self.q), knobs[1], filled=False),
        )
        top = above(1.15 * max(float(self.p.max()), float(self.q.max()), float(density.max()) * amount))
        return Plot("From pile P to pile Q", "place", "earth", (), bars=bars,
                    left=0.5, right=count + 0.5, low=0.0, high=top)  # fmt: skip

    def _prices(self, answer: Answer) -> Plot:
        one = answer.problem
        f, g = prices(answer.best)
        count = max(len(self.p), len(self.q))
        grid = np.linspace(0.5, count + 0.5, 20 * count + 1)  # with a point at every place, where a price may turn
        # f between P's places from the prices at Q's, then g from f wherever it is drawn: so f + g <= c everywhere.
        every = np.concatenate((grid, one.x[:, 0]))[:, None]
        f_every = potential(every, one.y, g, one.power)
        lines = (
            line("f(x): to fetch a unit there", P_TONE, grid, f_every[: len(grid)]),
            line("g(y): to bring it there", Q_TONE, grid, potential(grid[:, None], every, f_every, one.power)),
        )
        clouds = (
            Cloud("", P_TONE, frozen(np.column_stack((one.x[:, 0], f))), 7.0),
            Cloud("", Q_TONE, frozen(np.column_stack((one.y[:, 0], g))), 7.0),
        )
        return Plot("Prices: f(x) + g(y) ≤ c(x, y)", "place", f"price, {answer.unit}", lines, clouds=clouds)


def above(height: float) -> float:
    """The next of 1, 2, 3, 5, 10, ... times a power of ten: an axis that stands still while a bar is drawn."""
    power = 10.0 ** math.floor(math.log10(height))
    return next(step * power for step in (1, 2, 3, 5, 10) if step * power >= height * (1 - 1e-12))
