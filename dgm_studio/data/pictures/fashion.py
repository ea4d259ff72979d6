"""Fashion-MNIST: photographs of clothes, the subset that ships."""

from __future__ import annotations

from dgm_studio.core.card import Card
from dgm_studio.data.pictures.stored import StoredPictures


class FashionPictures(StoredPictures):
    """1,500 pictures of each of ten kinds of clothes, and 200 of each from the test set held out."""

    card = Card(
        id="fashion-mnist",
        title="Fashion-MNIST",
        summary="Ten kinds of clothes in grey, 28 × 28: a subset of 15,000 to learn from and 2,000 held out.",
        lecture="3",
        paper="Xiao et al., 2017",
        facts=(("pictures", 15_000), ("held out", 2_000), ("licence", "MIT, Zalando SE")),
    )


PICTURES = FashionPictures()
