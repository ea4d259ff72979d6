"""Reading points: what is understood, what is told, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data import points_file
from dgm_studio.data.normalise import How
from dgm_studio.data.points_file import inspect, load


def written(folder: Path, text: str | bytes, name: str = "cloud.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("x,y\n1,2\n3,5\n", "comma"),
        ("x;y\n1;2\n3;5\n", "semicolon"),
        ("x\ty\n1\t2\n3\t5\n", "tab"),
        ("x|y\n1|2\n3|5\n", "bar"),
        ("x y\n 1   2\n 3 5\n", "space"),
        ('"x","y"\n"1","2"\n"3","5"\n', "comma"),
        ("\ufeffx,y\r\n1, 2\r\n\r\n3, 5\r\n", "comma"),
        ("# made by hand\nx,y\n1,2\n# a pause\n3,5", "comma"),
        ("x,y\r1,2\r3,5\r", "comma"),
    ],
)
def test_separators_headers_and_line_ends(tmp_path: Path, text: str, delimiter: str) -> None:
    table = inspect(written(tmp_path, text))
    assert (table.delimiter, table.numeric, table.rows, table.problems) == (delimiter, ("x", "y"), 2, ())
    assert table.first_rows[0] == ("1", "2")
    assert np.array_equal(load(table.path).points, [[1, 2], [3, 5]])


def test_without_header_columns_are_counted(tmp_path: Path) -> None:
    table = inspect(written(tmp_path, "1e3,-2,red\n3,.5,blue\n"))
    assert [column.name for column in table.columns] == ["col 1", "col 2", "col 3"]
    assert table.numeric == ("col 1", "col 2")
    assert table.rows == 2


def test_columns_and_classes_are_chosen_and_told(tmp_path: Path) -> None:
    path = written(tmp_path, "id,a,b,kind\n1,0,10,10\n2,2,30,9\n3,4,20,10\n")
    own = load(path, ("b", "a"), "kind")
    assert np.array_equal(own.points, [[10, 0], [30, 2], [20, 4]])
    assert np.array_equal(own.labels, [1, 0, 1]), "classes are ordered as numbers, 9 before 10"
    assert own.title == "cloud"
    for word in ("cloud.csv", "'b' and 'a'", "'kind': 9, 10", "3 rows"):
        assert word in own.source
    words = load(written(tmp_path, "x,y,kind\n0,0,red\n1,1,blue\n2,3,red\n"), label_column="kind")
    assert np.array_equal(words.labels, [1, 0, 1])


def test_normalisations(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = rng.standard_normal((500, 2)) * (3.0, 1.0) + (50.0, -7.0)
    np.save(tmp_path / "cloud.npy", data)

    def model(how: How) -> Array:
        own = load(tmp_path / "cloud.npy", normalisation=how)
        return own.normalisation.to_model(own.points.astype(np.float64))

    centred, standard, raw = model("centre"), model("standardise"), model("none")
    np.testing.assert_allclose(centred.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose((centred.std(axis=0) ** 2).mean(), 1, rtol=1e-6)
    ratio = data.std(axis=0)[0] / data.std(axis=0)[1]
    np.testing.assert_allclose(centred.std(axis=0)[0] / centred.std(axis=0)[1], ratio, rtol=1e-5)
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(standard.std(axis=0), 1, rtol=1e-6)
    np.testing.assert_allclose(raw, data, rtol=1e-6)


def test_arrays_of_any_real_type_and_order(tmp_path: Path) -> None:
    data = np.asfortranarray(np.array([[1, 2, 0], [3, 5, 1], [0, 0, 1]], dtype=np.int16))
    np.save(tmp_path / "cloud.npy", data)
    table = inspect(tmp_path / "cloud.npy")
    assert (table.delimiter, table.numeric, table.rows) == ("", ("col 1", "col 2", "col 3"), 3)
    own = load(tmp_path / "cloud.npy", label_column="col 3")
    assert np.array_equal(own.points, data[:, :2])
    assert np.array_equal(own.labels, [0, 1, 1])


BAD_CELLS = "x,y,kind\n0,0,a\n1,n/a,b\n2,2,a\n3,nan,b\n4,4,\n5\n6,inf,a\n7,8,b\n"


def test_bad_rows_are_refused_by_count_and_place(tmp_path: Path) -> None:
    path = written(tmp_path, BAD_CELLS)
    with pytest.raises(Refused, match=r"bad rows \(4 of 8\), the first in line 3, column 'y' \('n/a' is text\)"):
        load(path)
    assert "line 3, column 'y'" in inspect(path).problems[0]
    with pytest.raises(Refused, match=r"line 2, column 'col 2' \('nan' is not finite\)"):
        load(written(tmp_path, "1,2\n1,nan\n3,4\n"))
    with pytest.raises(Refused, match=r"line 3, column 'col 2' \(the row ends before it\)"):
        load(written(tmp_path, "1,2\n\n1\n3,4\n3,4\n"))
    with pytest.raises(Refused, match=r"line 2, column 'kind' \(empty\)"):
        load(written(tmp_path, "x,y,kind\n1,2,\n3,4,a\n"), label_column="kind")


def test_bad_rows_are_dropped_on_request_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path, BAD_CELLS)
    own = load(path, drop_bad_rows=True)
    assert np.array_equal(own.points, [[0, 0], [2, 2], [4, 4], [7, 8]])
    assert "4 rows; 4 bad rows dropped" in own.source
    with_class = load(path, label_column="kind", drop_bad_rows=True)
    assert np.array_equal(with_class.points, [[0, 0], [2, 2], [7, 8]])
    assert np.array_equal(with_class.labels, [0, 0, 1])
    np.save(tmp_path / "cloud.npy", np.array([[0, 0], [1, np.inf], [2, 1]]))
    with pytest.raises(
        Refused, match=r"bad rows \(1 of 3\), the first in row 2, column 'col 2' \('inf' is not finite\)"
    ):
        load(tmp_path / "cloud.npy")
    assert len(load(tmp_path / "cloud.npy", drop_bad_rows=True).points) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("\n \n# only words\n", "is empty"),
        ("x,y\n", "0 rows of data; at least 2"),
        ("x,y\n1,2\n", "1 row of data; at least 2"),
        ("a:b\n1:2\n3:4\n", r"everything in one column \('3:4'\)"),
        ("x;y\n1,5;2,5\n3,5;4,5\n", r"a comma inside \('1,5'\)"),
        ("1,5 2,5\n3,5 4,5\n", "a comma inside"),
        ("1,5\t2,5\n3,5\t4,5\n", "a comma inside"),
        ("name,kind\nanna,a\nbert,b\n", "no column of numbers"),
        ("name\nanna\nbert\n", "everything in one column"),
        ("x,y\n1,2\n1,2\n1,2\n", "one point many times"),
        ("x,y\n1e40,2\n3,4\n", "too large"),
        ("x,y\n1700000000.1,2\n1700000000.9,3\n", "single precision loses them"),
        (b"x,y\n1,2\n\xe9,3\n4,5\n", r"not UTF-8 text \(byte 0xE9 in line 3\)"),
        ("x,y\n1,2\n3,4\n".encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02\x03" * 64, "binary"),
        (b"PK\x03\x04" + b"\x14\x00" * 64, "Excel"),
        (b"1" * 300_000, "over 256 kB"),
    ],
)
def test_unusable_text_files(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        load(written(tmp_path, content))


def test_encoding_is_checked_to_the_end(tmp_path: Path) -> None:
    text = b"x,y\n" + b"1,2\n3,5\n" * 50_000 + b"\xff,1\n"
    with pytest.raises(Refused, match="byte 0xFF"):
        load(written(tmp_path, text))


def test_choices_that_do_not_exist(tmp_path: Path) -> None:
    path = written(tmp_path, "width,height,kind\n1,2,a\n3,4,b\n5,7,a\n")
    cases: list[tuple[tuple[str, ...], str]] = [
        (("width", "hight"), "no column named 'hight'. Choose height"),
        (("width", "width"), "one column or two different ones"),
        (("width", "height", "kind"), "one column or two"),
        (("width", "kind"), "holds text, not numbers. Choose among: width, height"),
    ]
    for columns, says in cases:
        with pytest.raises(Refused, match=says):
            load(path, columns)
    with pytest.raises(Refused, match="not a normalisation"):
        load(path, normalisation="whiten")  # type: ignore[arg-type]
    with pytest.raises(Refused, match="constant and cannot be standardised"):
        load(written(tmp_path, "1,2\n1,3\n"), normalisation="standardise")
    many = "".join(f"{k},{k},{k}\n" for k in range(150))
    with pytest.raises(Refused, match="150 different values"):
        load(written(tmp_path, many), label_column="col 3")


@pytest.mark.parametrize("content", ["x\n1\n2\n6\n", "1\n2\n6\n", "name,x\nanna,1\nbert,2\ncarl,6\n"])
def test_one_column_is_points_of_a_line(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    assert inspect(path).problems == ()
    cloud = load(path)
    assert cloud.points.shape == (3, 1)
    assert cloud.points[:, 0].tolist() == [1, 2, 6]
    assert "points of a line" in cloud.source
    model = cloud.normalisation.to_model(cloud.points.astype(np.float64))
    assert (float(model.mean()), float(model.std())) == pytest.approx((0, 1))


def test_one_of_several_columns_can_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, "width,height,kind\n1,2,a\n3,4,b\n5,7,a\n")
    cloud = load(path, ("height",), "kind")
    assert cloud.points[:, 0].tolist() == [2, 4, 7]
    assert cloud.labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_an_array_of_one_column_is_points_of_a_line(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "line.npy", np.arange(6.0).reshape(shape))
    assert load(tmp_path / "line.npy").points.shape == (6, 1)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        load(tmp_path / "gone.csv")
    with pytest.raises(Refused, match="is not a file"):
        inspect(tmp_path)


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((5, 0)), "no column"),
        (np.zeros(5), "one point many times"),
        (np.zeros((2, 500)), "transpose"),
        (np.zeros((4, 2, 2)), "shape"),
        (np.zeros((4, 2), dtype=complex), "complex128, not real"),
        (np.array([["a", "b"], ["c", "d"]]), "not real"),
        (np.zeros((4, 2)), "one point many times"),
        (np.zeros((0, 2)), "0 rows"),
        (np.array([[1.0, 2.0]]), "1 row of data"),
    ],
)
def test_unusable_arrays(tmp_path: Path, array: Array, says: str) -> None:
    np.save(tmp_path / "cloud.npy", array)
    with pytest.raises(Refused, match=says):
        load(tmp_path / "cloud.npy")


class Trap:
    """Unpickling it would leave a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    np.save(tmp_path / "cloud.npy", np.array([[Trap(trace), 1], [2, 3]], dtype=object), allow_pickle=True)
    with pytest.raises(Refused, match="Python objects"):
        load(tmp_path / "cloud.npy")
    (tmp_path / "bare.npy").write_bytes((tmp_path / "cloud.npy").read_bytes()[128:])
    with pytest.raises(Refused, match="never run"):
        load(tmp_path / "bare.npy")
    assert not trace.exists()


