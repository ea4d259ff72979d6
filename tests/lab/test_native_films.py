"""The studio's own checkpoints as sources of films: their model, as it samples, told as what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot, Train
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from tests.lab.recipes import go, small

DATA = DataSpec("gaussian", {}, 200)


def filmed(desk: Desk, request: Shoot) -> tuple[torch.Tensor, PointModelReport]:
    """Where its particles end, and what was told of the model."""
    task, told = desk.open(request)
    assert isinstance(task, FilmTask)
    *_, last = (one.frame for one in task.beats() if isinstance(one, FrameReport))
    (report,) = (one for one in told if isinstance(one, PointModelReport))
    return torch.tensor(last.x), report


def test_a_film_of_a_file_is_that_of_the_run_that_was_saved(tmp_path: Path) -> None:
    run = Run(small("diffusion", DATA))
    go(run, 3)
    path = str(save(run, tmp_path / "run"))
    sampling: dict[str, Value] = {"solver": "heun", "steps": 4}
    ends, report = filmed(Desk("cpu"), Shoot("a", path, sampling, 20, seed=5))
    scene = run.scene()
    scene.sampling = run.sampling_with(sampling)
    *_, same = (
        one.frame for one in FilmTask(scene, Shoot("b", "b", {}, 20, seed=5)).beats() if isinstance(one, FrameReport)
    )
    assert torch.equal(ends, torch.tensor(same.x))
    assert (report.title, report.columns, report.exact) == (run.model.card.title, 2, "law")
    assert dict(report.sampling) == vars(scene.sampling)
    assert report.remark.endswith("as of step 3.")


def test_a_file_written_anew_is_read_anew_and_a_lane_goes_before_a_file(tmp_path: Path) -> None:
    run, desk = Run(small("diffusion", DATA)), Desk("cpu")
    path = str(save(run, tmp_path / "run"))
    first, _ = filmed(desk, Shoot("a", path, {}, 20))
    go(run, 3)
    save(run, path)
    second, report = filmed(desk, Shoot("a", path, {}, 20))
    assert report.remark.endswith("as of step 3.")
    assert not torch.equal(first, second)
    desk.open(Train(path, small("realnvp", DATA)))  # a lane of that very name
    task, told = desk.open(Shoot("a", path, {}, 20))
    assert isinstance(task, FilmTask)
    assert not list(told)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    whole = save(Run(small("diffusion", DATA)), tmp_path / "whole").read_bytes()
    damaged.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Refused, match="damaged"):
        Desk("cpu").open(Shoot("a", str(damaged), {}, 20))
