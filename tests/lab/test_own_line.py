"""A file of one column: every family that can learn a line does, says what it shows, and writes it in its units."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.ask import ERROR, EXACT, LEARNED, Ask
from dgm_studio.core.catalogue import OWN_LINE, OWN_LINE_CLASSES, data_key
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.data.points_file import load as load_points
from dgm_studio.families import families
from dgm_studio.lab.catalogue import family_entries
from dgm_studio.lab.commands import sample, trace
from dgm_studio.lab.native import load, save
from dgm_studio.lab.run import Run
from dgm_studio.lab.views import views
from dgm_studio.lab.watcher import show
from tests.lab.recipes import ALL, go, small

VARIANTS = (LEARNED, EXACT, ERROR)
LEARN = [family for family in ALL if not families()[family].refuses_data(1, 1)]


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> DataSpec:
    """400 heights around 170 and 185 in a file of one column."""
    rng = np.random.default_rng(0)
    file = tmp_path_factory.mktemp("line") / "heights.csv"
    values = rng.normal(170, 3, 400) + 15 * (rng.random(400) < 0.3)
    file.write_text("height\n" + "\n".join(f"{value:.6g}" for value in values))
    own = load_points(file)
    return DataSpec(own.title, points=own)


def test_families_that_cannot_learn_it_are_greyed(points: DataSpec) -> None:
    assert data_key(points) == OWN_LINE
    entries = family_entries()
    assert {name for name, entry in entries.items() if OWN_LINE not in entry.refuses} == set(LEARN)
    assert "diffusion" in LEARN
    assert "realnvp" not in LEARN
    assert OWN_LINE_CLASSES not in entries["classifier-guidance"].refuses


@pytest.mark.parametrize("family", LEARN)
def test_it_is_learned_and_looked_at(family: str, points: DataSpec) -> None:
    run = Run(small(family, points))
    go(run, 2)
    scene = run.scene()
    assert scene.points.shape == (400, 1)
    shown = 0
    asks = [Ask(name, variant, resolution=8, t=0.5, count=80) for name in sorted(views()) for variant in VARIANTS]
    for ask in asks:
        if not views()[ask.view].refuses(scene, ask):
            (*_, last) = show(scene, ask)
            if isinstance(last, Refusal):
                assert last.reason.endswith(".")
                continue
            assert isinstance(last, Picture)
            assert all(np.isfinite(array).all() for array in last.arrays.values()), ask
            shown += 1
    assert shown >= 4


def test_files_are_in_the_units_of_the_file(points: DataSpec, tmp_path: Path) -> None:
    run = Run(small("histogram", points))
    go(run, 2)
    file = str(save(run, tmp_path / "h.safetensors"))
    assert load(file).recipe.data == points
    for out in ("s.npy", "s.csv", "s.png"):
        sample(file, 200, 0, (), str(tmp_path / out), True)
    heights = np.load(tmp_path / "s.npy")
    assert heights.shape == (200, 1)
    assert 165 < float(heights.mean()) < 185
    trace(file, 50, 0, (), str(tmp_path / "f.png"), True)
