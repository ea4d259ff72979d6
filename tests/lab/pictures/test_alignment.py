"""Captions through an open model: films, alignment against guidance, refusals; the model that ships draws what it is
told."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import ALIGNS, CAPTIONS, CONDITIONAL, GUIDED, UNCONDITIONAL, Alignment, PictureFrame
from dgm_studio.core.picture_requests import Align, Denoise
from dgm_studio.core.reports import Failure
from dgm_studio.core.resources import resource
from dgm_studio.data.pictures import picture_sets
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.pictures.classifier import classifier_of
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from tests.lab.pictures.bench import opened, told

Checkpoints = Callable[[str], Path]
SHIPPED = "glyph-text-flow"


def film(desk: Desk, **sampling: Any) -> list[PictureFrame]:
    columns = (UNCONDITIONAL, CONDITIONAL, GUIDED)
    task, _ = desk.open(Denoise("f", "p", columns, gamma=3.0, count=2, sampling={"steps": 3, **sampling}))
    assert isinstance(task, PictureFilmTask)
    return [one for one in task.beats() if isinstance(one, PictureFrame)]


def test_a_film_is_told_words(checkpoints: Checkpoints) -> None:
    desk = Desk("cpu")
    _, report = opened(desk, str(checkpoints("words")))
    assert report.words == ("checks", "columns", "rows")
    assert CAPTIONS in report.can
    assert ALIGNS not in report.can
    first, other = film(desk, caption="rows")[-1], film(desk, caption="checks")[-1]
    assert np.array_equal(first.x_t[0], other.x_t[0]), "the unconditional column hears nothing"
    assert not np.array_equal(first.x_t[1], other.x_t[1])
    for caption, says in (("", "The caption is empty"), ("loud", "'loud' is no word")):
        with pytest.raises(Refused, match=says):
            film(desk, caption=caption)


def test_alignment_is_refused_where_nothing_judges(checkpoints: Checkpoints) -> None:
    desk = Desk("cpu")
    for kind, says in (("words", "only glyphs have one"), ("flow", "told no captions")):
        task, _ = opened(desk, str(checkpoints(kind)))
        (said,) = told(task, Align("p"))
        assert isinstance(said, Failure)
        assert says in said.sentence


def test_the_shipped_model_draws_what_it_is_told_the_more_the_more_it_is_guided() -> None:
    path = resource("checkpoints", f"{SHIPPED}.safetensors")
    assert 1e6 < path.stat().st_size < 8e6
    task, report = opened(Desk("cpu"), SHIPPED)
    assert {CAPTIONS, ALIGNS} <= set(report.can)
    assert report.figures["alignment at γ = 3"] > report.figures["alignment at γ = 1"] > 0.75
    said = told(task, Align("p", gammas=(0.0, 3.0), count=16, sampling={"steps": 8}))
    none, guided = (one for one in said if isinstance(one, Alignment))
    assert (none.gamma, guided.gamma, guided.done, guided.total, guided.n) == (0.0, 3.0, 2, 2, 16)
    assert none.low <= none.value <= none.high < 0.5 < 0.7 < guided.low <= guided.value
    assert none.real == guided.real == pytest.approx(report.figures["alignment of real pictures"], abs=1e-3)
    assert guided.real_low < guided.real < guided.real_high
    assert abs(guided.other) < 0.2
    (one,) = told(task, Align("p", gammas=(1.0,), count=2, caption="script capital q", sampling={"steps": 2}))
    assert isinstance(one, Alignment)
    assert one.caption == "script capital letter Q"
    assert not math.isnan(one.real)
    (refused,) = told(task, Align("p", caption="script lettre q"))
    assert isinstance(refused, Failure)
    assert "Did you mean letter?" in refused.sentence
    task.receive(Align("p"))
    task.receive(Align("p", on=False))
    assert task.watch() is None, "stopped"

    # Judged by another network: the classifier of characters.
    own = picture_sets()["glyphs"].load()
    judge, opened_model = classifier_of("glyphs", own.shape), task.opened
    assert judge is not None
    model: Any = opened_model.model
    names = "AgQ7kRb4"
    ids = opened_model.asked([f"sans {name}" for name in names])
    start = torch.randn((8, 784), generator=torch.Generator().manual_seed(1))
    *_, last = model.film(start, opened_model.sampling, torch.Generator(), ids, 3.0)
    read = "".join(judge.names[at] for at in judge.classes_of(last.x.clamp(-1, 1)).tolist())
    assert sum(a == b for a, b in zip(read, names, strict=True)) >= 7, read
