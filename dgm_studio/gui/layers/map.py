"""What layers of one grid map share: values (r, r) over a box, kept with the image they became."""

from __future__ import annotations

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.theme.theme import Theme


class MapLayer(Layer):
    """Values (r, r) of the newest picture, row 0 at the bottom, over `map_box`; of a line a curve of values (r,)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.values: Array | None = None
        self.map_box: Box = (0.0, 1.0, 0.0, 1.0)
        self.note = ""

    def accept(self, picture: Picture) -> None:
        self.values, self.map_box, self.note = picture.arrays["values"], picture.ask.box, picture.note
        self.changed()

    def clear(self) -> None:
        self.values = None
        self.note = ""
        self.changed()

    @property
    def is_curve(self) -> bool:
        """Whether the newest picture is of a line."""
        return self.values is not None and self.values.ndim == 1

    def has_content(self) -> bool:
        return self.values is not None
