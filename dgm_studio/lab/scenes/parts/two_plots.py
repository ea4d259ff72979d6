"""The plots of two distributions: densities or clouds with grips, what each measure adds up, estimates against n."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.measured import NATS, Measured
from dgm_studio.core.sketch import DASHED, Cloud, Line, Picture, Plot, line
from dgm_studio.data.law import Law
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.parts.two_laws import Side
from dgm_studio.measures.measure import Measure
from dgm_studio.measures.on_densities import Pointwise
from dgm_studio.measures.quadrature import Nodes

EDGE = 6.0
"""The line and the plane are shown this far to either side."""
TALL = 3.2
"""The plane upwards: a wide card shows more of it sideways."""
GRID, FINER = 141, 41
"""Even points of a curve, and more of them where a law is narrow: each costs the window a stroke. A small plot has
this share of them."""
LESS = 0.7
STEPS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
SHOWN_POINTS = 1_500
INTEGRANDS = 4
TONES = ("accent", "error", "exact", "text")
Seen = tuple[Side, Law]


def densities(p: Seen, q: Seen) -> Plot:
    """Both densities over one axis; a drawn histogram as bars. Its height is one of few, or it would run away from
    the hand."""
    x = _axis(p[1], q[1])
    heights = [density(law, x[:, None]) for _, law in (p, q)]
    top = _rounded_up(1.1 * max(_typical_top(height) for height in heights))
    bars = [side.bars() for side, _ in (p, q)]
    lines = [
        Line(side.name, side.tone, frozen(x), frozen(np.minimum(height, 10 * top)), filled=True)
        for (side, _), height, drawn in zip((p, q), heights, bars, strict=True)
        if drawn is None
    ]
    return Plot(
        "p and q: drag the round handles", "x", "density", tuple(lines),
        bars=tuple(drawn for drawn in bars if drawn is not None),
        grips=(*p[0].grips(p[1], top), *q[0].grips(q[1], top)),
        left=-EDGE, right=EDGE, low=0.0, high=top,
    )  # fmt: skip


def clouds(p: Seen, q: Seen, points: Sequence[Array]) -> Plot:
    """Samples of both laws with their grips."""
    shown = tuple(
        Cloud(side.name, side.tone, frozen(some[:SHOWN_POINTS]), size)
        for (side, _), some, size in zip((p, q), points, (2.5, 3.5), strict=True)
    )
    return Plot(
        "p and q: drag the round handles", "x", "y", (), clouds=shown,
        grips=(*p[0].grips(p[1], TALL), *q[0].grips(q[1], TALL)),
        equal=True, left=-EDGE, right=EDGE, low=-TALL, high=TALL,
    )  # fmt: skip


def density(law: Law, points: Array) -> Array:
    """p(x) at points (n, d) -> (n,); zero where it is not known."""
    found = law.log_density(points)
    return np.zeros(len(points)) if found is None else np.exp(found)


def difference_map(p: Law, q: Law, cells: int) -> Plot:
    """q - p over the plane, `cells` along each axis; what is missing of p in data's colour."""
    side = (np.arange(cells) + 0.5) / cells
    x, y = np.meshgrid((2 * side - 1) * EDGE * TALL / EDGE, (2 * side - 1) * TALL)
    points = np.stack((x.ravel(), y.ravel()), axis=1)
    gap = (density(q, points) - density(p, points)).reshape(cells, cells)
    # The highest peaks would leave nothing of the rest.
    cut = float(np.quantile(np.abs(gap), 0.995)) or 1.0
    box = (-TALL, TALL, -TALL, TALL)
    picture = Picture("q − p", "sample", frozen(np.clip(gap, -cut, cut)), box, ("data", "sample"))
    return Plot("Density of q less that of p", "x", "y", (), pictures=(picture,), equal=True)


def integrands(p: Law, q: Law, shown: Sequence[Measure]) -> Plot:
    """What the shown measures of densities add up along the line."""
    x = _axis(p, q, share=LESS)
    points = x[:, None]
    log_p, log_q = p.log_density(points), q.log_density(points)
    assert log_p is not None
    assert log_q is not None
    nodes = Nodes(points, log_p, log_q, p, q)
    curves = []
    pointwise = [one for one in shown if isinstance(one, Pointwise)][:INTEGRANDS]
    for one, tone in zip(pointwise, TONES, strict=False):
        y = one.on_nodes(nodes)
        curves.append(line(one.card.title, tone, x, np.where(np.isfinite(y), y, np.nan)))
    most = [float(np.nanquantile(curve.y, 0.97)) for curve in curves if np.isfinite(curve.y).any()]
    up = "integrand, logs in nats" if any(one.unit == NATS for one in pointwise) else "integrand"
    return Plot("What each measure adds up", "x", up, tuple(curves), low=0.0,
                high=_rounded_up(1.15 * max([*most, 1e-3])), left=-EDGE, right=EDGE)  # fmt: skip


def against_n(
    title: str, unit: str, sizes: Sequence[int], values: Sequence[Moments], floors: Sequence[Moments],
    exact: Measured | None,
) -> Plot:  # fmt: skip
    """Mean estimate over repeats at each n with its 95 % interval, mean floor, and the value where it is known."""
    n = np.array(sizes, dtype=np.float64)
    lines: list[Line] = []
    low = high = None
    if values and values[0].count:
        floor = means(floors)
        estimate = line("Estimate", "accent", n, means(values), doubt=doubts(values))
        lines = [Line(**{**vars(estimate), "floor": frozen(floor)}), line("Noise floor", "data", n, floor)]
    if exact is not None and math.isfinite(exact.value):
        lines.append(line("Exact", "exact", n, np.full(len(n), exact.value), DASHED))
        if len(lines) == 1 and exact.value > 0:  # alone it would stand still while its axis moves
            low, high = 0.0, _rounded_up(1.2 * exact.value)
    elif not lines:
        lines.append(line("Estimate", "accent", n, np.full(len(n), np.nan)))
    return Plot(
        f"{title} as n grows", "n, samples of each", unit or "value", tuple(lines), log_x=True, low=low, high=high
    )  # fmt: skip


def _axis(*laws: Law, share: float = 1.0) -> Array:
    """Even points, closer ones within each bell and each interval, both sides of each jump."""
    finer = round(share * FINER)
    parts = [np.linspace(-EDGE, EDGE, round(share * GRID))]
    for law in laws:
        mixture, breaks = law.mixture(), np.array(law.breaks())
        if mixture is not None:
            sds = np.sqrt(mixture.covariances[:, 0, 0])
            parts += [m + s * np.linspace(-4, 4, finer) for m, s in zip(mixture.means[:, 0], sds, strict=True)]
        elif len(breaks):
            reach = 3.0 if len(breaks) == 1 else 0.0
            parts += [np.linspace(breaks[0] - reach, breaks[-1] + reach, finer), breaks - 1e-9, breaks, breaks + 1e-9]
    every = np.unique(np.concatenate(parts))
    return every[(every >= -EDGE) & (every <= EDGE)]


def _typical_top(height: Array) -> float:
    """The largest density, but for a spike at an edge (a beta's ends may be infinite)."""
    fine = height[np.isfinite(height)]
    return min(float(fine.max()), 4 * float(np.quantile(fine, 0.97)) + 0.05) if fine.size else 1.0


def _rounded_up(value: float) -> float:
    """The next of few round numbers."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in STEPS if step * power >= value * 0.999)
