"""The velocity field as arrows."""

from __future__ import annotations

from typing import ClassVar

from dgm_studio.core.card import Card
from dgm_studio.lab.views.arrows import ArrowsView


class VelocityView(ArrowsView):
    """The marginal velocity E[a' x_1 + s' x_0 | x_t = x]."""

    field: ClassVar[str] = "velocity"
    card: ClassVar[Card] = Card(
        "velocity",
        "Velocity",
        "Where each point is carried next, as arrows at the time of the dial.",
        needs=("velocity",),
    )


VIEW = VelocityView()
