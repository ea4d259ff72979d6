"""The gallery: each tile is what a film of that seed ends in, rows share their noise, refusals stay where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import (
    EMA,
    RAW,
    WEIGHTS,
    GalleryModel,
    GalleryTile,
    Making,
    Rows,
    ShowGallery,
    seeds_from,
    varied,
)
from dgm_studio.core.latents import CONDITIONAL, GUIDED, SEED, PictureFrame, Spot
from dgm_studio.core.picture_requests import Denoise, OpenPictures, Place
from dgm_studio.lab.checkpoints.gallery_task import GalleryTask
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.native import save
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from dgm_studio.lab.pictures.picture_task import PictureTask
from dgm_studio.lab.run import Run
from tests.lab.pictures.bench import answer, kept, opened
from tests.pictures import picture_recipe

Checkpoints = Callable[[str], Path]


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    folder = tmp_path_factory.mktemp("gallery")
    return cache(lambda kind: kept(kind, folder))


def shown(rows: Rows, desk: Desk | None = None) -> tuple[list[GalleryModel], list[GalleryTile]]:
    desk = desk or Desk("cpu")
    task, first = desk.open(ShowGallery("g", rows))
    assert isinstance(task, GalleryTask)
    assert not list(first)
    said = [one for one in task.beats() if one is not None]
    models, tiles = (
        [one for one in said if isinstance(one, GalleryModel)],
        [one for one in said if isinstance(one, GalleryTile)],
    )
    assert [one.done for one in tiles] == list(range(1, 1 + sum(map(len, rows))))
    assert all((one.row, one.column) in places(rows) and one.making == rows[one.row][one.column] for one in tiles)
    return models, tiles


def places(rows: Rows) -> Iterator[tuple[int, int]]:
    return ((row, column) for row, makings in enumerate(rows) for column in range(len(makings)))


@pytest.mark.parametrize("kind", ["flow", "latent-flow"])
def test_a_tile_is_what_the_film_of_its_seed_ends_in(kind: str, checkpoints: Checkpoints) -> None:
    source, desk = str(checkpoints(kind)), Desk("cpu")
    making = Making(source, 5, 1, 1.0, {"steps": 3})
    (model,), tiles = shown((varied(making, "seed", (5, 6)), varied(making, "gamma", (0.0, 1.0, 3.0))), desk)
    assert model.report is not None
    opened(desk, source, "p")

    def last(column: str, gamma: float, seed: int) -> PictureFrame:
        film, _ = desk.open(Denoise("f", "p", (column,), 1, gamma, 1, seed, {"steps": 3}))
        assert isinstance(film, PictureFilmTask)
        return [one for one in film.beats() if isinstance(one, PictureFrame)][-1]

    for tile in tiles:
        frame = last(GUIDED, tile.making.gamma, tile.making.seed)
        assert tile.pixels is not None
        if kind == "flow":  # a latent film shows the code, and of the prediction alone the picture
            assert np.array_equal(tile.pixels, frame.x_t[0, 0])
        assert np.abs(tile.pixels.astype(int) - frame.x1_hat[0, 0]).mean() < 3
        assert tile.evaluations > 0
    conditional = last(CONDITIONAL, 1.0, 5)
    assert np.abs(tiles[3].pixels.astype(int) - conditional.x1_hat[0, 0]).mean() < 3  # type: ignore[union-attr]
    assert not np.array_equal(tiles[0].pixels, tiles[1].pixels)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["vae", "gan"])
def test_a_decoder_draws_what_the_latents_panel_draws_for_that_seed(kind: str, checkpoints: Checkpoints) -> None:
    source = str(checkpoints(kind))
    task, _ = opened(Desk("cpu"), source)
    placed = answer(task, Place("p", (Spot(SEED, 3), Spot(SEED, 4))))
    _, tiles = shown((varied(Making(source), "seed", (3, 4)),))
    assert np.array_equal(np.stack([tile.pixels for tile in tiles if tile.pixels is not None]), placed.pixels)


def test_a_prior_over_codes_goes_its_own_walk_and_is_told_its_class(checkpoints: Checkpoints) -> None:
    source = str(checkpoints("prior"))
    _, tiles = shown((varied(Making(source, 1), "label", (-1, 0, 1)), varied(Making(source, 1), "seed", (1, 1))))
    assert all(tile.pixels is not None and not tile.refusal for tile in tiles)
    assert np.array_equal(tiles[3].pixels, tiles[4].pixels), "one seed, one picture"  # type: ignore[arg-type]


def test_what_one_row_is_refused_for_leaves_the_others(checkpoints: Checkpoints, tmp_path: Path) -> None:
    good = Making(str(checkpoints("flow")), sampling={"steps": 2})
    text = Making("kjv-masked-word")
    gone = Making(str(tmp_path / "gone.safetensors"))
    steps = varied(good, "steps", (2, 0, 3))
    models, tiles = shown(((text,), (gone,), steps, (replace(good, label=7),)))
    assert [bool(one.refusal) for one in models] == [True, True, False]
    assert "the Text panel" in models[0].refusal
    assert [tile.pixels is None for tile in tiles] == [True, True, False, True, False, True]
    assert "Steps" in tiles[3].refusal
    assert "Class 7" in tiles[5].refusal
    for rows in ((), ((),), ((good,) * 129,), ((good,),) * 9):
        with pytest.raises(Refused, match="1 to 8 rows"):
            Desk("cpu").open(ShowGallery("g", rows))


def test_averaged_and_raw_weights_of_one_file(tmp_path: Path) -> None:
    run = Run(replace(picture_recipe("diffusion", {"layers": 1}), sampling={"steps": 2}))
    for _ in run.steps(2):
        pass
    with torch.no_grad():
        for weight in run.model.parameters():
            weight.add_(0.3)
    path = str(save(run, tmp_path / "both"))
    making = Making(path)
    pair = ((making.having(f"choice.{WEIGHTS}", EMA),), (making.having(f"choice.{WEIGHTS}", RAW),), (making,))
    models, (ema, raw, usual) = shown(pair)
    assert [one.report.settings[0].value for one in models if one.report is not None] == [EMA, RAW, EMA]
    assert np.array_equal(ema.pixels, usual.pixels)  # type: ignore[arg-type]
    assert not np.array_equal(ema.pixels, raw.pixels)  # type: ignore[arg-type]
    desk = Desk("cpu")
    task, (report,) = desk.open(OpenPictures("p", path, {WEIGHTS: RAW}))
    assert report.settings[0].source == "your choice"  # type: ignore[attr-defined]
    assert isinstance(task, PictureTask)
    assert torch.equal(next(task.opened.model.parameters()), next(run.model.parameters()))


def test_a_making_survives_a_session_file() -> None:
    making = Making("a", 3, 1, 2.5, {"steps": 9, "solver": "heun", "noisy": True}, {WEIGHTS: RAW})
    assert Making.from_json(making.to_json()) == making
    assert [one.seed for one in varied(making, "seed", seeds_from(4, 3))] == [4, 5, 6]
    broken: tuple[object, ...] = (None, [], {"source": "a"}, {**making.to_json(), "sampling": {"steps": []}})
    for held in broken:
        with pytest.raises(Refused, match="cannot be read"):
            Making.from_json(held)