def test_damaged_arrays_and_archives(tmp_path: Path) -> None:
    np.save(tmp_path / "cloud.npy", np.random.default_rng(0).standard_normal((100, 2)))
    whole = (tmp_path / "cloud.npy").read_bytes()
    for end in (7, 60, 400):
        with pytest.raises(Refused, match="damaged"):
            load(written(tmp_path, whole[:end], "cut.npy"))
    np.savez(tmp_path / "many.npz", a=np.zeros((3, 2)))
    with pytest.raises(Refused, match="archive of several arrays"):
        load(tmp_path / "many.npz")


def test_long_files_are_refused_or_thinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points_file, "ROW_LIMIT", 1_000)
    monkeypatch.setattr(points_file, "THINNED_ROWS", 200)
    path = written(tmp_path, "x,y,kind\n" + "".join(f"{k},{2 * k},{k % 3}\n" for k in range(5_000)))
    table = inspect(path)
    assert not table.rows_exact
    assert table.rows == pytest.approx(5_000, rel=0.3)
    assert "Thin it" in table.problems[0]
    with pytest.raises(Refused, match=r"the limit is 1,000\. Thin it"):
        load(path)
    first, again = (load(path, label_column="kind", thin=True) for _ in range(2))
    assert first == again
    assert len(np.unique(first.points[:, 0])) == 200
    assert np.array_equal(first.points[:, 1], 2 * first.points[:, 0])
    assert np.array_equal(first.labels, first.points[:, 0] % 3)
    assert "random choice out of 5,000" in first.source
    np.save(tmp_path / "cloud.npy", np.arange(10_000.0).reshape(5_000, 2))
    with pytest.raises(Refused, match="5,000 rows; the limit is 1,000"):
        load(tmp_path / "cloud.npy")
    assert len(load(tmp_path / "cloud.npy", thin=True).points) == 200


def test_a_bad_cell_in_a_thinned_file_is_named_by_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points_file, "THINNED_ROWS", 4_999)
    rows = [f"{k},{k * k}" for k in range(5_000)]
    rows[4_000] = "4000,?"
    with pytest.raises(Refused, match=r"line 4001, column 'col 2' \('\?' is text\)"):
        load(written(tmp_path, "\n".join(rows)), thin=True)
