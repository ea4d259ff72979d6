"""Reading a stage's picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage

from dgm_studio.core.arrays import Array
from dgm_studio.gui.export.still import picture_of
from dgm_studio.gui.stage import Stage


def rgb(stage: Stage, scale: float = 1.0) -> Array:
    """(h, w, 3) int of what the stage shows now."""
    image = picture_of(stage, scale).convertToFormat(QImage.Format.Format_RGBX8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def near(picture: Array, colour: QColor, tolerance: int = 40) -> Array:
    """Where (h, w) the picture has about that colour."""
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return np.asarray(np.abs(picture - wanted).max(axis=-1) <= tolerance)
