"""The small classifier: taught, kept in a file, and as it ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures import picture_sets
from dgm_studio.lab.pictures.classifier import SHIPPED, Classifier, classifier_of, open_classifier, save_classifier
from dgm_studio.lab.pictures.teaching_classifier import teaching
from dgm_studio.nets.picture_classifier import FEATURES, moved
from tests.pictures import NAMES, small_pictures

SHAPE = PictureShape(1, 8, 8, 3)


def taught(steps: int) -> tuple[Classifier, torch.Tensor, torch.Tensor]:
    own = small_pictures(120)
    points, labels = torch.tensor(own.pixels.reshape(120, -1)), torch.tensor(own.labels)
    net = finish(teaching(points[:90], labels[:90], SHAPE, steps, torch.Generator().manual_seed(0)))
    return Classifier(net, "stripes", NAMES, {"held-out accuracy": 1.0}), points[90:], labels[90:]


def test_it_learns_and_comes_back_from_its_file(tmp_path: Path) -> None:
    own, points, labels = taught(25)
    assert float((own.classes_of(points) == labels).double().mean()) > 0.9
    path = tmp_path / "own.safetensors"
    save_classifier(own, path)
    again = open_classifier(path)
    assert (again.data, again.names, again.figures) == (own.data, own.names, own.figures)
    features, logits = again.judged(points)
    assert features.shape == (30, FEATURES)
    torch.testing.assert_close(logits, own.judged(points)[1], rtol=0.02, atol=0.02)  # half precision
    numbers = points.float() / 127.5 - 1
    torch.testing.assert_close(again.judged(numbers)[1], logits)  # bytes and numbers are judged alike


def test_other_files_are_refused(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_bytes(b"nothing")
    with pytest.raises(Refused, match="classifier"):
        open_classifier(wrong)
    with pytest.raises(Refused, match="another kind"):
        open_classifier(resource("checkpoints", "kjv-masked-word.safetensors"))
    with pytest.raises(Refused, match="two classes"):
        finish(teaching(torch.zeros((4, 64), dtype=torch.uint8), torch.zeros(4), PictureShape(1, 8, 8), 1,
                        torch.Generator()))  # fmt: skip


def test_the_shipped_one_knows_clothes() -> None:
    assert classifier_of("moons", SHAPE) is None
    assert classifier_of("fashion-mnist", SHAPE) is None
    own = picture_sets()["fashion-mnist"].load()
    found = classifier_of("fashion-mnist", own.shape)
    assert found is not None
    assert found.names == own.names
    assert found.figures["held-out accuracy"] >= 0.88
    some = slice(None, None, 10)
    right = found.classes_of(torch.tensor(own.held_out[some].reshape(-1, 784))).numpy() == own.held_labels[some]
    assert right.mean() == pytest.approx(found.figures["held-out accuracy"], abs=0.06)
    assert set(SHIPPED) <= set(picture_sets())


def test_moving_moves_by_whole_pixels() -> None:
    shape = PictureShape(2, 3, 4)
    x = torch.arange(24.0).repeat(40, 1)
    assert torch.equal(moved(x, shape, 0, torch.Generator()), x)
    picture = np.arange(24.0).reshape(2, 3, 4)
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1)), mode="edge")
    possible = {padded[:, i : i + 3, j : j + 4].tobytes() for i in range(3) for j in range(3)}
    found = {row.double().numpy().tobytes() for row in moved(x, shape, 1, torch.Generator().manual_seed(0))}
    assert found <= possible
    assert len(found) == 9
