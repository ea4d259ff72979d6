"""Films of rebuilt diffusers folders end where diffusers' own pipelines end, for the same seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.latents import GUIDED, UNCONDITIONAL, PictureFrame
from dgm_studio.core.picture_requests import Denoise
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from dgm_studio.lab.pictures.picture_model import PictureModel, opening
from dgm_studio.solvers.solver import State
from tests.checkpoints import diffusers_folders as folders

PREDICTIONS = ("epsilon", "sample", "v_prediction")
STEPS, SEED, COUNT = 6, 5, 2


def opened(folder: Path, **choice: str) -> PictureModel:
    return finish(opening(folder, "cpu", str(folder), choice))


def filmed(model: PictureModel, column: str = UNCONDITIONAL, label: int = -1, **sampling: Any) -> PictureFilmTask:
    own = {"steps": STEPS, **sampling}
    return PictureFilmTask(model, Denoise("film", "lane", (column,), label, 3.0, COUNT, SEED, own))


def last(task: PictureFilmTask, model: PictureModel) -> Tensor:
    """What the film ends in, (n, c, h, w) in [0, 1]."""
    state: State
    *_, state = task.ends()
    stood = state.x.view(-1, *model.model.shape[:3])
    return (stood / 2 + 0.5).clamp(0, 1)


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(SEED)


@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_ddpm(prediction: str, variance: str, tmp_path: Path) -> None:
    pipeline = folders.ddpm(prediction, variance_type=variance)
    model = opened(folders.saved(pipeline, tmp_path))
    made = last(filmed(model, solver="ddpm"), model)
    want = folders.pictures(pipeline(COUNT, seeded(), STEPS, output_type="np"))
    assert float((made - want).abs().max()) < 1e-4
    assert model.report().settings[0].value == prediction


@pytest.mark.parametrize(
    ("prediction", "eta", "scheduler"),
    [
        ("epsilon", 0.0, {}),
        ("sample", 0.5, {"timestep_spacing": "linspace", "set_alpha_to_one": False, "steps_offset": 1}),
        ("v_prediction", 1.0, {"timestep_spacing": "trailing", "rescale_betas_zero_snr": True, "clip_sample": False}),
        ("epsilon", 0.3, {"beta_schedule": "squaredcos_cap_v2", "clip_sample_range": 0.7}),
    ],
)
def test_ddim(prediction: str, eta: float, scheduler: dict[str, Any], tmp_path: Path) -> None:
    pipeline = folders.ddim(prediction, **scheduler)
    model = opened(folders.saved(pipeline, tmp_path))
    made = last(filmed(model, solver="ddim", eta=eta), model)
    want = folders.pictures(pipeline(COUNT, seeded(), eta, STEPS, output_type="np"))
    assert float((made - want).abs().max()) < 1e-4


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_dit(prediction: str, tmp_path: Path) -> None:
    pipeline = folders.dit(prediction)
    model = opened(folders.saved(pipeline, tmp_path))
    made = last(filmed(model, GUIDED, 7, solver="ddim"), model)
    want = folders.pictures(pipeline([7] * COUNT, 3.0, seeded(), STEPS, output_type="np"))
    assert float((made - want).abs().max()) < 1e-4


def test_a_learned_variance(tmp_path: Path) -> None:
    """diffusers' scheduler stepped by hand: its pipeline for such networks is gone."""
    net = folders.unet(outputs=6)
    scheduler = folders.lib.DDPMScheduler(folders.LENGTH, variance_type="learned_range")
    net.save_pretrained(tmp_path / "unet")
    scheduler.save_pretrained(tmp_path / "scheduler")
    generator = seeded()
    x = torch.randn((COUNT, 3, folders.SIDE, folders.SIDE), generator=generator)
    scheduler.set_timesteps(STEPS)
    with torch.no_grad():
        for t in scheduler.timesteps:
            x = scheduler.step(net(x, t).sample, t, x, generator=generator).prev_sample
    model = opened(tmp_path)
    made = last(filmed(model, solver="ddpm"), model)
    assert float((made - (x / 2 + 0.5).clamp(0, 1)).abs().max()) < 1e-4


def test_a_frame_has_the_state_and_the_predicted_picture(tmp_path: Path) -> None:
    """By diffusers' own scheduler: prev_sample and pred_original_sample of the second step."""
    pipeline = folders.ddpm("epsilon")
    model = opened(folders.saved(pipeline, tmp_path))
    frames = [one for one in filmed(model, solver="ddpm").beats() if isinstance(one, PictureFrame)]
    generator = seeded()
    x = torch.randn((COUNT, 3, folders.SIDE, folders.SIDE), generator=generator)
    pipeline.scheduler.set_timesteps(STEPS)
    with torch.no_grad():
        for t in pipeline.scheduler.timesteps[:2]:
            before = x
            found = pipeline.scheduler.step(pipeline.unet(x, t).sample, t, x, generator=generator)
            x = found.prev_sample
    want = to_bytes(before.numpy()), to_bytes(found.pred_original_sample.numpy())
    assert len(frames) == STEPS + 1
    for made, expected in zip((frames[1].x_t[0], frames[1].x1_hat[0]), want, strict=True):
        assert np.abs(made.astype(int) - expected).max() <= 1
    assert [frame.evaluations for frame in frames] == [1, 2, 3, 4, 5, 6, 6]
    assert frames[0].t < 0.2
    assert frames[-1].t == 1.0


def test_the_wrong_prediction_gives_other_pictures(tmp_path: Path) -> None:
    folder = folders.saved(folders.ddim("epsilon"), tmp_path)
    own, other = opened(folder), opened(folder, prediction="v_prediction")
    assert other.report().settings[0].source == "your choice"
    a, b = (last(filmed(model, solver="ddim"), model) for model in (own, other))
    assert float((a - b).abs().mean()) > 0.05
