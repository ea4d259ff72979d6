"""Rebuilt decoders on the lane of pictures: places, strips, maps, codes, as for a model of the studio's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.latents import CODES, DECODES, DENOISES, ENCODES, FILE, SEED, Spot, StripPart
from dgm_studio.core.picture_requests import (
    FindDirections,
    Interpolate,
    MapLatents,
    OpenPictures,
    Place,
    ReadCode,
    ShowCodeBook,
    ShowData,
)
from dgm_studio.core.pictures import from_bytes, to_bytes
from dgm_studio.core.reports import Answer
from dgm_studio.core.requests import Request
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.channels import apart, beside
from dgm_studio.lab.pictures.picture_desk import PictureDesk
from dgm_studio.lab.pictures.picture_model import PictureModel, opening
from dgm_studio.lab.pictures.picture_task import PictureTask
from tests.checkpoints import diffusers_folders as folders
from tests.checkpoints.fixtures import made

LANE = "lane"


def opened(folder: Path) -> PictureModel:
    return finish(opening(folder, "cpu", str(folder)))


def asked(task: PictureTask, request: Request) -> list[Any]:
    """Everything that the lane tells of a request, to its end."""
    told = list(task.receive(request))
    while (watch := task.watch()) is not None:
        told += [one for one in watch if one is not None]
    return [one.value if isinstance(one, Answer) else one for one in told]


def picture(model: PictureModel) -> Any:
    shape = model.model.shape
    return np.random.default_rng(0).integers(0, 256, shape[:3]).astype(np.uint8)


def test_a_gan_is_scrubbed() -> None:
    desk, file = PictureDesk(), str(made("dcgan"))
    request = OpenPictures(LANE, file)
    for _ in desk.preparing(request, {}, "cpu"):
        pass
    task = desk.open(request, {}, "cpu")
    report = task.opened.report()
    assert report.can == (DECODES,)
    assert report.latent == task.opened.latents.dim
    assert "DCGAN" in report.title
    (placed,) = asked(task, Place(LANE, (Spot(SEED, seed=1), Spot(SEED, seed=2))))
    parts = asked(task, Interpolate(LANE, placed.latents, 5, "slerp"))
    strip = np.concatenate([part.pixels for part in parts if isinstance(part, StripPart)])
    assert strip.shape == (5, *report.shape[:3])
    assert np.abs(strip[[0, -1]].astype(int) - placed.pixels).max() <= 1
    (found,) = asked(task, FindDirections(LANE))
    assert found.kinds[0] == "axis"
    (failure,) = asked(task, MapLatents(LANE, (0, 0)))
    assert "span no plane" in failure.sentence


def test_its_training_pictures_are_not_here() -> None:
    task = PictureTask(opened(made("dcgan")))
    assert "does not hold the pictures" in task.opened.report().remark
    with pytest.raises(Exception, match="does not hold the pictures"):
        task.receive(ShowData(LANE))


def test_an_autoencoder_reads_and_draws_as_diffusers_does(tmp_path: Path) -> None:
    net = folders.vae()
    net.save_pretrained(tmp_path)
    task = PictureTask(opened(tmp_path))
    own = picture(task.opened)
    assert task.opened.report().can == (DECODES, ENCODES)
    (placed,) = asked(task, Place(LANE, (Spot(FILE, pixels=own),)))
    with torch.no_grad():
        posterior = net.encode(torch.tensor(from_bytes(own))[None]).latent_dist
        want = net.decode(posterior.mean).sample
    assert np.allclose(placed.latents.reshape(posterior.mean.shape), 0.18215 * posterior.mean.numpy(), atol=1e-5)
    assert np.abs(placed.reconstructed.astype(int) - to_bytes(want.numpy())).max() <= 1
    with torch.no_grad():
        _, log_variance = task.opened.model.encode(torch.tensor(from_bytes(own)).view(1, -1))  # type: ignore[operator]
    spread = 0.18215 * posterior.std.numpy()
    assert np.allclose((0.5 * log_variance).exp().numpy().reshape(spread.shape), spread, rtol=1e-4)


def test_codes_are_those_of_diffusers(tmp_path: Path) -> None:
    net = folders.vq()
    net.save_pretrained(tmp_path)
    task = PictureTask(opened(tmp_path))
    report = task.opened.report()
    own = picture(task.opened)
    assert CODES in report.can
    assert report.code == (folders.SIDE, folders.SIDE, 12)
    (grid,) = asked(task, ReadCode(LANE, Spot(FILE, pixels=own)))
    with torch.no_grad():
        latents = net.encode(torch.tensor(from_bytes(own))[None]).latents
        want = net.decode(latents).sample
        ids = net.quantize(latents)[2][2].view(folders.SIDE, folders.SIDE)
    assert np.array_equal(grid.ids, ids.numpy())
    assert np.abs(grid.reconstructed.astype(int) - to_bytes(want.numpy())[0]).max() <= 1
    (book,) = asked(task, ShowCodeBook(LANE))
    assert len(book.patches) == 12
    (drawn,) = asked(task, ReadCode(LANE, Spot(SEED, seed=3)))
    assert drawn.ids.shape == (folders.SIDE, folders.SIDE)


def test_a_denoiser_is_scrubbed_by_its_noise(tmp_path: Path) -> None:
    """Both ways along the probability flow: a seed's picture has that seed's noise."""
    model = opened(folders.saved(folders.ddim("v_prediction", clip_sample=False), tmp_path))
    assert model.report().can == (DENOISES,)
    space = model.latents
    noise = space.drawn(1, 4)
    none = model.told([-1])
    made_of = finish(space.decoding(noise, none, 1.0))
    back = finish(space.encoding(made_of, none, 1.0))[:, : space.dim]
    assert float((back - noise).square().mean().sqrt()) < 0.35


def test_channels_side_by_side() -> None:
    x = torch.arange(2 * 4 * 3 * 5.0).view(2, 4, 3, 5)
    seen = beside(x)
    assert seen.shape == (2, 1, 3, 20)
    assert torch.equal(seen[:, 0, :, 5:10], x[:, 1])
    assert torch.equal(apart(seen, folders_shape()), x)


def folders_shape() -> Any:
    from dgm_studio.core.pictures import PictureShape

    return PictureShape(4, 3, 5)
