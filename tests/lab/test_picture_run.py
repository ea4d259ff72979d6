"""Runs of pictures: data by name and by content, checkpoints full and slim, edits, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec, Normalisation, PictureSet, PointSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.picture_requests import ReadPictures
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Answer, Refusal
from dgm_studio.families import all_families, families, family_for
from dgm_studio.families.pictures import picture_families
from dgm_studio.families.pictures.picture_family import PictureFamily
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.film import model_states
from dgm_studio.lab.import_task import ImportTask
from dgm_studio.lab.learnt_data import preparing
from dgm_studio.lab.native import SLIM, load, load_model, load_pictures, save
from dgm_studio.lab.picture_data import resolve_pictures
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import PictureScene
from dgm_studio.lab.slow_motion import slow_motion
from dgm_studio.lab.views import views
from dgm_studio.lab.watcher import show
from tests.contracts.test_families import same
from tests.lab.recipes import small
from tests.pictures import own_pictures, picture_recipe, small_pictures
from tests.texts import own_text, text_recipe

POINTS = PointSet(np.zeros((3, 2)), np.zeros(3), "painted", "canvas", Normalisation.none(2))


def run_of(steps: int = 0, data: DataSpec | None = None) -> Run:
    """A small VAE of the small pictures after so many steps."""
    run = Run(picture_recipe("vae", data=data))
    for _ in run.steps(steps) if steps else ():
        pass
    return run


def test_one_id_stands_for_points_and_for_pictures() -> None:
    points, pictures = family_for("vae", DataSpec("moons")), family_for("vae", DataSpec("fashion-mnist"))
    assert points is families()["vae"]
    assert pictures is picture_families()["vae"]
    assert family_for("vae", own_pictures()) is pictures
    assert family_for("vae", own_text()) is points, "it says itself that it learns from points"
    assert family_for("masked-codes", DataSpec("moons")) is picture_families()["masked-codes"]
    assert set(all_families()) >= set(picture_families())
    with pytest.raises(Refused, match="no family named 'vea'"):
        family_for("vea", own_pictures())


def test_a_run_holds_bytes_and_a_tenth_is_held_out() -> None:
    run, own = run_of(), small_pictures()
    held = np.arange(60) % 10 == 9
    assert run.fit.points.dtype == torch.uint8
    assert (run.fit.points.numpy() == own.pixels[~held].reshape(54, -1)).all()
    assert (run.fit.labels.numpy() == own.labels[~held]).all()
    scene = run.scene()
    assert isinstance(scene, PictureScene)
    assert (scene.held_out.numpy() == own.pixels[held].reshape(6, -1)).all()
    assert scene.data.names == own.names
    again = run.scene()
    assert isinstance(again, PictureScene)
    assert again.held_out is scene.held_out, "copied once"
    model = run.model
    assert isinstance(model, PictureFamily)
    assert model.shape == (1, 8, 8, 3)
    seen = model.seen(run.fit.points)
    assert seen.dtype == torch.float32
    assert float(seen.min()) >= -1
    assert float(seen.max()) <= 1
    assert run.report().columns == 64


def test_pictures_travel_in_json_and_in_a_checkpoint(tmp_path: Path) -> None:
    run = run_of(2)
    assert Recipe.from_json(json.loads(json.dumps(run.recipe.to_json()))) == run.recipe
    opened = load(save(run, tmp_path / "own"))
    assert opened.recipe == run.recipe
    for one in (run, opened):
        for _ in one.steps(2):
            pass
    assert same(run.fit, opened.fit)


def test_a_slim_file_is_small_samples_alike_and_is_opened_without_its_data(tmp_path: Path) -> None:
    run = run_of(5)
    run.figures = {"ELBO": -12.5}
    slim, full = save(run, tmp_path / "slim", slim=True), save(run, tmp_path / "full")
    assert slim.stat().st_size < full.stat().st_size / 2
    opened, alone = load(slim), load_pictures(slim)
    assert opened.remark == SLIM
    assert opened.figures == alone.figures == run.figures
    assert (alone.step, alone.model.shape, alone.recipe.data) == (5, (1, 8, 8, 3), run.recipe.data)
    for own, bare in zip(opened.model.state_dict().values(), alone.model.state_dict().values(), strict=True):
        assert torch.equal(own, bare)
    sampled = run.fit.shadow().state_dict()
    for name, weight in load_pictures(full).model.state_dict().items():
        assert torch.equal(weight, sampled[name])


def test_a_model_is_opened_where_its_data_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(run_of(1, DataSpec("digits")), tmp_path / "digits", slim=True)
    monkeypatch.setattr("dgm_studio.data.pictures.digits.find_spec", lambda name: None)
    assert load_pictures(file).model.shape == (1, 28, 28, 10)


def test_a_checkpoint_of_another_kind_is_refused(tmp_path: Path) -> None:
    points = save(Run(small("histogram")), tmp_path / "points")
    text = save(Run(text_recipe("masked-text")), tmp_path / "text")
    pictures = save(run_of(), tmp_path / "pictures")
    for file, opener, sentence in (
        (points, load_pictures, "holds a model of points; choose a checkpoint of a family of pictures"),
        (text, load_pictures, "holds a model of text"),
        (pictures, load_model, "holds a model of pictures; choose a checkpoint of a family of text"),
    ):
        with pytest.raises(Refused, match=sentence):
            opener(file)


def test_other_pictures_of_the_same_shape_can_be_gone_on_with(tmp_path: Path) -> None:
    run = run_of(2)
    run.change_data(DataSpec("more", pictures=small_pictures(40, seed=3)))
    for _ in run.steps(2):
        pass
    opened = load(save(run, tmp_path / "edited"))
    assert torch.equal(opened.fit.points, run.fit.points)
    assert len(opened.fit.points) == 36
    for one in (run, opened):
        for _ in one.steps(2):
            pass
    assert same(run.fit, opened.fit)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (own_pictures(60, 16), "built for pictures 1 × 8 × 8 of 3 classes; 'stripes' are 1 × 16 × 16 of 3"),
        (own_pictures(60, 8, 3), "3 × 8 × 8"),
        (DataSpec("glyphs"), "'Glyphs' are 1 × 28 × 28 of 62"),
        (DataSpec("moons"), "no set of pictures named 'moons'"),
        (DataSpec("painted", points=POINTS), "are points; this family learns from pictures"),
        (own_text(), "is a text; this family learns from pictures"),
    ],
)
def test_a_run_cannot_go_on_with_data_of_another_kind(data: DataSpec, sentence: str) -> None:
    run = run_of(1)
    with pytest.raises(Refused, match=sentence):
        run.change_data(data)
    for _ in run.steps(1):
        pass
    assert run.fit.step == 2
    assert run.recipe.data_now() == own_pictures()


def test_one_picture_is_too_few() -> None:
    pixels = np.zeros((1, 1, 8, 8), dtype=np.uint8)
    with pytest.raises(Refused, match="holds one picture; a model needs at least 2"):
        resolve_pictures(DataSpec("one", pictures=PictureSet(pixels, np.zeros(1, dtype=int), (), "one", "here")))


def test_of_a_few_pictures_none_is_held_out() -> None:
    data = resolve_pictures(own_pictures(19))
    assert len(data.points) == 19
    assert data.held_out.shape == (0, 64)


def test_what_draws_points_is_refused_of_pictures() -> None:
    run = run_of()
    with pytest.raises(Refused, match="Latents panel"):
        model_states(run.scene(), 3, None, run.generator(2))
    with pytest.raises(Refused, match="it has no points"):
        _ = run.points_data
    with pytest.raises(Refused, match="not pictures"):
        slow_motion(run, run.beats())
    for name, view in views().items():
        if view.takes != "pictures":
            (refused,) = show(run.scene(), Ask(name))
            assert isinstance(refused, Refusal)


@pytest.mark.parametrize("data", [own_pictures(), DataSpec("fashion-mnist")])
def test_a_family_of_points_or_of_text_learns_no_pictures(data: DataSpec) -> None:
    with pytest.raises(Refused, match="are pictures; Histogram learns from points"):
        Run(small("histogram", data))
    with pytest.raises(Refused, match="are pictures; this family learns from text"):
        Run(text_recipe("masked-text", data=data))


def test_a_run_is_prepared_before_it_is_built() -> None:
    recipe = picture_recipe("vae", data=DataSpec("fashion-mnist"))
    for _ in preparing(recipe):
        pass
    assert list(preparing(recipe)) == []
    assert Run(recipe).data.points.shape == (15_000, 784)
    assert len(list(Desk().catalogue().picture_sets)) >= 2


def test_a_folder_is_read_aside(tmp_path: Path) -> None:
    from PIL import Image

    for level in (10, 200):
        Image.new("L", (9, 9), level).save(tmp_path / f"{level:03}.png")
    task, reports = Desk().open(ReadPictures("read", str(tmp_path), 8, 1, steps=None))
    assert isinstance(task, ImportTask)
    assert list(reports) == []
    *_, answer = task.beats()
    assert isinstance(answer, Answer)
    assert isinstance(answer.value, PictureSet)
    assert answer.value.pixels[:, 0, 0, 0].tolist() == [10, 200]
