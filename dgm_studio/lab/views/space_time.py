"""Space and time of data on a line as one map: p_t(x) for all t between noise and data."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import EXACT, Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.capabilities import HasTransport
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import reference
from dgm_studio.lab.views.exact import density_known, no_path, referred, slice_size
from dgm_studio.lab.views.lattice import FINER, map_nodes, on_line, plain, precise
from dgm_studio.lab.views.once import in_chunks, newest
from dgm_studio.lab.views.reference import LABEL
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path

EXACT_TIMES, OTHER_TIMES = 64, 32
"""Columns of the map; a reference's cost more."""
MIDDLE = 0.5
"""A time at which whether p_t is known speaks for all between noise and data."""
LEAST = 1e-6
"""Share of what is in sight that a piece is wide at least, though its ends meet."""
OF_A_MAP = ("exact", "ode")
"""Kinds of log-likelihood of what is carried to data by an invertible map."""
SLOT = "space-time"
BINS = 2_000
"""Of the samples of data without a closed form: 20,000 kernels would take seconds."""
CELLS, REACH = 2_400, 6.0
"""Pieces that the prior is cut into, within so many of its standard deviations: each keeps its mass on the way."""


class SpaceTimeView(View):
    """values (x, t): p_t(x) of cells, row 0 the lowest x, for t from 0 to 1 and the ask's x (model units); variant
    learned or exact. The resolution is that of x (four times as many rows, as on a line).

    Learned is what the model's probability flow makes of its prior, by the chosen solver and steps: on a line the mass
    of a small piece of the prior stays between the ways of its two ends, F_t(x_t(z)) = Phi(z) where they do not cross.
    """

    card: ClassVar[Card] = Card(
        "space_time",
        "Density over time",
        "How probable each place of the line is at each time between noise and data.",
        needs=("transport",),
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if not on_line(scene):
            return "Space and time are one picture for data on a line only; choose such data, e.g. Mixture, 1D."
        if ask.variant == EXACT:
            return "" if scene.exact is not None and density_known(scene, MIDDLE) else no_path(scene, "density")
        why = super().refuses(scene, ask)
        if why or (getattr(scene.model, "log_prob_kind", "") in OF_A_MAP and scene.model.gaussian_source):
            return why
        return f"{scene.model.card.title} has no likelihood by a map from normal noise: p on the way is not known."

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        if ask.variant == EXACT:
            values = yield from newest(scene.data_memo, SLOT, _key(scene, ask), lambda: _exact(scene, ask))
            return Shown({"values": values}, note=_exact_note(scene))
        values = yield from newest(scene.memo, SLOT, (ask.box, ask.resolution), lambda: _carried(scene, ask))
        untold = getattr(scene.model, "classes", 0) and getattr(scene.sampling, "label", 0) < 0
        return Shown({"values": values}, note=f"by the model's probability flow{', without labels' if untold else ''}")


def _key(scene: Scene, ask: Ask) -> tuple[object, ...]:
    assert scene.exact is not None
    return ask.box, ask.resolution, scene.exact.path, scene.seed, scene.device


def _exact(scene: Scene, ask: Ask) -> Generator[None, None, Array]:
    """The known map; of data without a closed form that of the reference's samples."""
    field, count = scene.exact, EXACT_TIMES
    if referred(scene, MIDDLE):
        samples = (yield from reference.fields(scene)).whole
        field, count = ExactField(binned(samples.mixture.means[:, 0]), samples.path, scene.device), OTHER_TIMES
    assert field is not None
    x = precise(map_nodes(scene, ask.box, ask.resolution))
    columns = []
    for column in range(count):
        t = torch.tensor((column + 0.5) / count, dtype=x.dtype, device=x.device)
        log_p = yield from in_chunks(partial(field.log_density, t=t), x, slice_size(field))
        columns.append(log_p.exp())
    return plain(torch.stack(columns, dim=1))


def binned(points: Array) -> Mixture:
    """Points (n,) as few weighted ones, in bins narrower than any noise that a column of the map has."""
    counts, edges = np.histogram(points, BINS)
    held = counts > 0
    return Mixture(
        counts[held] / len(points), (0.5 * (edges[1:] + edges[:-1]))[held, None], np.zeros((held.sum(), 1, 1))
    )


def _carried(scene: Scene, ask: Ask) -> Generator[None, None, Array]:
    """The learned map."""
    model = scene.model
    if not isinstance(model, HasTransport):
        raise Refused(f"{model.card.title} has no map from noise to data.")
    path = getattr(model, "path", None)
    std = path.prior_std if isinstance(path, Path) else 1.0
    z = torch.linspace(-REACH, REACH, CELLS + 1, dtype=torch.float64)
    mass = np.diff(torch.special.ndtr(z).numpy())
    ways, times = [], []
    for state in model.transport((std * z)[:, None].to(scene.points), scene.sampling):
        ways.append(state.x[:, 0].double().cpu().numpy())
        times.append(state.t)
        yield
    edges = np.linspace(ask.box[0], ask.box[1], FINER * ask.resolution + 1)
    columns = []
    for column in range(OTHER_TIMES):
        columns.append(density_of(_at(ways, times, (column + 0.5) / OTHER_TIMES), mass, edges))
        yield
    return frozen(np.stack(columns, axis=1).astype(np.float32))


def _at(ways: list[Array], times: list[float], t: float) -> Array:
    """Where the ends of the pieces are at t, on the straight line between two states."""
    after = min(max(1, int(np.searchsorted(times, t))), len(times) - 1)
    early, late = times[after - 1], times[after]
    share = min(1.0, max(0.0, (t - early) / (late - early))) if late > early else 1.0
    return (1 - share) * ways[after - 1] + share * ways[after]


def density_of(ends: Array, mass: Array, edges: Array) -> Array:
    """Density (r,) over cells with `edges` (r + 1,) of pieces with `ends` (k + 1,) and `mass` (k,), each spread evenly
    between its two ends, in whichever order these lie."""
    low, high = np.minimum(ends[:-1], ends[1:]), np.maximum(ends[:-1], ends[1:])
    high = np.maximum(high, low + LEAST * (edges[-1] - edges[0]))
    # The mass left of x is piecewise linear in x: each piece bends it up where it begins, and back where it ends.
    slope = mass / (high - low)
    places = np.concatenate([low, high])
    order = np.argsort(places, kind="stable")
    rate = np.cumsum(np.concatenate([slope, -slope])[order])
    knots = places[order]
    below = np.concatenate([[0.0], np.cumsum(rate[:-1] * np.diff(knots))])
    density: Array = np.diff(np.interp(edges, knots, below)) / np.diff(edges)
    return density


def _exact_note(scene: Scene) -> str:
    if referred(scene, MIDDLE):
        return LABEL
    return f"exact density of the noised {'training points' if scene.mixture.is_finite_data else 'data'}"


VIEW = SpaceTimeView()
