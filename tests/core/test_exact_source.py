"""Names of exact fields: written, taken apart, and written from a run's data."""

from __future__ import annotations

import pytest

from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.exact_source import ExactSource, data_line, exact_parts, exact_source
from dgm_studio.data.source import spec_from_text
from tests.lab.recipes import painted


def test_a_name_comes_apart_as_it_was_made() -> None:
    name = exact_source("vp", "gaussian:mean=0,0;std=1")
    assert name == "exact:vp:gaussian:mean=0,0;std=1"
    assert exact_parts(name) == ExactSource("vp", "gaussian:mean=0,0;std=1")


@pytest.mark.parametrize("source", ["train", "", "exact", "exact:vp", "/data/exact:vp/x.pt", "C:\\models\\a.pt"])
def test_other_sources_are_none(source: str) -> None:
    assert exact_parts(source) is None


def test_a_runs_data_on_one_line() -> None:
    spec = DataSpec("moons", {"noise": 0.2})
    line = data_line(spec)
    assert dict(spec_from_text(line).knobs)["noise"] == 0.2
    assert data_line(DataSpec("moons")) == "moons"
    assert data_line(painted()) == ""
    assert data_line(DataSpec("own", text=TextSet("words", "own", "a.txt"))) == ""
