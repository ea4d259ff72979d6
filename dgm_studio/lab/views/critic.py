"""The discriminator as a map, beside the best one for the generator of this moment."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import ERROR, EXACT, LEARNED, Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import PROBABILITY, VALUE, HasCritic
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import density_known, exact_density, referred
from dgm_studio.lab.views.fresh import two_draws
from dgm_studio.lab.views.kde import Kde, fit_kde
from dgm_studio.lab.views.lattice import as_map, axes, error_maps, map_nodes, on_line
from dgm_studio.lab.views.once import in_chunks, newest, once
from dgm_studio.lab.views.reference import COUNT as REFERENCE
from dgm_studio.lab.views.samples import drawn
from dgm_studio.lab.views.view import Shown, View

COUNT = 4_000
"""Samples of the generator, and of the data, that a density is estimated from."""
VOID = 1e-6
"""Density, as a share of the data's peak, below which there is nothing to tell apart and D* goes to 1/2."""


class CriticView(View):
    """values (r, r), on a line (4 r,): D(x); exact: an estimate of D* = p / (p + q); error: D - D*, with its mean size.

    Of a Wasserstein critic, which is known up to a constant: f(x) minus the middle of its means over data and samples.

    q is a kernel estimate of 4,000 generator samples. `floor` is the mean |D* - 1/2| over p + q when q is
    estimated from as many fresh data instead: what the estimate shows where there is no difference at all.
    """

    card: ClassVar[Card] = Card(
        "critic", "Critic", "How real the discriminator finds each place.", "5", "Goodfellow et al., 2014",
        "D* = p / (p + q)", needs=("critic",),
    )  # fmt: skip

    def refuses(self, scene: Scene, ask: Ask) -> str:
        values = getattr(scene.model, "critic_kind", PROBABILITY) == VALUE
        if ask.variant != LEARNED and values:
            return "The best Wasserstein critic has no closed form; its value, W1, stands among the read-outs."
        return super().refuses(scene, ask)

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        r = ask.resolution
        if ask.variant == EXACT:
            best, _, floor = yield from _best(scene, ask)
            return Shown({"values": as_map(scene, best, r)}, {"floor": floor}, _note(scene, floor))
        model = scene.model
        if not isinstance(model, HasCritic):
            raise Refused(self.refuses(scene, ask))
        learned = yield from in_chunks(model.critic, map_nodes(scene, ask.box, r))
        if model.critic_kind == VALUE:
            film = yield from drawn(scene, ask.count)
            middle = (model.critic(scene.points[:COUNT]).mean() + model.critic(film.samples).mean()) / 2
            learned = learned - middle
            reach = float(learned.abs().max())
            return Shown({"values": as_map(scene, learned, r)}, {"low": -reach, "high": reach})
        if ask.variant != ERROR:
            return Shown({"values": as_map(scene, learned, r)}, {"low": 0.0, "high": 1.0})
        best, weight, floor = yield from _best(scene, ask)
        gap = learned.to(best) - best
        mean = float((gap.abs() * weight).sum() / weight.sum())
        numbers = {"mean_absolute": mean, "floor": floor}
        return Shown(error_maps(scene, gap, best, r), numbers, _note(scene, floor))


def _best(scene: Scene, ask: Ask) -> Generator[None, None, tuple[Tensor, Tensor, float]]:
    """D* and p + q at the map's nodes, and the floor."""
    p, floor = yield from newest(
        scene.data_memo, "critic data", (ask.box, ask.resolution, scene.device), lambda: _data(scene, ask)
    )
    key = ("critic best", ask.box, ask.resolution)
    q = yield from once(scene.memo, key, lambda: _generated(scene, ask))
    return optimal(p, q), p + q, floor


def optimal(p: Tensor, q: Tensor) -> Tensor:
    """D* = p / (p + q), drawn to 1/2 where neither has mass."""
    void = VOID * p.max()
    return (p + void / 2) / (p + q + void)


def _generated(scene: Scene, ask: Ask) -> Generator[None, None, Tensor]:
    film = yield from drawn(scene, max(COUNT, ask.count))
    estimate = yield from fit_kde(film.samples)
    return _on(scene, estimate, ask)


def _data(scene: Scene, ask: Ask) -> Generator[None, None, tuple[Tensor, float]]:
    """The data's density on the lattice and the floor of D*, which no training changes."""
    data, others = two_draws(scene, COUNT)
    other = yield from fit_kde(others)
    q = _on(scene, other, ask)
    yield
    if density_known(scene, 1.0):
        p, _ = yield from exact_density(scene, ask.box, ask.resolution, 1.0)
    else:
        p = _on(scene, (yield from fit_kde(data)), ask)
    weight = p + q
    return p, float(((optimal(p, q) - 0.5).abs() * weight).sum() / weight.sum())


def _on(scene: Scene, estimate: Kde, ask: Ask) -> Tensor:
    """The estimate at the map's nodes."""
    if on_line(scene):
        return estimate.on_lattice(map_nodes(scene, ask.box, ask.resolution)[:, 0].to(estimate.points))
    x, y = (axis.to(estimate.points.device) for axis in axes(ask.box, ask.resolution, ask.resolution))
    return estimate.on_lattice(x, y)


def _note(scene: Scene, floor: float) -> str:
    p = "" if density_known(scene, 1.0) else ", as is p from the data"
    if referred(scene, 1.0):
        p = f", p from {REFERENCE:,} fresh samples (no closed form)"
    return f"estimate: q by kernels from {COUNT:,} generated samples{p}; floor {floor:.2f} around 1/2"


VIEW = CriticView()
