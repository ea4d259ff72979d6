"""The part of an SDE's step that is fresh noise."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.step_arrows import StepLayer
from dgm_studio.gui.theme.theme import Theme


class NoiseLayer(StepLayer):
    """From where the drift ends, or from the particle where the drift is hidden, to where the step ends."""

    id, title, token, z = "noise", "Noise", "text", 74.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._after_drift = False

    def heed(self, visible: Collection[str]) -> None:
        if ("drift" in visible) != self._after_drift:
            self._after_drift = not self._after_drift
            self.changed()

    def arrows(self) -> tuple[Array, Array, Array]:
        parts = self.parts()
        assert parts is not None
        return parts.x, parts.drift if self._after_drift else np.zeros_like(parts.x), parts.noise


LAYER = NoiseLayer
