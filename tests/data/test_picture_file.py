"""Pictures as data: points where the ink is, sentences where there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dgm_studio.core.errors import Refused
from dgm_studio.data.picture_file import load_picture
from dgm_studio.data.source import resolve, spec_from_text


def test_points_lie_where_the_picture_is_dark(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 99, 99), fill="black")  # the top-left eighth
    picture.save(tmp_path / "box.png")
    points = load_picture(tmp_path / "box.png").points
    assert points.shape == (10_000, 2)
    assert (points[:, 0] >= -3).all()
    assert (points[:, 0] <= -1.45).all()
    assert (points[:, 1] >= -0.05).all()
    assert (points[:, 1] <= 1.5).all()
    assert np.abs(points.mean(axis=0) - (-2.25, 0.75)).max() < 0.05


def test_a_transparent_ground_leaves_what_is_opaque(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((50, 0, 99, 99), fill=(255, 255, 255, 255))
    picture.save(tmp_path / "white.png")
    assert (load_picture(tmp_path / "white.png").points[:, 0] > -0.1).all()


def test_the_command_line_takes_a_picture(tmp_path: Path) -> None:
    picture = Image.new("L", (60, 60), 255)
    ImageDraw.Draw(picture).ellipse((10, 10, 50, 50), fill=0)
    picture.save(tmp_path / "disc.jpg")
    spec = spec_from_text(str(tmp_path / "disc.jpg"))
    assert len(resolve(spec, 0).points) == 10_000
    assert spec.points is not None
    assert "dark parts" in spec.points.source


@pytest.mark.parametrize(("name", "content", "words"), [
    ("blank.png", None, "is blank"), ("torn.png", b"\x89PNG\r\n\x1a\nrubbish", "cannot be read as a picture"),
])  # fmt: skip
def test_what_is_no_silhouette_is_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is None:
        Image.new("L", (50, 50), 255).save(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refused, match=words):
        load_picture(tmp_path / name)


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no file"):
        load_picture(tmp_path / "none.png")
