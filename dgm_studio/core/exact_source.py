"""Names of exact fields: where a film's source is known data along a path, without any model."""

from __future__ import annotations

from typing import NamedTuple

from dgm_studio.core.dataspec import DataSpec

EXACT = "exact"
OF_LANE = "@"
"""Before the name of a training lane in the place of data: the data of that run, painted and imported ones too."""


class ExactSource(NamedTuple):
    """A path's id, and data as a line: a data set with knobs ("gaussian:mean=0,0;std=1"), a file, or "@LANE"."""

    path: str
    data: str


def exact_source(path: str, data: str) -> str:
    """The source "exact:PATH:DATA" of core.requests.Shoot."""
    return f"{EXACT}:{path}:{data}"


def exact_parts(source: str) -> ExactSource | None:
    """What `exact_source` was made of, None of any other source."""
    word, _, rest = source.partition(":")
    path, colon, data = rest.partition(":")
    return ExactSource(path.strip(), data.strip()) if word == EXACT and colon else None


def data_line(spec: DataSpec) -> str:
    """A named data set with its knobs on one line, as the command line takes it; "" of points, texts and pictures."""
    if spec.points is not None or spec.text is not None or spec.pictures is not None:
        return ""
    knobs = ";".join(f"{name}={value}" for name, value in spec.knobs.items())
    return f"{spec.name}:{knobs}" if knobs else spec.name
