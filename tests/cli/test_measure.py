"""`dgm-studio measure` and `list measures`."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from dgm_studio.lab.measure_command import table
from dgm_studio.measures import measures
from tests.cli.command import Capture, run
from tests.laws.test_import_law import QT, python

KEYS = {"value", "low", "high", "floor", "method", "n", "seconds", "ways"}


@pytest.fixture
def points(tmp_path: Path) -> Path:
    file = tmp_path / "cloud.csv"
    np.savetxt(file, np.random.default_rng(0).standard_normal((300, 2)), delimiter=",", header="x,y", comments="")
    return file


def test_the_issue_s_gaussians(capsys: Capture) -> None:
    """KL = 25/2 and W2 = 5 between round Gaussians 5 apart; JSD within [0, log 2]."""
    said = run(
        capsys, "measure", "kl", "w2", "jsd", "--p", "gaussian:mean=0,0;std=1", "--q", "gaussian:mean=3,4;std=1",
        "-n", 200, "--json",
    )  # fmt: skip
    found = said.json["measures"]
    assert list(found) == ["kl", "w2", "jsd"]
    assert all(set(one) >= KEYS for one in found.values())
    assert found["kl"]["value"] == pytest.approx(12.5)
    assert found["w2"]["value"] == pytest.approx(5.0)
    assert found["kl"]["method"] == "closed form"
    assert found["jsd"]["method"] == "quadrature"
    assert found["jsd"]["low"] <= found["jsd"]["value"] <= found["jsd"]["high"] <= math.log(2) + 1e-6
    (estimate,) = found["w2"]["ways"]
    assert estimate["n"] == 200
    assert estimate["low"] < estimate["value"] < estimate["high"]
    assert estimate["floor"] > 0


def test_the_issue_s_parallel_lines(capsys: Capture) -> None:
    said = run(
        capsys, "measure", "kl", "reverse-kl", "jsd", "tv", "w1", "w2", "--p", "line", "--q", "line:x=0.5",
        "--ways", "closed form", "--json",
    )  # fmt: skip
    found = {name: one["value"] for name, one in said.json["measures"].items()}
    assert found["kl"] == found["reverse-kl"] == "inf"
    assert found["jsd"] == pytest.approx(math.log(2), abs=1e-15)
    assert found["tv"] == 1.0
    assert found["w1"] == found["w2"] == 0.5


def test_a_file_of_points_and_the_same_seed(capsys: Capture, points: Path) -> None:
    words = ("measure", "energy", "precision", "--p", points, "--q", "gaussian:mean=1,0;std=1", "-n", 250, "--json")
    first, again, other = (run(capsys, *words, "--seed", seed).json["measures"] for seed in (1, 1, 2))
    for one in (*first.values(), *again.values()):
        del one["seconds"]
    assert first == again
    assert first["energy"]["value"] != other["energy"]["value"]
    assert "split halves" in first["energy"]["note"]


def test_all_ways_and_named_ways(capsys: Capture) -> None:
    laws = ("--p", "gaussian:mean=0;std=1", "--q", "gaussian:mean=1;std=1", "-n", 150, "--json")
    every = run(capsys, "measure", "hellinger", *laws, "--ways", "all").json["measures"]["hellinger"]
    assert len(every["ways"]) == 1 + len(measures()["hellinger"].estimators)
    one = run(capsys, "measure", "hellinger", *laws, "--ways", "histogram").json["measures"]["hellinger"]
    assert one["method"] == "Histogram"
    assert one["ways"] == []


def test_without_json_a_table_for_people(capsys: Capture) -> None:
    said = run(capsys, "measure", "kl", "w2", "--p", "uniform-1d", "--q", "uniform-1d:shift=9", "-n", 150)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split() == ["measure", "value", "low", "high", "floor", "unit", "method", "n", "seconds"]
    assert [line.split()[0] for line in lines[1:] if line[0] != " "][:2] == ["kl", "w2"]
    assert "inf" in said.out
    assert "nats" in said.out
    assert said.err == ""


def test_the_table_is_aligned() -> None:
    row = {"value": 1.0, "low": 0.5, "high": 1.25, "floor": None, "unit": "nats", "method": "closed form", "n": 0,
           "seconds": 0.1, "bias": "", "note": ""}  # fmt: skip
    lines = table({"measures": {"kl": {**row, "ways": [{**row, "method": "quadrature", "bias": "Too low."}]}}})
    head, first, second, note = lines.splitlines()
    assert head.index("method") == first.index("closed form") == second.index("quadrature")
    assert note == "kl, quadrature: Too low."


def test_an_estimate_that_misses_is_marked(capsys: Capture) -> None:
    laws = ("--p", "gaussian:mean=0,0;std=1", "--q", "gaussian:mean=9,9;std=1", "-n", 200)
    found = run(capsys, "measure", "kl", *laws, "--json").json["measures"]["kl"]
    estimate = next(one for one in found["ways"] if one["n"])
    assert found["warning"] == ""
    assert estimate["high"] < 0.9 * found["value"]
    assert estimate["warning"] == "biased, too low"
    rows = run(capsys, "measure", "kl", *laws).out.splitlines()
    assert [row.endswith("biased, too low") for row in rows if "Nearest neighbours  " in row] == [True]


def test_list_measures(capsys: Capture) -> None:
    cards = run(capsys, "list", "measures", "--json").json
    assert [card["id"] for card in cards] == list(measures())
    assert all(card["title"] and card["formula"] and card["needs"] for card in cards)
    assert next(card for card in cards if card["id"] == "kl")["estimators"][0] == "knn"
    assert "Forward KL" in run(capsys, "list", "measures").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["klx", "--p", "moons", "--q", "moons"], "no measure named 'klx'. Did you mean kl"),
        (["kl", "--p", "moon", "--q", "moons"], "Did you mean moons"),
        (["kl", "--p", "moons:noize=1", "--q", "moons"], "no knob named 'noize'. Did you mean noise"),
        (["kl", "--p", "moons", "--q", "gaussian-1d"], "only laws of as many can be compared"),
        (["kl", "--p", "moons", "--q", "moons", "-n", "99"], "between 100 and 200,000"),
        (["kl", "--p", "moons", "--q", "moons", "-n", "200001"], "between 100 and 200,000"),
        (["kl", "--p", "moons", "--q", "moons", "--ways", "histgram"], "Did you mean histogram"),
        (["kl", "--p", "moons", "--q", "nowhere.csv"], "There is no file"),
    ],
)
def test_what_is_refused(words: list[str], told: str, capsys: Capture) -> None:
    assert told in run(capsys, "measure", *words, "--json").sentence


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("x,y\n1,2\nnan,3\n", "bad rows (1 of 2)"),
        ("", "is empty"),
        ("x,y\n1,2\n", "1 row"),
        ("x,y\n1,2\n1,2\n", "one point many times"),
        ("x,y,z\n1,2,3\n4,5,6\n", "has 3 dimensions and moons has 2"),
    ],
)
def test_files_that_are_refused(content: str, told: str, capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(content)
    assert told in run(capsys, "measure", "w2", "--p", file, "--q", "moons", "--json").sentence


def test_ten_million_rows_are_refused_at_once(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("x,y\n" + "1,2\n3,5\n" * 5_000_000)
    told = run(capsys, "measure", "w2", "--p", file, "--q", "moons", "--json").sentence
    assert "the limit is 1,000,000" in told


def test_a_measure_of_densities_says_which_ways_there_are(capsys: Capture, points: Path) -> None:
    words = ("measure", "fisher", "--p", points, "--q", "moons", "--ways", "quadrature", "--json")
    told = run(capsys, *words).sentence
    assert "needs both densities, and cloud is known by its points alone" in told
    assert "kde" in told


def test_wrong_usage(capsys: Capture) -> None:
    assert run(capsys, "measure", "kl", "--p", "moons").code == 2
    assert run(capsys, "measure", "--p", "moons", "--q", "moons").code == 2
    assert run(capsys, "measure", "kl", "--p", "moons", "--q", "moons", "-n", "many").code == 2


def test_measuring_never_loads_qt() -> None:
    words = ["measure", "kl", "w2", "--p", "gaussian-1d", "--q", "gaussian-1d:mean=1", "-n", "100", "--json"]
    python(
        "-c",
        f"import sys\nfrom dgm_studio.cli import main\nassert main({words!r}) == 0\n"
        f"assert not set({sorted(QT)!r}) & set(sys.modules)",
    )


def test_one_refusal_leaves_the_others_their_numbers(capsys: Capture) -> None:
    laws = ("--p", "gaussian-1d", "--q", "gaussian-1d:mean=1", "-n", "150", "--ways", "histogram")
    found = run(capsys, "measure", "kl", "w2", *laws, "--json").json["measures"]
    assert found["kl"]["value"] > 0
    assert set(found["w2"]) == {"refused"}
    assert "Wasserstein-2" in found["w2"]["refused"]
    said = run(capsys, "measure", "kl", "w2", *laws)
    assert said.code == 0
    assert f"w2 is refused: {found['w2']['refused']}" in said.out
    assert run(capsys, "measure", "w2", *laws, "--json").sentence
