"""The exact answers, in slices, kept between scenes: training changes the model, never the truth. Where there is no
closed form, those for a large fresh sample, labelled so (lab.views.reference)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, EXACT, Ask, Box
from dgm_studio.core.errors import Refused
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import pair_reference, reference
from dgm_studio.lab.views.lattice import map_nodes, precise
from dgm_studio.lab.views.once import in_chunks, newest
from dgm_studio.paths.exact import ExactField

PAIRS = 500_000
"""Points x mixture components of one slice: some 5 to 20 ms in float64."""


PAIR_SLICE = 16
"""Points of one slice of a flow between two data sets: 320,000 weights, some 15 ms."""

OWN = 512
"""Points of one slice of a data set's own density."""


def slice_size(field: ExactField) -> int:
    """Points a slice of an exact answer may have."""
    return max(16, min(4_096, PAIRS // len(field.mixture.weights)))


def exact_field(scene: Scene, name: str, x: Tensor, t: float, grid: Any) -> Generator[None, None, Tensor]:
    """The exact velocity or score (`name`) at x (n, d) -> (n, d) float64, or the reference's; `grid` tells which
    points x are."""
    if pair_reference.offers(scene):
        whole = (yield from pair_reference.fields(scene, t)).whole
        return (yield from _pair_values(scene, whole, "pairs", x, t, grid))
    if scene.exact is None:
        raise Refused(no_path(scene, name))
    field = scene.exact
    if reference.stands_in(scene):
        field = (yield from reference.fields(scene)).whole
    return (yield from _values(scene, field, "exact", name, x, t, grid))


def exact_halves(
    scene: Scene, name: str, x: Tensor, t: float, grid: Any
) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """The same of either half of the reference's samples."""
    if pair_reference.offers(scene):
        pairs = yield from pair_reference.fields(scene, t)
        one = yield from _pair_values(scene, pairs.first, "first pairs", x, t, grid)
        other = yield from _pair_values(scene, pairs.second, "second pairs", x, t, grid)
        return one, other
    fields = yield from reference.fields(scene)
    first = yield from _values(scene, fields.first, "first half", name, x, t, grid)
    second = yield from _values(scene, fields.second, "second half", name, x, t, grid)
    return first, second


def _values(
    scene: Scene, field: ExactField, whose: str, name: str, x: Tensor, t: float, grid: Any
) -> Generator[None, None, Tensor]:
    method: Callable[[Tensor, Tensor], Tensor] = getattr(field, name)
    time = torch.tensor(t, dtype=precise(x).dtype, device=x.device)
    key = (grid, t, field.path, x.device)
    make = lambda: in_chunks(lambda piece: method(piece, time), precise(x), slice_size(field))  # noqa: E731
    return (yield from newest(scene.data_memo, (whose, name, len(x)), key, make))


def _pair_values(
    scene: Scene, field: pair_reference.Weighted | pair_reference.Smoothed, whose: str, x: Tensor, t: float, grid: Any
) -> Generator[None, None, Tensor]:
    time = torch.tensor(t, dtype=precise(x).dtype, device=x.device)
    key = (grid, t, pair_reference.coupled(scene), x.device)
    make = lambda: in_chunks(lambda piece: field.velocity(piece, time), precise(x), PAIR_SLICE)  # noqa: E731
    return (yield from newest(scene.data_memo, (whose, len(x)), key, make))


def field_said(scene: Scene, t: float) -> Generator[None, None, str]:
    """What stands in for the exact field, "" where that is closed form (or the data's own points)."""
    if pair_reference.offers(scene):
        return (yield from pair_reference.fields(scene, t)).said
    return reference.SAID if reference.stands_in(scene) else ""


def marginal(scene: Scene, n: int, t: float) -> Generator[None, None, Tensor]:
    """n samples (n, d) of p_t where the field is a reference's, sharing none of its points."""
    if pair_reference.offers(scene):
        return (yield from pair_reference.marginal(scene, n, t))
    yield
    return reference.marginal(scene, n, t)


def exact_density(scene: Scene, box: Box, resolution: int, t: float) -> Generator[None, None, tuple[Tensor, float]]:
    """p_t at the nodes of a map (n,) float64: of the mixture for t < 1, of the data set itself at t = 1; and its
    floor, which is 0 but for a reference (lab.views.reference.half_gap)."""
    if referred(scene, t):
        return (yield from reference.density(scene, box, resolution, t))
    x = map_nodes(scene, box, resolution)
    path = scene.exact.path if scene.exact is not None else None
    key, slot = (box, t, path, x.device), ("exact", "density", len(x))
    p = yield from newest(scene.data_memo, slot, key, lambda: _density(scene, precise(x), t))
    return p, 0.0


def _density(scene: Scene, x: Tensor, t: float) -> Generator[None, None, Tensor]:
    if t < 1.0 and scene.exact is not None:
        field, time = scene.exact, torch.tensor(t, dtype=precise(x).dtype, device=x.device)
        log_p = yield from in_chunks(lambda piece: field.log_density(piece, time), x, slice_size(field))
        return log_p.exp()
    parts = []
    for piece in torch.split(x.cpu(), OWN):
        log_density = data_log_density(scene, piece.numpy())
        if log_density is None:
            raise Refused(no_density(scene))
        parts.append(torch.from_numpy(log_density))
        yield
    return torch.cat(parts).exp().to(x.device)


def data_log_density(scene: Scene, points: Array) -> Array | None:
    """log p of the data themselves at points (n, d) -> (n,), None where there is no density."""
    if not scene.mixture.is_finite_data:
        return scene.mixture.log_density(points)
    return None if scene.data_set is None else scene.data_set.log_density(points)


def density_known(scene: Scene, t: float) -> bool:
    """Whether p_t has a closed form here, or a reference that stands in for it."""
    return _noised(scene, t) or reference.stands_in(scene) or _data_density_known(scene)


def referred(scene: Scene, t: float) -> bool:
    """Whether p_t is that of the reference: noised, or of data without a density of their own."""
    return reference.stands_in(scene) and (_noised(scene, t) or not _data_density_known(scene))


def _noised(scene: Scene, t: float) -> bool:
    return t < 1.0 and scene.exact is not None


def _data_density_known(scene: Scene) -> bool:
    return data_log_density(scene, scene.mixture.means[:1]) is not None


def no_density(scene: Scene) -> str:
    """Why there is no exact density, and what to do."""
    sentence = "These data are a finite set of points, which has no density at t = 1"
    if scene.exact is None:
        return f"{sentence}; choose data with a known density, such as eight-gaussians."
    return f"{sentence}; move the time below 1, where the noised density is exact."


def no_path(scene: Scene, name: str) -> str:
    """Why there is no exact field."""
    title = scene.model.card.title
    if not scene.model.gaussian_source:
        return f"{title} couples its own source with the data, and no {name} is known for that."
    return f"{title} has no path from noise to data, so there is no exact {name} to compare with."


def field_refuses(scene: Scene, ask: Ask, name: str) -> str:
    """Why the exact field is not there for this ask ("" if it is, or is not asked for)."""
    if ask.variant not in (EXACT, ERROR):
        return ""
    if pair_reference.offers(scene) and name == "velocity":
        return ""
    if scene.exact is None:
        return no_path(scene, name)
    noiseless = float(scene.exact.path.s(torch.tensor(ask.t, dtype=torch.float64))) == 0.0
    if noiseless and scene.mixture.is_finite_data:
        return f"For finite data the exact {name} is singular where no noise is left; move the time below 1."
    return ""
