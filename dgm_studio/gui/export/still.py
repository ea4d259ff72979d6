"""What a person sees now as a PNG, an SVG or a PDF: a stage, or any part of the window."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from dgm_studio.core.atomic import write_bytes
from dgm_studio.core.errors import Refused
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme

LARGEST = 16_384
"""Pixels a side: beyond, Qt's raster engine no longer paints."""

Drawing = Callable[[QPainter], None]


class Seen(NamedTuple):
    """What is written: its size in logical pixels, and what paints it there."""

    size: QSize
    draw: Drawing


def seen(part: QWidget) -> Seen:
    """A stage without what lies outside its view; of any other part of the window what it holds, on the window's
    ground."""
    if isinstance(part, Stage):
        view = part.viewport().rect()
        return Seen(view.size(), lambda painter: part.render(painter, QRectF(0, 0, view.width(), view.height()), view))
    return Seen(part.size(), lambda painter: _paint_part(part, painter))


def _paint_part(part: QWidget, painter: QPainter) -> None:
    painter.fillRect(part.rect(), theme().colour("bg"))
    part.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)


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


def pdf_of(size: QSize, draw: Drawing) -> bytes:
    """What `draw` paints as a PDF file of one page, a logical pixel a point."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle("DGM Studio")
    writer.setResolution(72)
    page = QPageSize(QSizeF(size), QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    painter = QPainter(writer)
    draw(painter)
    painter.end()
    return bytes(buffer.data().data())


def picture_of(part: QWidget, scale: float = 1.0) -> QImage:
    """A part of the window at `scale` device pixels per logical pixel."""
    return image_of(*seen(part), scale)


def png_bytes(image: QImage) -> bytes:
    """An image as a PNG file's content."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def export_png(part: QWidget, path: str | os.PathLike[str], scale: float = 2.0) -> Path:
    """Write it as PNG, atomically."""
    write_bytes(path, png_bytes(picture_of(part, scale)))
    return Path(path)


def export_svg(part: QWidget, path: str | os.PathLike[str]) -> Path:
    """Write it as SVG, atomically: dots, arrows and lines as vectors, maps as embedded images."""
    write_bytes(path, svg_of(*seen(part)))
    return Path(path)


def export_pdf(part: QWidget, path: str | os.PathLike[str]) -> Path:
    """Write it as PDF, atomically, for a paper or a slide: as SVG, vectors but for maps."""
    write_bytes(path, pdf_of(*seen(part)))
    return Path(path)
