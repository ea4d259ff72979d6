"""Which layers a model can fill, and the sentence on the chip of each that it cannot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dgm_studio.core.card import Card
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import RunReport
from dgm_studio.gui.layers.exact import LEARNED_VIEWS

Report = RunReport | PointModelReport

OF_THE_FILM = {"clean": ("denoiser",), "slice": ("log_prob",), "contour": ("log_prob",)}
"""What layers without a view of their name need, which come with a film's frames; others every model can show."""

NO_CAPABILITY = {
    "log_prob": "has no density: it only samples",
    "velocity": "has no velocity field: it does not move points along a path",
    "score": "has no score: it does not know the gradient of its log-density",
    "critic": "has no critic: nothing in it tells real points from made ones",
    "transport": "has no map from noise to data",
    "denoiser": "does not predict clean points on the way",
    "energy": "has no energy surface",
    "structure": "has no components, codes or bins to draw",
    "push": "has no gradient at its samples to draw",
}
PLANE = 2
PLANE_ONLY = {
    "grid": "A line has no grid to bend; choose data in the plane to see one.",
    "paths": "On a line there is no room for paths; the histogram moves instead.",
    "contour": "On a line the density is a curve, which Density draws.",
    "slice": "On a line there is nothing to slice; choose data in the plane.",
    "probe": "On a line there is no start point to drag; choose data in the plane for one.",
}
"""Layers that only points of the plane have, and what to say of others."""

OWN = ("structure", "energy", "push", "slice")
"""Layers that only some families have: a family that has none of it does not show the chip. The name on the chip is
the family's own, the card's fact of the layer's name."""


def reasons(layers: Iterable[str], title: str, report: Report, views: Mapping[str, Card]) -> dict[str, str]:
    """Why each of `layers` is greyed for this model, called `title`; "" where it is not. `views` are the catalogue's:
    their cards say what each needs."""
    needs = {**OF_THE_FILM, **{name: card.needs for name, card in views.items()}}
    return {name: _reason(name, title, report, needs) for name in layers}


def _reason(name: str, title: str, report: Report, needs: Mapping[str, tuple[str, ...]]) -> str:
    def lacks(layer: str) -> tuple[str, ...]:
        wanted = needs.get(layer, ())
        return () if set(wanted) & set(report.shows) else wanted

    if lacks(name):
        return f"{title} {NO_CAPABILITY[lacks(name)[0]]}."
    if name in ("exact", "error") and all(lacks(other) for other in LEARNED_VIEWS):
        return f"{title} shows nothing that an exact answer could be set beside."
    if name in PLANE_ONLY and report.columns != PLANE:
        return PLANE_ONLY[name]
    if name == "probe" and report.noise != PLANE:
        return f"The noise of {title} has {report.noise} axes, so no point of the plane can be its start."
    return ""


def layer_of(key: str) -> str:
    """The layer that an Ask's key is for: "density", or "exact" for "density:exact"."""
    view, _, variant = key.partition(":")
    return variant or view
