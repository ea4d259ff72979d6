"""The model's velocity field at the clock's time."""

from __future__ import annotations

from dgm_studio.gui.layers.field import FieldLayer


class VelocityLayer(FieldLayer):
    """dx/dt of the flow, or of the probability flow."""

    id, title, token, z = "velocity", "Velocity", "text", 30.0


LAYER = VelocityLayer
