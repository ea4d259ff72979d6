"""The training data: small quiet dots, always in the data colour."""

from __future__ import annotations

from collections.abc import Collection

from dgm_studio.core.arrays import Array, same
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.cloud import CloudLayer
from dgm_studio.gui.theme.theme import Theme


class DataLayer(CloudLayer):
    """Points (n, d) and labels (n,), coloured by the groups the model's structure gives them while that is shown."""

    id, title, token, z = "data", "Data", "data", 60.0
    diameter, opacity = 2.4, 0.5
    filled = True

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._points: Array | None = None
        self._labels: Array | None = None

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        if "structure" not in visible and self.shares is not None:
            self.shares = None  # groups are told together with what makes them
            self.changed()
        # The same points at every time and zoom.
        return (Ask("data"),)

    def wants(self, key: str) -> bool:
        return key in ("data", "structure")

    def accept(self, picture: Picture) -> None:
        if picture.ask.view == "structure":
            shares = picture.arrays.get("shares")
            if not same(shares, self.shares):
                self.shares = shares
                self.changed()
            return
        points, labels = picture.arrays["points"], picture.arrays.get("labels")
        # Every round of views tells the data again; painting them again would only cost the training its time.
        if not (same(points, self._points) and same(labels, self._labels)):
            self.set_points(points, labels)

    def set_points(self, points: Array, labels: Array | None = None) -> None:
        """Show these points; for panels that hold data themselves."""
        self._points, self._labels = points, labels
        self.changed()

    def clear(self) -> None:
        self._points = self._labels = self.shares = None
        self.changed()

    def points(self) -> Array | None:
        return self._points

    def labels(self) -> Array | None:
        return self._labels


LAYER = DataLayer
