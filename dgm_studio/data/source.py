"""From a data spec to the points a model learns from, and to the exact law behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill
from dgm_studio.core.names import pick
from dgm_studio.core.table import PICTURES, ImportChoice
from dgm_studio.data import data_sets
from dgm_studio.data.dataset import DataSet
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.normalise import How
from dgm_studio.data.picture_file import load_picture
from dgm_studio.data.points_file import load
from dgm_studio.data.set_text import names_file, set_in
from dgm_studio.data.table import ROW_LIMIT

# Beside the recipe's seed, so that data and training never start from one and the same stream.
_STREAM = 0xDA7A


@dataclass(frozen=True, eq=False)
class Resolved:
    """Points (n, d) float32 in model units, d 1 or 2, labels (n,) int64, and the exact law in model units.

    `mixture` is the data set's own where it is a Gaussian mixture, else the empirical measure of the points.
    `data_set` is None for painted and imported points.
    """

    points: Array
    labels: Array
    mixture: Mixture
    data_set: DataSet | None
    normalisation: Normalisation


def resolve(spec: DataSpec, seed: int) -> Resolved:
    """The data `spec` names: drawn from (seed, spec) alone, or its own points in model units."""
    if spec.points is not None:
        return _own(spec.points)
    known = pick(data_sets(), spec.name, "data set")
    data_set = fill(type(known), spec.knobs)
    if not 2 <= spec.count <= ROW_LIMIT:
        raise Refused(f"A data set of {spec.count:,} points cannot be drawn; choose between 2 and {ROW_LIMIT:,}.")
    if seed < 0:
        raise Refused(f"The seed is {seed}; it must be 0 or more.")
    cloud = data_set.draw(spec.count, np.random.default_rng([seed, _STREAM]))
    law = data_set.mixture() or Mixture.of_points(cloud.points)
    dim = cloud.points.shape[1]
    return Resolved(frozen(cloud.points), frozen(cloud.labels), law, data_set, Normalisation.none(dim))


def load_chosen(path: str, choice: ImportChoice) -> PointSet:
    """The points of a file as chosen, or of a picture's ink; Refused with the reason."""
    if path.lower().endswith(PICTURES):
        return load_picture(path)
    return load(
        path,
        choice.columns or None,
        choice.label_column or None,
        cast(How, choice.normalisation),
        drop_bad_rows=choice.drop_bad_rows,
        thin=choice.thin,
    )


def spec_from_text(text: str, choice: ImportChoice | None = None) -> DataSpec:
    """A command line's data: `moons`, `moons:noise=0.2;...`, or the path of a CSV, TSV or NPY file read as chosen,
    or of a picture."""
    if names_file(text):
        own = load_chosen(text.strip(), choice or ImportChoice(()))
        return DataSpec(name=own.title, points=own)
    data_set, values = set_in(text)
    return DataSpec(name=data_set.card.id, knobs=values)


def _own(own: PointSet) -> Resolved:
    if own.points.ndim != 2 or own.points.shape[1] not in (1, 2):
        raise Refused(
            f"{own.title} has points of shape {own.points.shape}; give (n, 1) for a line or (n, 2) for the plane."
        )
    if len(own.points) < 2:
        raise Refused(f"{own.title} holds {len(own.points)} points; paint or import at least 2.")
    points = own.normalisation.to_model(own.points.astype(np.float64)).astype(np.float32)
    if not np.isfinite(points).all():
        raise Refused(f"{own.title} holds points that are not finite. Paint or import them again.")
    return Resolved(frozen(points), own.labels, Mixture.of_points(points), None, own.normalisation)
