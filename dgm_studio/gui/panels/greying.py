"""Which layers a model can fill, and the sentence on the chip of each that it cannot: one table for all."""

from __future__ import annotations

from collections.abc import Iterable

from dgm_studio.core.reports import RunReport

NEEDS = {
    "density": "log_prob",
    "velocity": "velocity",
    "score": "score",
    "critic": "critic",
    "grid": "transport",
    "clean": "denoiser",
}
"""The capability each learned layer needs; what is not here every model can show."""

COMPARABLE = ("density", "velocity", "score", "critic")
"""Exact and error need any one of these."""

NO_CAPABILITY = {
    "log_prob": "has no density: it only samples",
    "velocity": "has no velocity field: it does not move points along a path",
    "score": "has no score: it does not know the gradient of its log-density",
    "critic": "has no critic: nothing in it tells real points from made ones",
    "transport": "has no map from noise to data",
    "denoiser": "does not predict clean points on the way",
}
PLANE = 2


def reasons(layers: Iterable[str], title: str, report: RunReport) -> dict[str, str]:
    """Why each of `layers` is greyed for this run's model, called `title`; "" where it is not."""
    return {name: _reason(name, title, report) for name in layers}


def _reason(name: str, title: str, report: RunReport) -> str:
    if name in NEEDS and NEEDS[name] not in report.shows:
        return f"{title} {NO_CAPABILITY[NEEDS[name]]}."
    if name in ("exact", "error") and not any(NEEDS[other] in report.shows for other in COMPARABLE):
        return f"{title} shows nothing that an exact answer could be set beside."
    if name == "probe" and report.noise != PLANE:
        return f"The noise of {title} has {report.noise} axes, so no point of the plane can be its start."
    return ""


def layer_of(key: str) -> str:
    """The layer that an Ask's key is for: "density", or "exact" for "density:exact"."""
    view, _, variant = key.partition(":")
    return variant or view
