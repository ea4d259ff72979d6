"""What a person sees now as a PNG or an SVG: the stage, or any part of the window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.errors import Refused
from dgm_studio.gui.stage import Stage

LARGEST = 16_384
"""Pixels a side: beyond, Qt's raster engine no longer paints."""

Drawing = Callable[[QPainter], None]


def image_of(size: QSize, draw: Drawing, scale: float = 1.0) -> QImage:
    """What `draw` paints on `size` logical pixels, at `scale` device pixels each."""
    width, height = round(size.width() * scale), round(size.height() * scale)
    if not 0 < width <= LARGEST or not 0 < height <= LARGEST:
        raise Refused(
            f"A picture of {width:,} x {height:,} pixels cannot be made; "
            f"choose a scale that gives 1 to {LARGEST:,} a side."
        )
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    image.fill(0)
    painter = QPainter(image)
    draw(painter)
    painter.end()
    return image


def svg_of(size: QSize, draw: Drawing) -> bytes:
    """What `draw` paints as an SVG file's content."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # SVG 1.1 rather than Tiny 1.2, which cannot clip: lines that leave the picture would be seen.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle("DGM Studio")
    painter = QPainter(generator)
    draw(painter)
    painter.end()
    return bytes(buffer.data().data())


def stage_image(stage: Stage, scale: float = 1.0) -> QImage:
    """The stage at `scale` device pixels per logical pixel, without what lies outside it."""
    return image_of(stage.viewport().size(), _drawing(stage), scale)


def _drawing(stage: Stage) -> Drawing:
    seen = stage.viewport().rect()
    return lambda painter: stage.render(painter, QRectF(0, 0, seen.width(), seen.height()), seen)


def export_png(stage: Stage, path: str | os.PathLike[str], scale: float = 2.0) -> Path:
    """Write the stage as PNG, atomically."""
    write_bytes(path, png_bytes(stage_image(stage, scale)))
    return Path(path)


def png_bytes(image: QImage) -> bytes:
    """An image as a PNG file's content."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def export_svg(stage: Stage, path: str | os.PathLike[str]) -> Path:
    """Write the stage as SVG, atomically: dots, arrows and lines as vectors, maps as embedded images."""
    write_bytes(path, svg_of(stage.viewport().size(), _drawing(stage)))
    return Path(path)
