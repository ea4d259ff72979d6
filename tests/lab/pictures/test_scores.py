"""The figures of small models against what they are of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.latents import Score
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures import drawing, judge, scores
from dgm_studio.lab.pictures.nearest import finding
from dgm_studio.lab.pictures.picture_model import PictureModel, of_run
from dgm_studio.lab.pictures.scores import scoring
from dgm_studio.lab.pictures.teaching_classifier import judging
from dgm_studio.lab.run import Run
from dgm_studio.measures.frechet import frechet
from tests.lab.pictures.bench import KINDS
from tests.pictures import own_pictures, picture_recipe


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few samples and a quickly taught judge."""
    monkeypatch.setattr(drawing, "FAST", 40)
    monkeypatch.setattr(drawing, "SLOW", 24)
    monkeypatch.setattr(judge, "LESSONS", 8)


def model_of(kind: str) -> PictureModel:
    family, design = KINDS[kind]
    run = Run(picture_recipe(family, design, data=own_pictures(120)))
    for _ in run.steps(2):
        pass
    return of_run(run)


def figures(opened: PictureModel) -> tuple[dict[str, Score], list[Score]]:
    told = [score for score in scoring(opened, 3) if score is not None]
    return {score.id: score for score in told}, told


def test_an_autoencoders_figures() -> None:
    opened = model_of("vae")
    last, told = figures(opened)
    model: Any = opened.model
    data = opened.pictures
    surgery = ["surgery-reconstruction", "surgery-information", "surgery-marginal"]
    assert list(last) == ["reconstruction", "likelihood", "bits", *surgery, "frechet", "precision", "recall", "nearest"]
    assert [score.done for score in last.values()] == list(range(1, 11))
    assert {score.total for score in told} == {10}
    x = model.seen(torch.tensor(data.held_out))
    with torch.no_grad():
        error = 0.5 * math.sqrt(float((model.decode(model.encode(x)[0]) - x).square().mean()))
    assert last["reconstruction"].value == pytest.approx(error, rel=1e-5)
    assert last["reconstruction"].low < error < last["reconstruction"].high
    assert last["reconstruction"].n == len(data.held_out) == 12
    nats = last["likelihood"].value
    assert last["bits"].value == pytest.approx(math.log2(127.5) - nats / (64 * math.log(2)))
    assert last["bits"].low < last["bits"].value < last["bits"].high


def test_samples_are_compared_on_the_judges_features() -> None:
    opened = model_of("gan")
    last, _ = figures(opened)
    assert list(last) == ["frechet", "precision", "recall", "nearest"]
    data = opened.pictures
    samples, asked = finish(drawing.drawing(opened, 40, 3, told=False))
    assert set(asked.tolist()) == {-1}
    own = finish(judge.finding_judge(opened.recipe.data_now(), data, opened.model.device))
    assert own is not None
    real = finish(judging(own.net, torch.tensor(data.held_out)))[0].double().numpy()
    drawn = finish(judging(own.net, samples))[0].double().numpy()
    assert last["frechet"].value == pytest.approx(frechet(real, drawn), rel=1e-6)
    assert math.isfinite(last["frechet"].floor)
    assert last["frechet"].floor < last["frechet"].value
    for name in ("precision", "recall"):
        assert 0 <= last[name].low <= last[name].value <= last[name].high <= 1
    apart = finish(finding(samples.numpy(), data.points, 1))[1]
    assert last["nearest"].value == pytest.approx(float(np.median(apart)))
    assert last["nearest"].low <= last["nearest"].value <= last["nearest"].high


def test_a_model_that_is_told_classes_is_asked_for_each() -> None:
    opened = model_of("prior")
    samples, asked = finish(drawing.drawing(opened, 24, 0, told=True))
    assert samples.shape == (24, 64)
    assert torch.bincount(asked).tolist() == [8, 8, 8]
    last, told = figures(opened)
    score = last["in-class"]
    assert score.n == 24
    assert 0 <= score.low <= score.value <= score.high <= 1
    assert 0 <= score.floor <= 1
    assert {one.total for one in told} == {told[-1].done}


def test_wilsons_interval() -> None:
    right = torch.tensor([True] * 90 + [False] * 10)
    score = scores._share("a", "b", right, 0.5)
    assert (score.low, score.high) == pytest.approx((0.8256, 0.9448), abs=1e-3)  # as in Newcombe, 1998
