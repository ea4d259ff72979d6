"""A picture as data: its silhouette, drawn as points."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from dgm_studio.core.dataspec import Normalisation, PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.data.silhouette import Silhouette

POINTS = 10_000
LARGEST = 50_000_000
"""Pixels of the largest picture that is opened."""


def load_picture(path: str | Path) -> PointSet:
    """10,000 points of the picture's ink: its dark parts, or its opaque ones on a transparent ground. One file gives
    always the same points."""
    name = Path(path).name
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > LARGEST:
                raise Refused(f"'{name}' has {opened.width:,} × {opened.height:,} pixels; choose one below 50 million.")
            alpha = opened.convert("RGBA").getchannel("A")
            clear = alpha.getextrema()[0] == 0
            silhouette = Silhouette.of(alpha, dark=False) if clear else Silhouette.of(opened.convert("RGB"))
    except FileNotFoundError as error:
        raise Refused(f"There is no file '{path}'. Check the name.") from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise Refused(f"'{name}' cannot be read as a picture ({error}). Choose a PNG or JPEG file.") from error
    if silhouette is None:
        raise Refused(f"'{name}' is blank: there is nothing dark in it to draw points from. Choose another picture.")
    points, _ = silhouette.draw(POINTS, np.random.default_rng(0))
    what = "opaque parts" if clear else "dark parts"
    source = f"{name}: {POINTS:,} points of its {what}, 6 units along the longer side"
    return PointSet(points, np.zeros(POINTS, dtype=np.int64), name, source, Normalisation.none(2))
