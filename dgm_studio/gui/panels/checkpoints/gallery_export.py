"""Export of the gallery: the view as it is, the pictures in their own pixels as one sheet, or as numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.atomic import writing
from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import GalleryTile
from dgm_studio.gui.dialogs.export_plots import KINDS, ExportPlots, Kind

SHEET, NUMBERS = "sheet", "npz"
ENDINGS = {SHEET: ".png", NUMBERS: ".npz"}
SCALE, GROUND = 4, 24
"""How often a pixel is enlarged in a sheet, and the grey between its pictures."""
NOTHING = "There are no pictures yet. Wait until some are made."


class ExportGallery(ExportPlots):
    """PNG and SVG of the view; a sheet of all pictures, a row of the gallery a row, enlarged pixel by pixel; an NPZ of
    `pictures` (n, c, h, w) bytes with `row`, `column` and `making` (JSON) of each."""

    kinds_offered: ClassVar[dict[str, Kind]] = {
        **{name: KINDS[name]._replace(word=f"View {KINDS[name].word}", tooltip=f"What is seen now, as {word}")
           for name, word in (("png", "pixels"), ("svg", "vectors"))},
        SHEET: Kind("Sheet", "All pictures, enlarged pixel by pixel", "PNG picture (*.png)"),
        NUMBERS: Kind("NPZ", "All pictures as numbers, with what each is made of", "NumPy archive (*.npz)"),
    }  # fmt: skip
    says = "The view as it is, or its pictures in their own pixels."

    def __init__(
        self, picture: QWidget, tiles: Sequence[Sequence[GalleryTile | None]], parent: QWidget | None = None
    ) -> None:
        self._tiles = [[one for one in row if one is not None and one.pixels is not None] for row in tiles]
        super().__init__(picture, (), "gallery", parent)
        for kind in ENDINGS:
            reason = "" if any(self._tiles) else NOTHING
            self.kinds.set_reason(kind, reason, self.kinds_offered[kind].tooltip)

    def ask_for_file(self) -> None:
        """Where to; then write."""
        ending = ENDINGS.get(self.kind, f".{self.kind}")
        start = str(Path.home() / f"gallery{ending}")
        name, _ = QFileDialog.getSaveFileName(self, "Export", start, self.kinds_offered[self.kind].pattern)
        if name:
            self.begin(name)

    def begin(self, name: str) -> None:
        """Write to that file; its ending is added where it is missing."""
        if self.kind not in ENDINGS:
            super().begin(name)
            return
        path, ending = Path(name), ENDINGS[self.kind]
        if path.suffix.lower() != ending:
            path = path.with_name(f"{path.name}{ending}")
        try:
            if self.kind == SHEET:
                write_sheet(path, self._tiles)
            else:
                write_numbers(path, self._tiles)
        except Refused as refusal:
            self._say(str(refusal), failed=True)
        else:
            self._say(f"Written to {path}.")


def sheet_of(tiles: Sequence[Sequence[GalleryTile]]) -> Array:
    """One picture (c, h, w) of bytes: rows under each other; smaller pictures and grey ones stand among larger and
    coloured ones as they are, on a dark ground."""
    rows = [[one.pixels for one in row if one.pixels is not None] for row in tiles]
    every = [one for row in rows for one in row]
    if not every:
        raise Refused(NOTHING)
    channels, high, wide = (max(one.shape[axis] for one in every) for axis in range(3))
    rows = [row for row in rows if row]
    across = max(map(len, rows))
    whole = np.full((channels, len(rows) * (high + 1) - 1, across * (wide + 1) - 1), GROUND, dtype=np.uint8)
    for down, row in enumerate(rows):
        for right, one in enumerate(row):
            top, left = down * (high + 1), right * (wide + 1)
            whole[:, top : top + one.shape[1], left : left + one.shape[2]] = one
    return whole


def write_sheet(path: Path, tiles: Sequence[Sequence[GalleryTile]]) -> None:
    """The sheet as a PNG, each pixel a square of SCALE."""
    from dgm_studio.export.pictures import enlarged
    from dgm_studio.export.png import write_png

    write_png(path, enlarged(sheet_of(tiles), SCALE))


def write_numbers(path: Path, tiles: Sequence[Sequence[GalleryTile]]) -> None:
    """The pictures as numbers; Refused where they are not of one shape."""
    every = [
        (row, column, one.pixels, one.making)
        for row, line in enumerate(tiles)
        for column, one in enumerate(line)
        if one.pixels is not None
    ]
    if len({pixels.shape for _, _, pixels, _ in every}) != 1:
        raise Refused("An NPZ holds pictures of one shape; these rows have several, or there are none. Take rows away.")
    with writing(path) as file:
        np.savez_compressed(
            file,
            pictures=np.stack([pixels for _, _, pixels, _ in every]),
            row=np.array([row for row, *_ in every]),
            column=np.array([column for _, column, *_ in every]),
            making=np.array([json.dumps(making.to_json()) for *_, making in every]),
        )
