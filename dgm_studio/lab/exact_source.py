"""Exact fields by name: from "exact:PATH:DATA" to a scene that films, views and the command line take for a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.dataspec import Normalisation
from dgm_studio.core.exact_source import OF_LANE, ExactSource, exact_parts
from dgm_studio.core.knobs import Value, fill, knobs_of
from dgm_studio.core.names import pick
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import LAW, TRAINING_POINTS
from dgm_studio.core.table import ImportChoice
from dgm_studio.data.law import Law
from dgm_studio.data.laws import SetLaw, law_from_text
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.set_text import names_file
from dgm_studio.data.source import Resolved, resolve, spec_from_text
from dgm_studio.lab.exact_model import ExactModel
from dgm_studio.lab.run import noise_axes
from dgm_studio.lab.scene import Scene
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField

POINTS = 10_000
"""Drawn of the data, as a run has them: what is drawn under the particles."""
ATOMS = 500
"""Of data without a closed form so many points stand for all: each of the field's evaluations looks at all of them."""
SEED = 0xE6AC7
KEPT = 8
"""Sources whose points and noise floors are remembered."""

LaneData = Callable[[str], Resolved]
"""The data of the training lane of that name, or Refused."""


@dataclass(frozen=True, eq=False)
class Known:
    """Data in model units with their exact law, or that of ATOMS of their points; `memo` is what stays true of them
    from scene to scene."""

    title: str
    resolved: Resolved
    memo: dict[Any, Any] = field(default_factory=dict)

    @property
    def remark(self) -> str:
        """What to know of the field."""
        law = self.resolved.mixture
        if not law.is_finite_data:
            return ""
        return (
            f"{self.title} has no closed form along a path: this is the exact field of {len(law.weights):,} of its "
            "points, and where the noise ends its samples are these points."
        )


def known_data(text: str, choice: ImportChoice | None = None) -> Known:
    """Data as the command line names them: a data set with knobs, also beyond the range that suits learning, or a file,
    which is brought to model units. Refused as data.laws.law_text and data.source say."""
    if names_file(text):
        return _few_atoms(text, resolve(spec_from_text(text, choice), 0))
    law = law_from_text(text)
    points, labels = _drawn(law)
    mixture = law.mixture() or Mixture.of_points(points[:ATOMS])
    own = law.data_set if isinstance(law, SetLaw) else None
    return Known(text, Resolved(frozen(points), frozen(labels), mixture, own, Normalisation.none(law.dim)))


def exact_scene(known: Known, path: str, dtype: torch.dtype, device: str) -> Scene:
    """The exact field of known data along the path of that id as a scene, sampled by its defaults."""
    data = known.resolved
    exact = ExactField(data.mixture, pick(paths(), path, "path"), device)
    model = ExactModel(exact, dtype, device)
    model.card = _card(known, exact)  # type: ignore[misc]  # each says whose field it is
    return Scene(
        model=model.eval(),
        sampling=model.Sampling(),
        points=torch.tensor(np.array(data.points), dtype=dtype, device=device),
        labels=torch.tensor(np.array(data.labels), device=device),
        mixture=data.mixture,
        exact=exact,
        data_set=data.data_set,
        seed=SEED,
        step=0,
        data_memo=known.memo,
    )


class ExactDesk:
    """The desk's shelf of known data: the same data keep their points and noise floors from film to film."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def scene(self, source: str, sampling: dict[str, Value], device: str, lane_data: LaneData) -> Scene:
        """A scene of the window's numbers with these Sampling values; Refused for data or a path that is not known."""
        named = exact_parts(source)
        assert named is not None
        scene = exact_scene(self._data(named, lane_data), named.path, torch.float32, device)
        scene.sampling = fill(type(scene.sampling), {**vars(scene.sampling), **sampling})
        return scene

    def _data(self, named: ExactSource, lane_data: LaneData) -> Known:
        if named.data.startswith(OF_LANE):
            data = lane_data(named.data.removeprefix(OF_LANE))
            held = self._known.get(named.data)
            # The run may learn from other data by now.
            if held is None or held.resolved.points is not data.points:
                held = _few_atoms("This run's data", data)
        else:
            held = self._known.get(named.data) or known_data(named.data)
        self._known = {**{key: one for key, one in self._known.items() if key != named.data}, named.data: held}
        for oldest in list(self._known)[:-KEPT]:
            del self._known[oldest]
        return held


def exact_report(scene: Scene) -> PointModelReport | None:
    """What to tell of a scene whose model is an exact field; None of any other."""
    model = scene.model
    if not isinstance(model, ExactModel):
        return None
    return PointModelReport(
        title=model.card.title,
        columns=model.dim,
        noise=noise_axes(model),
        parameters=0,
        shows=model.card.shows,
        knobs=knobs_of(type(scene.sampling)),
        sampling=dict(vars(scene.sampling)),
        remark=model.card.summary if scene.mixture.is_finite_data else "",
        exact=TRAINING_POINTS if scene.mixture.is_finite_data else LAW,
    )


def _card(known: Known, exact: ExactField) -> Card:
    title = f"Exact field of {known.title}, {exact.path.card.title.lower()}"
    return replace(ExactModel.card, title=title, summary=known.remark or ExactModel.card.summary)


def _drawn(law: Law) -> tuple[Array, Array]:
    """POINTS points (n, d) float32 of a law with their labels (n,), 0 where it has none."""
    rng = np.random.default_rng(SEED)
    if isinstance(law, SetLaw):
        cloud = law.data_set.draw(POINTS, rng)
        return cloud.points, cloud.labels
    return law.draw(POINTS, rng).astype(np.float32), np.zeros(POINTS, dtype=np.int64)


def _few_atoms(title: str, data: Resolved) -> Known:
    """The same data; where their law is that of their points, of ATOMS of them chosen at random."""
    law = data.mixture
    if law.is_finite_data and len(law.weights) > ATOMS:
        chosen = np.random.default_rng(SEED).choice(len(law.weights), ATOMS, replace=False)
        law = Mixture.of_points(law.means[np.sort(chosen)])
    return Known(title, Resolved(data.points, data.labels, law, data.data_set, data.normalisation))
