"""What the velocity and the score share: arrows, the exact arrows, and the map of their difference."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import ClassVar

import torch
from torch import Tensor

from dgm_studio.core.ask import ERROR, EXACT, Ask
from dgm_studio.core.errors import Refused
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.exact import exact_field, exact_halves, field_refuses, field_said, marginal, no_path
from dgm_studio.lab.views.lattice import arrow_nodes, as_map, map_nodes, on_line, plain
from dgm_studio.lab.views.once import in_chunks, once
from dgm_studio.lab.views.reference import MOST, half_gap, with_floor
from dgm_studio.lab.views.view import Shown, View
from dgm_studio.paths.targets import inner_time

MARGINAL = 21
"""Salt of the generator that draws p_t samples."""
COUNT = 1_000
"""How many p_t samples a relative error is averaged over."""
COUNT_REFERRED = 400
"""The same against a reference, whose answer at each costs a sum over 20,000 samples, twice."""


class ArrowsView(View):
    """x, v (m, d): a vector field at ask.t, 21 columns; error: values (r, r), on a line (4 r,) = |learned - exact|.

    The error's number is relative_l2 = sqrt(E|learned - exact|^2 / E|exact|^2) over samples of the exact p_t.
    """

    field: ClassVar[str]
    """"velocity" or "score": the method of the model and of the exact field."""

    def refuses(self, scene: Scene, ask: Ask) -> str:
        return super().refuses(scene, ask) or field_refuses(scene, ask, self.field)

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        t = inside(scene, ask.t)
        note = "" if t == ask.t else f"at t = {t:g}, just inside the path's end"
        time = torch.tensor(t, dtype=scene.points.dtype, device=scene.device)
        if ask.variant == ERROR:
            relative, floor = yield from relative_error(scene, self.field, ask.t)
            r, numbers = ask.resolution, {"relative_l2": relative}
            if said := (yield from field_said(scene, t)):
                r = r if on_line(scene) else min(r, MOST)
                numbers, note = {**numbers, "floor": floor}, "; ".join(filter(None, (with_floor(floor, said), note)))
            where = map_nodes(scene, ask.box, r)
            learned = yield from in_chunks(lambda x: learned_field(scene, self.field)(x, time), where)
            exact = yield from exact_field(scene, self.field, where, t, ask.box)
            # Where a reference has no answer p_t is 0: there is nothing to be wrong about.
            size = (learned.to(exact) - exact).norm(dim=1).nan_to_num(0.0)
            return Shown({"values": as_map(scene, size, r)}, numbers, note)
        where = arrow_nodes(scene, ask.box)
        if ask.variant == EXACT:
            said = yield from field_said(scene, t)
            note = "; ".join(filter(None, (f"{said} (no closed form)" if said else "", note)))
            v = (yield from exact_field(scene, self.field, where, t, ask.box)).nan_to_num(0.0)
        else:
            v = yield from in_chunks(lambda x: learned_field(scene, self.field)(x, time), where)
        return Shown({"x": plain(where), "v": plain(v)}, note=note)


def learned_field(scene: Scene, name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """The model's method of that name, f(x (n, d), t) -> (n, d)."""
    method: Callable[[Tensor, Tensor], Tensor] = getattr(scene.model, name)
    return method


def inside(scene: Scene, t: float) -> float:
    """t, kept off the path's singular ends, so that learned and exact are asked at the same time."""
    if scene.exact is None:
        return t
    return float(inner_time(torch.tensor(t, dtype=torch.float64), scene.exact.path))


def relative_error(scene: Scene, name: str, t: float) -> Generator[None, None, tuple[float, float]]:
    """sqrt(E|learned - exact|^2 / E|exact|^2) over samples of the exact p_t, computed once a scene; and its floor:
    0, or where a reference stands in for the exact field what the true field would show."""
    return once(scene.memo, ("relative_l2", name, t), lambda: _relative_error(scene, name, inside(scene, t)))


def _relative_error(scene: Scene, name: str, t: float) -> Generator[None, None, tuple[float, float]]:
    referred = yield from field_said(scene, t)
    where = ("marginal", scene.seed)
    if referred:
        x = yield from marginal(scene, COUNT_REFERRED, t)
    elif scene.exact is None:
        raise Refused(no_path(scene, name))
    else:
        x = scene.exact.draw(COUNT, t, scene.generator(MARGINAL)).to(scene.points)
    yield
    truth = yield from exact_field(scene, name, x, t, where)
    floor = 0.0
    if referred:
        first, second = yield from exact_halves(scene, name, x, t, where)
        # A reference of weights has no answer where none of its points can have come from.
        known = (first + second).isfinite().all(1)
        x, truth = x[known], truth[known]
        floor = half_gap(first[known], second[known], truth)
    time = torch.tensor(t, dtype=x.dtype, device=x.device)
    learned = yield from in_chunks(lambda piece: learned_field(scene, name)(piece, time), x)
    return float((learned.to(truth) - truth).norm() / truth.norm()), floor
