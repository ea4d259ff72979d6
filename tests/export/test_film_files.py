"""Films and samples as files without Qt: the arrays come back, every frame is there, and nothing is left
behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from dgm_studio.core.errors import Refused
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.slow import finish
from dgm_studio.export.film_picture import box_around, draw_points
from dgm_studio.export.line_picture import draw_line_points, line_box
from dgm_studio.export.palette import DARK, LIGHT
from dgm_studio.gui.theme.tokens import DARK as DARK_TOKENS
from dgm_studio.gui.theme.tokens import LIGHT as LIGHT_TOKENS
from dgm_studio.lab.film_files import write_film, write_points_picture


def small_film(frames: int = 9, dim: int = 2) -> Film:
    x = np.random.default_rng(0).normal(size=(200, dim))
    ts = np.linspace(0, 1, frames)
    return Film.of(Frame(float(t), x * (2 - t), x if t > 0 else None, k, f"step {k}") for k, t in enumerate(ts))


def test_npz_round_trip(tmp_path: Path) -> None:
    film = small_film()
    path = finish(write_film(film, tmp_path / "film.npz"))
    with np.load(path, allow_pickle=False) as held:
        assert np.array_equal(held["x"], film.x)
        assert np.array_equal(held["t"], film.t)
        assert np.array_equal(held["x1_hat"], film.x1_hat, equal_nan=True)  # type: ignore[arg-type]
        assert np.isnan(held["x1_hat"][0]).all()
        assert np.isnan(held["velocity"]).all()
        assert held["velocity"].shape == film.x.shape
        assert held["labels"].tolist() == list(film.labels)
    assert list(tmp_path.iterdir()) == [path]


def test_gif_shows_each_frame_for_its_time(tmp_path: Path) -> None:
    path = finish(write_film(small_film(), tmp_path / "film.gif", side=480))
    with GifImageFile(path) as picture:
        assert (picture.n_frames, picture.size) == (9, (480, 480))
        assert picture.info["duration"] == 50
        assert picture.info["loop"] == 0
        first = np.asarray(picture.convert("RGB")).astype(int)
        assert np.abs(first[-1, 0] - DARK.stage).max() <= 6
        orange = np.abs(first - np.array(DARK.sample)).max(axis=-1) < 60
        assert orange.sum() > 200


def test_png_is_a_strip_and_a_bare_name_a_folder(tmp_path: Path) -> None:
    strip = finish(write_film(small_film(), tmp_path / "film.png", side=100))
    with Image.open(strip) as picture:
        assert picture.size == (600, 100)
    folder = finish(write_film(small_film(3), tmp_path / "frames", side=100))
    assert len(list(folder.iterdir())) == 3


def test_closing_and_failing_leave_nothing(tmp_path: Path) -> None:
    for name in ("film.gif", "film.mp4", "frames", "film.png"):
        writing = write_film(small_film(), tmp_path / name, side=64)
        next(writing)
        writing.close()
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(Refused, match=r"npz"):
        finish(write_film(small_film(dim=3), tmp_path / "film.gif"))
    with pytest.raises(Refused, match=r"\.webm"):
        finish(write_film(small_film(), tmp_path / "film.webm"))
    with pytest.raises(Refused, match="Choose another folder"):
        finish(write_film(small_film(), tmp_path / "no" / "film.gif"))
    with pytest.raises(Refused, match=r"\(5, 3\)"):
        write_points_picture(np.zeros((5, 3)), tmp_path / "points.png")


def test_a_point_lands_where_it_lies(tmp_path: Path) -> None:
    picture = np.asarray(draw_points(np.array([[1.0, 1.0]]), (-4, 4, -4, 4), side=400)).astype(int)
    rows, columns = np.nonzero(np.abs(picture - DARK.stage).max(axis=-1) > 20)
    assert (np.mean(columns + 0.5), np.mean(rows + 0.5)) == pytest.approx((250, 150), abs=0.6)
    path = write_points_picture(np.random.default_rng(0).normal(size=(300, 2)), tmp_path / "points.png", side=200)
    with Image.open(path) as written:
        assert written.size == (200, 200)


def test_box_holds_all_and_a_single_point() -> None:
    assert box_around(np.array([[0.0, 0.0], [2.0, 1.0], [np.nan, 9.0]])) == pytest.approx((-0.08, 2.08, -0.58, 1.58))
    assert box_around(np.array([[3.0, 4.0]])) == (2.0, 4.0, 3.0, 5.0)
    assert box_around(np.full((2, 2), np.nan)) == (-1.0, 1.0, -1.0, 1.0)


def test_palettes_are_the_windows_tokens() -> None:
    for palette, tokens in ((DARK, DARK_TOKENS), (LIGHT, LIGHT_TOKENS)):
        for name, colour in palette._asdict().items():
            assert "#{:02X}{:02X}{:02X}".format(*colour) == getattr(tokens, name).upper()


def test_neither_torch_nor_qt() -> None:
    code = "import sys, dgm_studio.lab.film_files; print(sorted({'torch', 'PySide6'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_points_of_a_line_are_bars_an_outline_and_a_dashed_curve(tmp_path: Path) -> None:
    stretch = np.linspace(-1, 1, 4_000, endpoint=False)[:, None]
    places = np.linspace(-2, 2, 400)
    curve = np.stack([places, np.where(np.abs(places) < 1, 0.5, 0.0)], axis=1)
    box = line_box(stretch, curve=curve)
    assert box[:2] == pytest.approx((-1.08, 1.08), abs=1e-3)
    assert box[3] == pytest.approx(1.15 * 0.5, rel=0.05)
    wide = (-2.0, 2.0, 0.0, 1.0)
    plain = np.asarray(draw_line_points(stretch, wide, side=400)).astype(int)
    drawn = np.abs(plain - DARK.sample).max(axis=-1) < 60
    rows, columns = np.nonzero(drawn)
    assert (columns.min(), columns.max()) == pytest.approx((100, 300), abs=2)
    assert rows.min() == pytest.approx(0.94 * 200, abs=2)
    assert not drawn[200:370, 110:290].any()
    full = np.asarray(draw_line_points(stretch, wide, data=stretch, curve=curve, side=400)).astype(int)
    ground = 0.42 * np.array(DARK.data) + 0.58 * np.array(DARK.stage)
    assert np.abs(full[300, 150] - ground).max() <= 1
    assert (np.abs(full - DARK.exact).max(axis=-1) < 40)[180:196, 110:290].any()
    assert write_points_picture(stretch, tmp_path / "points.png", data=stretch, curve=curve).exists()
    film = small_film(dim=1)
    for name in ("film.png", "film.gif"):
        assert finish(write_film(film, tmp_path / name, data=stretch, side=64)).exists()
