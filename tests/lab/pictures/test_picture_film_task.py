"""Films of pictures: columns in step from the same noise, guidance as CONVENTIONS has it, latent codes as pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import (
    CLASSIFIER,
    CONDITIONAL,
    GUIDED,
    UNCONDITIONAL,
    PictureFilmReport,
    PictureFrame,
)
from dgm_studio.core.picture_requests import Denoise
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask, code_picture
from tests.lab.pictures.bench import opened

Checkpoints = Callable[[str], Path]
COLUMNS = (UNCONDITIONAL, CONDITIONAL, GUIDED, CLASSIFIER)


def film(checkpoints: Checkpoints, kind: str, request: Denoise) -> tuple[PictureFilmReport, list[PictureFrame]]:
    desk = Desk("cpu")
    opened(desk, str(checkpoints(kind)))
    task, (report,) = desk.open(request)
    assert isinstance(task, PictureFilmTask)
    assert isinstance(report, PictureFilmReport)
    frames = [one for one in task.beats() if isinstance(one, PictureFrame)]
    assert [one.index for one in frames] == list(range(report.total))
    return report, frames


@pytest.mark.parametrize("kind", ["flow", "latent-flow"])
def test_all_columns_begin_with_the_same_noise_and_end_as_pictures(kind: str, checkpoints: Checkpoints) -> None:
    request = Denoise("f", "p", COLUMNS, 1, 3.0, 2, 5, {"steps": 3})
    report, frames = film(checkpoints, kind, request)
    assert (report.columns, report.count, report.label, report.gamma) == (COLUMNS, 2, 1, 3.0)
    assert report.latent == (kind == "latent-flow")
    first, last = frames[0], frames[-1]
    assert all(np.array_equal(first.x_t[0], one) for one in first.x_t[1:])
    assert not np.array_equal(first.x_t[0, 0], first.x_t[0, 1])
    assert last.x1_hat.shape == (4, 2, 1, 8, 8)
    assert last.x_t.shape == ((4, 2, 1, 1, 3) if report.latent else (4, 2, 1, 8, 8))
    assert np.diff([one.t for one in frames]).min() > 0
    assert (frames[0].t, last.t) == pytest.approx((0, 1), abs=1e-3)
    assert np.diff([one.evaluations for one in frames]).min() >= 0
    again = film(checkpoints, kind, request)[1][-1]
    assert np.array_equal(again.x_t, last.x_t), "one seed, one film"


@pytest.mark.parametrize(("gamma", "same_as"), [(0.0, UNCONDITIONAL), (1.0, CONDITIONAL)])
def test_guidance_at_0_and_1_is_the_plain_model(gamma: float, same_as: str, checkpoints: Checkpoints) -> None:
    _, frames = film(checkpoints, "flow", Denoise("f", "p", (same_as, GUIDED), 2, gamma, 2, 1, {"steps": 2}))
    for one in frames:
        assert np.abs(one.x_t[0].astype(int) - one.x_t[1]).max() <= 1
    other = CONDITIONAL if same_as == UNCONDITIONAL else UNCONDITIONAL
    _, frames = film(checkpoints, "flow", Denoise("f", "p", (other, GUIDED), 2, gamma, 2, 1, {"steps": 2}))
    assert not np.array_equal(frames[-1].x_t[0], frames[-1].x_t[1])


@pytest.mark.parametrize(
    ("kind", "changed", "says"),
    [
        ("vae", {}, "makes its pictures in one go"),
        ("flow", {"columns": ()}, "choose at least one"),
        ("flow", {"columns": ("both",)}, "columns of a film are some of"),
        ("flow", {"count": 99}, "1 to 16 pictures a column"),
        ("flow", {"label": 3}, "choose 0 to 2"),
        ("flow", {"source": "q"}, "no model of pictures to film"),
        ("flow", {"sampling": {"stps": 2}}, "Did you mean steps"),
    ],
)
def test_refusals(kind: str, changed: dict[str, object], says: str, checkpoints: Checkpoints) -> None:
    wanted = {"lane": "f", "source": "p", "columns": (CONDITIONAL,), "label": 0, **changed}
    with pytest.raises(Refused, match=says):
        film(checkpoints, kind, Denoise(**wanted))  # type: ignore[arg-type]


@pytest.mark.parametrize(("k", "shape"), [(16, (1, 4, 4)), (12, (1, 3, 4)), (7, (1, 1, 7)), (1, (1, 1, 1))])
def test_a_code_as_a_picture(k: int, shape: tuple[int, int, int]) -> None:
    assert code_picture(k) == shape
