"""The bar chart of a model of pictures: the ELBO's surgery, how often each code is used."""

from __future__ import annotations

from typing import ClassVar

from dgm_studio.core.card import Card
from dgm_studio.lab.views.bars import BarsView


class PictureBarsView(BarsView):
    """The same values and names, of a model that learns from pictures."""

    card: ClassVar[Card] = Card("picture_bars", "Bars", "What the bound or the codes are made of.", needs=("bars",))
    takes: ClassVar[str] = "pictures"


VIEW = PictureBarsView()
