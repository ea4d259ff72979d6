"""The density as a map: the model's, the exact one, and the signed difference."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import ERROR, EXACT, Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import density_known, exact_density, no_density
from dgm_studio.lab.views.lattice import cell_area, nodes, square
from dgm_studio.lab.views.once import once
from dgm_studio.lab.views.view import Shown, View

TRACE = 11
"""Salt of the generator a stochastic log-density (Hutchinson's trace, an importance bound) draws from."""

SLOW_KINDS = ("ode", "bound")
SLOW_RESOLUTION = 32

KINDS = {
    "exact": "exact log-density of the model",
    "ode": "density by the continuity equation (ODE)",
    "quadrature": "density normalised by quadrature",
    "bound": "lower bound of the density",
}


class DensityView(View):
    """values (r, r): p(x) at ask.t at cell centres; numbers: its integral over the box, or the error's relative L2.

    Where one density costs many network evaluations (ODE, bound), r is at most 32: the note says the true r.
    """

    card: ClassVar[Card] = Card(
        "density",
        "Density",
        "How probable the model finds each place, beside the exact answer.",
        needs=("log_prob",),
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if ask.variant != EXACT:
            reason = super().refuses(scene, ask)
            if reason or ask.variant != ERROR:
                return reason
        return "" if density_known(scene, ask.t) else no_density(scene)

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        r = resolution(scene, ask)
        where = nodes(scene, ask.box, r, r)
        if ask.variant == EXACT:
            p = yield from exact_density(scene, where, ask.t, ask.box)
            return Shown(
                {"values": square(p, r)},
                {"integral": float(p.sum()) * cell_area(ask.box, r)},
                _exact_note(scene, ask),
            )
        key = ("density", ask.box, r, ask.t)
        learned = yield from once(scene.memo, key, lambda: _learned(scene, where, ask.t))
        if ask.variant == ERROR:
            p = yield from exact_density(scene, where, ask.t, ask.box)
            gap = learned - p
            relative = float(gap.norm() / p.norm().clamp_min(1e-30))
            return Shown({"values": square(gap, r)}, {"relative_l2": relative}, _note(scene, ask, r))
        integral = float(learned.sum()) * cell_area(ask.box, r)
        return Shown({"values": square(learned, r)}, {"integral": integral}, _note(scene, ask, r))


def resolution(scene: Scene, ask: Ask) -> int:
    """The resolution that is really computed: learned maps of slow kinds are at most 32 on a side."""
    slow = ask.variant != EXACT and getattr(scene.model, "log_prob_kind", "") in SLOW_KINDS
    return min(ask.resolution, SLOW_RESOLUTION) if slow else ask.resolution


def _learned(scene: Scene, where: Tensor, t: float) -> Generator[None, None, Tensor]:
    log_p = yield from scene.model.log_prob(where, scene.sampling, scene.generator(TRACE), t)
    return log_p.detach().double().exp()


def _note(scene: Scene, ask: Ask, r: int) -> str:
    kind = KINDS[scene.model.log_prob_kind]
    return kind if r == ask.resolution else f"{kind}, computed on {r} x {r} points"


def _exact_note(scene: Scene, ask: Ask) -> str:
    noised_points = ask.t < 1.0 and scene.exact is not None and scene.mixture.is_finite_data
    return (
        "exact density of the noised training points" if noised_points else "exact density of the data's law"
    )


VIEW = DensityView()
