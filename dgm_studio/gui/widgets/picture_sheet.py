"""Pictures of the worker as Qt images: one, or many on one sheet."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from dgm_studio.core.arrays import Array


def picture_image(pixels: Array) -> QImage:
    """One picture (c, h, w) of bytes, grey or RGB, ready to be painted."""
    return sheet_image(np.asarray(pixels)[None], 1)


def sheet_image(pixels: Array, columns: int) -> QImage:
    """Pictures (n, c, h, w) of bytes row by row on one image without gaps; what is left of the last row is black."""
    flat = np.asarray(pixels, dtype=np.uint8)
    count, _, high, wide = flat.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * columns, high, wide, 3), dtype=np.uint8)
    sheet[:count] = flat.transpose(0, 2, 3, 1)  # one channel is broadcast to three
    laid = sheet.reshape(rows, columns, high, wide, 3).transpose(0, 2, 1, 3, 4)
    laid = np.ascontiguousarray(laid).reshape(rows * high, columns * wide, 3)
    image = QImage(laid.data, columns * wide, rows * high, 3 * columns * wide, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a copy, and painted without converting
