"""The density as a map: the model's, the exact one, and the signed difference."""

from __future__ import annotations

from collections.abc import Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import ERROR, EXACT, Ask
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import HasLogProb
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import density_known, exact_density, no_density, referred
from dgm_studio.lab.views.lattice import as_map, cell_area, error_maps, map_nodes, nodes, on_line, precise
from dgm_studio.lab.views.once import once, refusal_of
from dgm_studio.lab.views.reference import LABEL, with_floor
from dgm_studio.lab.views.view import Shown, View

TRACE = 11
"""Salt of the generator a stochastic log-density (Hutchinson's trace, an importance bound) draws from."""

SLOW_KINDS = ("ode", "bound")
SLOW_RESOLUTION = 32
CHUNK = 512
"""Points whose densities are computed together: one step of the ODE for them takes some 20 ms."""

KINDS = {
    "exact": "exact likelihood",
    "ode": "by the ODE",
    "quadrature": "by quadrature",
    "bound": "lower bound",
}


class DensityView(View):
    """values (r, r), on a line (4 r,): p(x) at ask.t; numbers: its integral over the box, or the relative L2 error.
    On a line the error comes with the exact curve that it stands on.

    Where one density costs many network evaluations (ODE, bound), r is halved: the note says the true r.
    """

    card: ClassVar[Card] = Card(
        "density",
        "Density",
        "How probable the model finds each place, beside the exact answer.",
        needs=("log_prob",),
    )

    def refuses(self, scene: Scene, ask: Ask) -> str:
        if ask.variant in (EXACT, ERROR) and not density_known(scene, ask.t):
            return no_density(scene)
        if ask.variant == EXACT:
            return ""
        return super().refuses(scene, ask) or refusal_of(_log_prob(scene, nodes(scene, ask.box, 1, 1), ask.t))

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        r = resolution(scene, ask)
        where = map_nodes(scene, ask.box, r)
        if ask.variant == EXACT:
            p, _ = yield from exact_density(scene, ask.box, r, ask.t)
            return Shown(
                {"values": as_map(scene, p, r)},
                {"integral": float(p.sum()) * cell_area(scene, ask.box, r)},
                _exact_note(scene, ask),
            )
        key = ("density", ask.box, r, ask.t)
        learned = yield from once(scene.memo, key, lambda: _learned(scene, where, ask.t))
        if ask.variant == ERROR:
            p, floor = yield from exact_density(scene, ask.box, r, ask.t)
            gap = learned - p
            relative = float(gap.norm() / p.norm().clamp_min(1e-30))
            numbers, note = {"relative_l2": relative}, _note(scene, ask, r)
            if referred(scene, ask.t):
                numbers, note = {**numbers, "floor": floor}, f"{note}; {with_floor(floor)}"
            return Shown(error_maps(scene, gap, p, r), numbers, note)
        integral = float(learned.sum()) * cell_area(scene, ask.box, r)
        return Shown({"values": as_map(scene, learned, r)}, {"integral": integral}, _note(scene, ask, r))


def resolution(scene: Scene, ask: Ask) -> int:
    """The resolution that is really computed: half of it for learned maps of slow kinds, at least 32; all of it for a
    curve, whose points are few."""
    slow = ask.variant != EXACT and not on_line(scene) and getattr(scene.model, "log_prob_kind", "") in SLOW_KINDS
    return min(ask.resolution, max(SLOW_RESOLUTION, ask.resolution // 2)) if slow else ask.resolution


def _log_prob(scene: Scene, where: Tensor, t: float) -> Generator[None, None, Tensor]:
    return model_with_density(scene).log_prob(where, scene.sampling, scene.generator(TRACE), t)


def _learned(scene: Scene, where: Tensor, t: float) -> Generator[None, None, Tensor]:
    parts = []
    slow = model_with_density(scene).log_prob_kind in SLOW_KINDS
    # An energy model sums its partition function anew for each piece; the quick kinds cut themselves into slices.
    for piece in torch.split(where, CHUNK if slow else len(where)):
        log_p = yield from _log_prob(scene, piece, t)
        parts.append(precise(log_p).exp())
    return torch.cat(parts)


def model_with_density(scene: Scene) -> HasLogProb:
    """The model, known to have a log-density; Refused if it has none."""
    if not isinstance(scene.model, HasLogProb):
        raise Refused(f"{scene.model.card.title} has no density.")
    return scene.model


def _note(scene: Scene, ask: Ask, r: int) -> str:
    kind = KINDS[model_with_density(scene).log_prob_kind]
    return kind if r == ask.resolution else f"{kind}, {r} × {r}"


def _exact_note(scene: Scene, ask: Ask) -> str:
    if referred(scene, ask.t):
        return LABEL if ask.t < 1.0 and scene.exact is not None else f"by kernels, {LABEL}"
    if ask.t >= 1.0 or scene.exact is None:
        return "exact density of the data's law"
    return f"exact density of the noised {'training points' if scene.mixture.is_finite_data else 'data'}"


VIEW = DensityView()
