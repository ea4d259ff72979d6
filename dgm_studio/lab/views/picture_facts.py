"""What a model of pictures says of itself in numbers that only its family has."""

from __future__ import annotations

from typing import ClassVar

from dgm_studio.core.card import Card
from dgm_studio.lab.views.facts import FactsView


class PictureFactsView(FactsView):
    """The same lines (label, text, help), of a model that learns from pictures."""

    card: ClassVar[Card] = Card("picture_facts", "Facts", "Numbers that only this family has.", needs=("facts",))
    takes: ClassVar[str] = "pictures"


VIEW = PictureFactsView()
