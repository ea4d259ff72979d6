"""What a candidate is asked with: the opened file, one weight set of it, and what was concluded already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from dgm_studio.checkpoints.formats.opened import Opened
from dgm_studio.core.arrays import Array
from dgm_studio.core.inspection import Candidate, Conclusion, TensorEntry, WeightSet


@dataclass(frozen=True)
class Asked:
    """`tensors` are the weight set's, by the model's own names; `config` the JSON or the dict that came with them (a
    folder's config.json, Lightning's hyper_parameters, an argparse.Namespace's state), {} where there is none;
    `beside` what else was concluded of the file: prediction type, schedule, EMA, range (see candidates.evidence)."""

    opened: Opened
    weights: WeightSet
    tensors: Mapping[str, TensorEntry]
    config: Mapping[str, Any]
    beside: tuple[Conclusion, ...] = ()

    def shape(self, name: str) -> tuple[int, ...] | None:
        """The shape of one of the model's tensors; None where it has none of that name."""
        found = self.tensors.get(name)
        return found.shape if found is not None else None

    def read(self, name: str) -> Array:
        """One of the model's tensors, by the model's own name."""
        return self.opened.read(self.weights.names[name])


class Architecture(NamedTuple):
    """What a file of this room declares as CANDIDATE: `judge` never raises for any file."""

    id: str
    title: str
    judge: Callable[[Asked], Candidate]
