"""The score field as arrows."""

from __future__ import annotations

from typing import ClassVar

from dgm_studio.core.card import Card
from dgm_studio.lab.views.arrows import ArrowsView


class ScoreView(ArrowsView):
    """The score grad log p_t(x) of the noised marginal."""

    field: ClassVar[str] = "score"
    card: ClassVar[Card] = Card(
        "score",
        "Score",
        "The way uphill to more probable places, as arrows at the time of the dial.",
        needs=("score",),
    )


VIEW = ScoreView()
