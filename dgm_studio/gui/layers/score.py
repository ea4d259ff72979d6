"""The model's score field at the clock's time."""

from __future__ import annotations

from dgm_studio.gui.layers.field import FieldLayer


class ScoreLayer(FieldLayer):
    """The gradient of log p_t."""

    id, title, token, z = "score", "Score", "text", 31.0


LAYER = ScoreLayer
