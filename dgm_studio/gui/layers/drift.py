"""The part of an SDE's step that is not noise: along the velocity and the score."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.step_arrows import StepLayer


class DriftLayer(StepLayer):
    """From each particle along the drift of its next step."""

    id, title, token, z = "drift", "Drift", "accent", 73.0

    def arrows(self) -> tuple[Array, Array, Array]:
        parts = self.parts()
        assert parts is not None
        return parts.x, np.zeros_like(parts.x), parts.drift


LAYER = DriftLayer
