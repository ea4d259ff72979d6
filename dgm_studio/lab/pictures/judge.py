"""Who judges a model's pictures: the classifier that ships for its data, or one that is taught on the spot."""

from __future__ import annotations

from collections.abc import Generator

import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.lab.picture_data import PictureData
from dgm_studio.lab.pictures.classifier import Classifier, classifier_of
from dgm_studio.lab.pictures.teaching_classifier import teaching

LESSONS = 500
"""Steps of one that is taught on the spot: some 15 s for pictures of 28 x 28."""


def finding_judge(spec: DataSpec, data: PictureData, device: torch.device) -> Generator[None, None, Classifier | None]:
    """A classifier of these pictures' classes, in slices; None where they have fewer than two."""
    if spec.pictures is None:
        shipped = classifier_of(spec.name, data.shape, str(device))
        if shipped is not None:
            return shipped
    if data.shape.classes < 2:
        return None
    points, labels = (torch.tensor(one, device=device) for one in (data.points, data.labels))
    learning = teaching(points, labels, data.shape, LESSONS, torch.Generator(device).manual_seed(0))
    while True:
        try:
            next(learning)
        except StopIteration as end:
            return Classifier(end.value, spec.name, data.names)
        yield
