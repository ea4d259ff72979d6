"""A plan between two clouds of the plane, drawn: its lines, its matrix, the potential f over the plane."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.sketch import Cloud, Grip, Picture, Plot, Segments
from dgm_studio.lab.scenes.parts.transport_answer import MOVING, P_TONE, Q_TONE, Answer, curve_plot, matrix_plot
from dgm_studio.lab.scenes.parts.transport_problem import Problem, prices
from dgm_studio.measures.transport import Plan, potential

MOST_LINES, FAINTEST = 1_000, 0.02
"""Lines that are drawn at most, and the mass as a share of the heaviest below which none is."""
HALF_WIDTH, HALF_HEIGHT, MAP_HEIGHT = 6.0, 3.2, 5.2
COARSE, FINE = (20, 24), (76, 88)
"""Rows and columns of the map: while a hand drags, and once it rests."""
SLICE = 1_000
"""Places of the map in one beat: 2 ms at 200 points."""
SPREAD_REACH = 1.8
"""How far from the second cloud's centre the handle of its spread is, at spread 1."""


def lines_of(problem: Problem, plan: Plan) -> tuple[Array, Array, float]:
    """Pieces (k, 4) of the heaviest moves, their mass as a share of the heaviest point (k,), the mass they carry."""
    heavy = np.argsort(-plan.mass, kind="stable")[:MOST_LINES]
    heavy = heavy[plan.mass[heavy] > FAINTEST * plan.mass.max()][::-1]
    pieces = np.column_stack((problem.x[plan.rows[heavy]], problem.y[plan.columns[heavy]]))
    return pieces, plan.mass[heavy] / min(problem.a.max(), problem.b.max()), float(plan.mass[heavy].sum())


def on_the_way(problem: Problem, plan: Plan, t: float, entropic: bool) -> Array:
    """Where the mass is at time t (k, 2): every move of an exact plan on its straight way (McCann, 1997); of an
    entropic one each point of x on its way to the mean of where it sends its mass (the barycentric map)."""
    if not entropic:
        moving: Array = (1 - t) * problem.x[plan.rows] + t * problem.y[plan.columns]
        return moving
    matrix = plan.matrix(len(problem.a), len(problem.b))
    out: Array = (1 - t) * problem.x + t * (matrix @ problem.y) / matrix.sum(1, keepdims=True)
    return out


class CloudView:
    """`centre`, `spread` place the second cloud, `t` in [0, 1] is how far the mass has gone."""

    def __init__(self, centre: tuple[float, float], spread: float, t: float) -> None:
        self.centre, self.spread, self.t = centre, spread, t
        self.map: Array | None = None

    def draw_map(self, problem: Problem, best: Plan, size: tuple[int, int]) -> Iterator[None]:
        """f at the middles of so many rows and columns, slice by slice."""
        x, y = (
            (np.arange(count) + 0.5) / count * 2 * half - half
            for count, half in ((size[1], HALF_WIDTH), (size[0], MAP_HEIGHT))
        )
        places = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
        found = []
        for begin in range(0, len(places), SLICE):
            found.append(potential(places[begin : begin + SLICE], problem.y, prices(best)[1], problem.power))
            if begin + SLICE < len(places):
                yield
        self.map = frozen(np.concatenate(found).reshape(size))

    def plots(self, answer: Answer) -> tuple[Plot, ...]:
        """Lines, matrix, and the potential or the cost against epsilon."""
        one = answer.problem
        rows, columns = (np.argsort(np.argsort(points[:, 0])) for points in (one.x, one.y))
        matrix = np.zeros(one.cost.shape)
        matrix[rows[answer.plan.rows], columns[answer.plan.columns]] = answer.plan.mass
        second = matrix_plot(matrix, "Plan matrix, points from left to right", "point of Q", "point of P")
        third = self._potential(answer) if answer.blurred is None else curve_plot(answer)
        return self._lines(answer), second, third

    def caption(self, answer: Answer) -> str:
        """How many moves, what they cost, what to do."""
        one = answer.problem
        carried = lines_of(one, answer.plan)[2]
        if answer.blurred is not None:
            return (
                f"With ε the mass of a point is shared out: the plan costs {answer.blurred.cost:.4g}, the exact one "
                f"{answer.best.cost:.4g}. The lines drawn carry {100 * carried:.0f} % of it; the points on their way "
                "go to the mean of their partners, so the cloud shrinks."
            )
        w = answer.best.cost ** (1 / one.power)
        name, count = ("W₁" if one.power == 1 else "W₂"), len(answer.best.mass)
        size = f"{len(one.a)} and {len(one.b)} points"
        return (
            f"The cheapest way between {size} has {count} moves; no plan needs more than "
            f"{len(one.a) + len(one.b) - 1}. {name} = {w:.4g}. Drag the second cloud by its two handles."
        )

    def _lines(self, answer: Answer) -> Plot:
        one, entropic = answer.problem, answer.blurred is not None
        pieces, weights, _ = lines_of(one, answer.plan)
        clouds = [*_sized("Cloud P", P_TONE, one.x, one.a), *_sized("Cloud Q", Q_TONE, one.y, one.b)]
        if 0 < self.t < 1:
            moving = on_the_way(one, answer.plan, self.t, entropic)
            clouds.append(Cloud(f"On its way, t = {self.t:.2f}", MOVING, frozen(moving), 4.0))
        x, y = self.centre
        reach = self.spread * SPREAD_REACH
        grips = (
            Grip("Centre of Q", Q_TONE, x, y, "q_x", "q_y"),
            Grip("Spread of Q", Q_TONE, x + reach, y, "q_spread", from_x=x, scale=SPREAD_REACH),
        )
        segments = (Segments("Plan", "faint", frozen(pieces), frozen(weights), 0.8 if entropic else 1.2),)
        return Plot(
            "Plan between the clouds", "x₁", "x₂", (), segments=segments, clouds=tuple(clouds), grips=grips, equal=True,
            left=-HALF_WIDTH, right=HALF_WIDTH, low=-HALF_HEIGHT, high=HALF_HEIGHT,
        )  # fmt: skip

    def _potential(self, answer: Answer) -> Plot:
        one = answer.problem
        assert self.map is not None
        box = (-HALF_WIDTH, HALF_WIDTH, -MAP_HEIGHT, MAP_HEIGHT)
        inner = np.linspace(self.map.min(), self.map.max(), 11)[1:-1]
        picture = Picture("f", P_TONE, self.map, box, (Q_TONE, P_TONE), float(np.median(self.map)),
                          tuple(float(level) for level in inner))  # fmt: skip
        clouds = (Cloud("P", P_TONE, one.x, 4.0), Cloud("Q", Q_TONE, one.y, 4.0))
        title = "Potential f" if one.power == 2 else "Potential f: the best critic"
        return Plot(title, "x₁", "x₂", (), pictures=(picture,), clouds=clouds, equal=True,
                    left=box[0], right=box[1], low=-HALF_HEIGHT, high=HALF_HEIGHT)  # fmt: skip


def _sized(name: str, tone: str, points: Array, masses: Array) -> list[Cloud]:
    """The cloud; of unlike masses in three sizes, a third of the points each."""
    if np.ptp(masses) < 1e-12:
        return [Cloud(name, tone, points, 6.0)]
    order = np.array_split(np.argsort(masses), 3)
    return [Cloud(name, tone, frozen(points[part]), size) for part, size in zip(order, (4.0, 6.5, 10.0), strict=True)]
