"""From a spec, or a command line's text, to points and their exact law."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.data.source import resolve, spec_from_text


def painted(points: object, norm: Normalisation | None = None) -> DataSpec:
    own = PointSet(
        np.asarray(points),
        np.arange(len(np.asarray(points))),
        "sketch",
        "painted",
        norm or Normalisation.none(2),
    )
    return DataSpec(name="painted", points=own)


def test_named_set_depends_on_seed_and_spec_alone() -> None:
    spec = DataSpec("moons", {"noise": 0.2}, count=500)
    first, again, other = resolve(spec, 3), resolve(spec, 3), resolve(spec, 4)
    assert first.points.shape == (500, 2)
    assert np.array_equal(first.points, again.points)
    assert not np.array_equal(first.points, other.points)
    assert first.data_set is not None
    assert first.data_set.noise == 0.2  # type: ignore[attr-defined]
    assert first.normalisation == Normalisation.none(2)
    assert not first.points.flags.writeable


def test_exact_law_is_the_mixture_where_there_is_one_else_the_points() -> None:
    ring = resolve(DataSpec("eight-gaussians", count=100), 0)
    assert len(ring.mixture.weights) == 8
    assert not ring.mixture.is_finite_data
    moons = resolve(DataSpec("moons", count=100), 0)
    assert moons.mixture.is_finite_data
    np.testing.assert_array_equal(moons.mixture.means, moons.points)


def test_own_points_come_in_model_units() -> None:
    found = resolve(painted([[10.0, 100.0], [14.0, 104.0]], Normalisation((12.0, 102.0), (2.0, 4.0))), 0)
    np.testing.assert_allclose(found.points, [[-1.0, -0.5], [1.0, 0.5]])
    assert found.points.dtype == np.float32
    assert found.data_set is None
    assert found.mixture.is_finite_data
    assert np.array_equal(found.labels, [0, 1])


@pytest.mark.parametrize(
    ("spec", "seed", "says"),
    [
        (DataSpec("moon"), 0, "no data set named 'moon'. Did you mean moons"),
        (DataSpec("moons", {"noize": 0.1}), 0, "no knob named 'noize'. Did you mean noise"),
        (DataSpec("moons", {"noise": 9.0}), 0, "between 0.02 and 0.5"),
        (DataSpec("moons", count=1), 0, "between 2 and 1,000,000"),
        (DataSpec("moons"), -1, "must be 0 or more"),
        (painted([[0.0, 0.0]]), 0, "at least 2"),
        (painted([[0.0, 0.0, 1.0], [1.0, 1.0, 1.0]]), 0, "shape"),
        (painted([[0.0, np.nan], [1.0, 1.0]]), 0, "not finite"),
    ],
)
def test_refusals(spec: DataSpec, seed: int, says: str) -> None:
    with pytest.raises(Refused, match=says):
        resolve(spec, seed)


def test_text_names_a_set_with_knobs() -> None:
    assert spec_from_text("spirals") == DataSpec("spirals")
    assert spec_from_text("spirals: arms=3 ; noise=0.05;") == DataSpec("spirals", {"arms": 3, "noise": 0.05})


def test_text_names_a_file(tmp_path: Path) -> None:
    file = tmp_path / "cloud.csv"
    file.write_text("x,y\n0,0\n2,2\n")
    spec = spec_from_text(str(file))
    assert spec.points is not None
    assert spec.title == "cloud"
    np.testing.assert_allclose(resolve(spec, 0).points, [[-1, -1], [1, 1]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mons", "Did you mean moons"),
        ("moons:noise", "knob=value"),
        ("moons:noise=loud", "needs a number"),
        ("moons:loudness=1", "no knob named"),
        ("nowhere/cloud.csv", "There is no file"),
        ("cloud.npy", "There is no file"),
    ],
)
def test_text_refusals(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        spec_from_text(text)
