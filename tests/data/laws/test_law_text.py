"""A law on one line of text, and a data set for training from the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.table import ImportChoice
from dgm_studio.data import data_sets
from dgm_studio.data.laws import MovedLaw, PointsLaw, SetLaw, law_from_text
from dgm_studio.data.source import spec_from_text


def known(found: Array | None) -> Array:
    assert found is not None
    return found


def gaussian(text: str) -> tuple[list[list[float]], list[list[list[float]]]]:
    mixture = law_from_text(text).mixture()
    assert mixture is not None
    return mixture.means.tolist(), np.round(mixture.covariances, 12).tolist()


def test_the_issue_s_gaussian_is_round() -> None:
    assert gaussian("gaussian:mean=0,0;std=1") == ([[0.0, 0.0]], [[[1.0, 0.0], [0.0, 1.0]]])
    assert gaussian("gaussian: std = 0.5, 2 ; mean = 3, 4") == ([[3.0, 4.0]], [[[0.25, 0.0], [0.0, 4.0]]])
    assert gaussian("gaussian:std=1;correlation=0.5")[1] == [[[1.0, 0.5], [0.5, 1.0]]]


def test_one_number_of_the_mean_means_the_line() -> None:
    assert gaussian("gaussian:mean=0;std=1") == ([[0.0]], [[[1.0]]])
    assert gaussian("gaussian-1d:mean=2") == ([[2.0]], [[[1.44]]])
    assert law_from_text("gaussian:std=1").dim == 2


def test_the_issue_s_line() -> None:
    law = law_from_text("line:x=0.5")
    points = law.draw(100, np.random.default_rng(0))
    assert (points[:, 0] == 0.5).all()
    np.testing.assert_array_equal(known(law_from_text("line").shift_to(law)), [0.5, 0.0])


@pytest.mark.parametrize("name", data_sets())
def test_every_data_set_is_a_law_by_its_name(name: str) -> None:
    law = law_from_text(name)
    assert isinstance(law, SetLaw)
    assert np.isfinite(law.draw(10, np.random.default_rng(0))).all()


def test_a_law_may_be_farther_out_than_training_allows() -> None:
    assert gaussian("gaussian:mean=50,-70;std=20") == ([[50.0, -70.0]], [[[400.0, 0.0], [0.0, 400.0]]])
    with pytest.raises(Refused, match="between -3 and 3"):
        spec_from_text("gaussian:mean=50,-70")
    with pytest.raises(Refused, match="must be between 1e-06"):
        law_from_text("gaussian:std=-1")
    with pytest.raises(Refused, match=r"between 0\.02 and 0\.5"):
        law_from_text("moons:noise=3")


def test_any_set_may_be_moved_and_stretched() -> None:
    law = law_from_text("moons:noise=0.2;shift=1,-1;scale=2")
    assert isinstance(law, MovedLaw)
    assert law.scale == 2.0
    np.testing.assert_array_equal(law.shift, [1.0, -1.0])
    own = law_from_text("uniform-1d:shift=1;half=1;scale=3")  # its own knob goes first
    assert own.box() == ((0.0, 6.0),)


def test_the_same_text_names_data_to_learn_from() -> None:
    found = spec_from_text("gaussian:mean=1,2;std=0.5")
    assert found == DataSpec("gaussian", {"mean_x": 1.0, "mean_y": 2.0, "std_x": 0.5, "std_y": 0.5, "correlation": 0.0})
    assert spec_from_text("gaussian:mean=1").name == "gaussian-1d"
    assert spec_from_text("line:x=0.5") == DataSpec("line", {"offset": 0.5})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gausian:mean=0", "Did you mean gaussian"),
        ("gaussian:men=0,0", "no knob named 'men'. Did you mean mean"),
        ("gaussian:mean=1,2,3", "has 3 numbers; mean takes 2 numbers"),
        ("gaussian:mean=a,b", "needs a number"),
        ("gaussian:mean=0;std=1,2", "needs a number, not '1,2'"),
        ("line:x=1,2", "x takes one number"),
        ("moons:shift=1", "is moved by 2 numbers"),
        ("moons:scale=0", "factor above 0"),
        ("moons:scale=a", "scale one above 0"),
        ("moons:sift=1,1", "Did you mean shift"),
        ("moons:noise", "knob=value"),
        ("histogram-1d:heights=0,0", "not all 0"),
        ("histogram-1d:heights=1,x", "numbers with commas"),
        ("nowhere.csv", "There is no file"),
        ("", "no data set named ''"),
    ],
)
def test_texts_that_are_refused(text: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        law_from_text(text)


@pytest.mark.parametrize("dim", [1, 2, 5])
def test_files_of_any_dimension_stay_in_their_own_units(dim: int, tmp_path: Path) -> None:
    points = 1_000 + np.random.default_rng(dim).standard_normal((40, dim))
    head = ",".join(f"c{k}" for k in range(dim))
    np.savetxt(tmp_path / "a.csv", points, delimiter=",", header=head, comments="")
    np.save(tmp_path / "a.npy", points)
    for name in ("a.csv", "a.npy"):
        law = law_from_text(str(tmp_path / name))
        assert isinstance(law, PointsLaw)
        assert law.title == "a"
        np.testing.assert_allclose(law.points, points)


def test_columns_of_a_file_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,name,y,z\n1,a,2,3\n4,b,5,6\n7,c,8,9\n")
    every = law_from_text(str(tmp_path / "t.csv"))
    assert every.dim == 3
    two = law_from_text(str(tmp_path / "t.csv"), ImportChoice(("z", "x")))
    assert isinstance(two, PointsLaw)
    np.testing.assert_array_equal(two.points, [[3, 1], [6, 4], [9, 7]])
    with pytest.raises(Refused, match="holds text, not numbers"):
        law_from_text(str(tmp_path / "t.csv"), ImportChoice(("name",)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("x,y\n1,2\n", "1 row"),
        ("x,y\n1,2\nnan,3\n5,6\n", "bad rows"),
        ("x,y\n1,2\n1,2\n1,2\n", "one point many times"),
        ("a,b\nu,v\nw,x\n", "no column of numbers"),
    ],
)
def test_files_that_are_refused(content: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(content)
    with pytest.raises(Refused, match=says):
        law_from_text(str(file))


def test_a_flat_array_is_a_column_and_bad_rows_can_be_dropped(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.array([1.0, np.nan, 3.0, 4.0]))
    with pytest.raises(Refused, match="bad rows"):
        law_from_text(str(tmp_path / "flat.npy"))
    law = law_from_text(str(tmp_path / "flat.npy"), ImportChoice((), drop_bad_rows=True))
    assert isinstance(law, PointsLaw)
    np.testing.assert_array_equal(law.points, [[1.0], [3.0], [4.0]])
