"""The stage as PNG, SVG, GIF and frames."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.gui.export import export_film, export_png, export_svg
from dgm_studio.gui.layers.data import DataLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import near
from tests.gui.stage.scenery import fill


def test_png_has_the_size_asked_for(stage: Stage, tmp_path: Path) -> None:
    fill(stage)
    path = export_png(stage, tmp_path / "stage.png", 1.5)
    with Image.open(path) as picture:
        assert picture.size == (600, 600)
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(Refused, match="choose a scale"):
        export_png(stage, tmp_path / "huge.png", 1_000)


def test_svg_holds_vectors(stage: Stage, look: Theme, tmp_path: Path) -> None:
    fill(stage)
    points = np.array([[1.0, 1.0], [-2.0, 0.5], [99.0, 0.0]])
    layer = stage.layer("data")
    assert isinstance(layer, DataLayer)
    layer.set_points(points)
    layer.diameter = 9.0
    for name in ("velocity", "grid", "density"):
        stage.show_layer(name, True)
    stage.show_layer("samples", False)
    path = export_svg(stage, tmp_path / "stage.svg")
    root = ElementTree.parse(path).getroot()
    assert root.get("viewBox") == "0 0 400 400"
    space = "{http://www.w3.org/2000/svg}"
    drawn = [one.get("d") or "" for one in root.iter(f"{space}path")]
    assert max(d.count("M") for d in drawn) == 3 * (21 * 21 - 1)  # every arrow but the middle's, as one path
    dots = [d for d in drawn if d.startswith("M250,150")]
    assert len(dots) == 1
    assert dots[0].count("M") == 2  # the third point is out of sight
    assert len(list(root.iter(f"{space}image"))) == 2  # the density map and its colour scale
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(400, 400, QImage.Format.Format_RGBX8888)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(400, 400, 4)[..., :3].astype(int)
    blend = near(pixels, look.colour("data"), 90)
    assert blend[147:153, 247:253].all()


def test_gif_has_every_frame_and_only_it(stage: Stage, tmp_path: Path) -> None:
    fill(stage, frames=7)
    path = tmp_path / "film.gif"
    steps = list(export_film(stage, path, 7, stage.set_frame))
    assert [step.done for step in steps] == [1, 2, 3, 4, 5, 6, 7]
    assert list(tmp_path.iterdir()) == [path]
    with GifImageFile(path) as picture:
        assert (picture.n_frames, picture.size) == (7, (400, 400))
        shown = []
        for index in range(7):
            picture.seek(index)
            shown.append(np.asarray(picture.convert("RGB")).astype(int))
    assert all((one != other).any() for one, other in pairwise(shown))


def test_closing_in_the_middle_leaves_nothing(stage: Stage, tmp_path: Path) -> None:
    fill(stage, frames=7)
    for name in ("film.gif", "frames"):
        writing = export_film(stage, tmp_path / name, 7, stage.set_frame)
        next(writing)
        next(writing)
        assert list(tmp_path.iterdir())
        writing.close()
        assert list(tmp_path.iterdir()) == []


def test_png_frames(stage: Stage, tmp_path: Path) -> None:
    fill(stage, frames=3)
    folder = finish(export_film(stage, tmp_path / "frames", 3, stage.set_frame))
    assert sorted(one.name for one in folder.iterdir()) == [f"frame-000{k}.png" for k in (1, 2, 3)]
    with pytest.raises(Refused, match="not an empty folder"):
        finish(export_film(stage, folder, 3, stage.set_frame))
    with pytest.raises(Refused, match="gif"):
        finish(export_film(stage, tmp_path / "film.avi", 3, stage.set_frame))
