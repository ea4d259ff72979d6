"""Runs of text: data by name and by content, checkpoints full and slim, edits, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec, Normalisation, PointSet, TextSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.film import model_states
from dgm_studio.lab.native import SLIM, load, load_model, save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import TextScene
from dgm_studio.lab.slow_motion import slow_motion
from dgm_studio.lab.text_data import text_spec
from dgm_studio.lab.views import views
from dgm_studio.lab.watcher import show
from tests.contracts.test_families import same
from tests.lab.recipes import small
from tests.texts import own_text, small_text, text_recipe

POINTS = PointSet(np.zeros((3, 2)), np.zeros(3), "painted", "canvas", Normalisation.none(2))


def run_of(steps: int = 0, **more: object) -> Run:
    """A small masked model of the small text after so many steps."""
    run = Run(text_recipe("masked-text", **more))  # type: ignore[arg-type]
    for _ in run.steps(steps) if steps else ():
        pass
    return run


def model_of(run: Run) -> TextFamily:
    """Its live model."""
    assert isinstance(run.model, TextFamily)
    return run.model


def test_the_vocabulary_is_the_texts_own_and_the_first_guess_its_frequencies() -> None:
    run = run_of()
    model, expected = model_of(run), Vocabulary.of("word", small_text(), 32)
    assert model.vocabulary == expected
    ids = run.fit.points
    share = torch.bincount(ids[ids >= 0].long(), minlength=len(expected)) / (ids >= 0).sum()
    guess = model.net.bias.detach()[: len(expected)].softmax(0)
    assert torch.allclose(guess, share, atol=2e-3)
    assert run.fit.points.dtype == torch.int32


def test_a_text_travels_in_json_and_in_a_checkpoint(tmp_path: Path) -> None:
    run = run_of(2)
    again = Recipe.from_json(json.loads(json.dumps(run.recipe.to_json())))
    assert again == run.recipe
    assert "packed" not in json.dumps(run.recipe.to_json(embed=False))
    opened = load(save(run, tmp_path / "own"))
    assert opened.recipe.data.text == run.recipe.data.text
    with pytest.raises(Refused, match="by fingerprint"):
        Recipe.from_json(run.recipe.to_json(embed=False))


def test_a_changed_text_is_noticed() -> None:
    body = own_text().to_json()
    body["text"]["packed"] = own_text("b", "Other words.").to_json()["text"]["packed"]
    with pytest.raises(Refused, match="does not match its fingerprint"):
        DataSpec.from_json(body)


def test_a_keyframe_holds_no_text() -> None:
    run = run_of(1)
    weights = sum(one.numel() * one.element_size() for one in run.model.state_dict().values())
    assert run.keyframe().size < 4 * weights + 50_000  # weights, average, two moments, the generator's state


def test_other_text_is_cut_in_the_models_own_vocabulary(tmp_path: Path) -> None:
    run = run_of(2)
    before = model_of(run).vocabulary
    run.change_data(own_text("b.txt", small_text(60, seed=3).replace("Moses", "Pharaoh")))
    for _ in run.steps(2):
        pass
    assert model_of(run).vocabulary == before
    assert (run.fit.points < 0).any()  # Pharaoh is a hole
    opened = load(save(run, tmp_path / "edited"))
    assert model_of(opened).vocabulary == before
    assert torch.equal(opened.fit.points, run.fit.points)
    for one in (run, opened):
        for _ in one.steps(2):
            pass
    assert same(run.fit, opened.fit)


def test_a_slim_file_is_small_samples_alike_and_says_so(tmp_path: Path) -> None:
    run = run_of(5)
    run.figures = {"50% masked": 1.5}
    slim, full = save(run, tmp_path / "slim", slim=True), save(run, tmp_path / "full")
    assert slim.stat().st_size < full.stat().st_size / 3
    opened, alone = load(slim), load_model(slim)
    assert opened.remark == SLIM
    assert opened.figures == alone.figures == run.figures
    assert opened.fit.step == 5
    sampled = run.fit.shadow()
    for (name, weight), own, bare in zip(
        sampled.state_dict().items(), opened.model.state_dict().values(), alone.model.state_dict().values(), strict=True
    ):
        assert torch.equal(own, bare), name
        assert torch.allclose(own.float(), weight.float(), rtol=1e-3, atol=1e-4), name
    for beat in opened.steps(3):
        assert np.isfinite(list(beat.values.values())).all()
    assert opened.fit.step == 8


def test_load_model_takes_the_average_of_a_full_file(tmp_path: Path) -> None:
    run = run_of(5)
    alone = load_model(save(run, tmp_path / "full")).model
    for own, weight in zip(alone.state_dict().values(), run.fit.shadow().state_dict().values(), strict=True):
        assert torch.equal(own, weight)


def test_load_model_refuses_a_model_of_points(tmp_path: Path) -> None:
    file = save(Run(small("histogram")), tmp_path / "points")
    with pytest.raises(Refused, match="holds a model of points"):
        load_model(file)


def test_the_held_out_loss_is_a_picture_and_nothing_of_points_is() -> None:
    run = run_of(3)
    scene = run.scene()
    assert isinstance(scene, TextScene)
    *_, told = show(scene, Ask("held_out"))
    assert isinstance(told, Picture)
    assert set(told.numbers) == {"15% masked", "50% masked", "85% masked"}
    assert all(0 < nats < 10 for nats in told.numbers.values())
    for name, view in views().items():
        if view.takes == "points":
            (refused,) = show(scene, Ask(name))
            assert isinstance(refused, Refusal)
    (refused,) = show(Run(small("histogram")).scene(), Ask("held_out"))
    assert isinstance(refused, Refusal)


def test_looking_at_held_out_text_leaves_training_as_it_is() -> None:
    alone, watched = run_of(4), run_of(2)
    list(show(watched.scene(), Ask("held_out")))
    for _ in watched.steps(2):
        pass
    assert same(alone.fit, watched.fit)


def test_what_draws_points_is_refused_of_a_text() -> None:
    run = run_of()
    with pytest.raises(Refused, match="dgm-studio unmask"):
        model_states(run.scene(), 3, None, run.generator(2))
    with pytest.raises(Refused, match="dgm-studio unmask"):
        _ = run.points_data
    with pytest.raises(Refused, match="Slow motion draws points"):
        slow_motion(run, run.beats())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (DataSpec("moons"), "no text named 'moons'"),
        (DataSpec("painted", points=POINTS), "are points"),
        (own_text("short.txt", "And it was so.\n"), "shorter window"),
        (own_text("blank.txt", " \n "), "shorter window"),
    ],
)
def test_data_that_are_no_text_to_learn_from_are_refused(data: DataSpec, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        Run(text_recipe("masked-text", data=data))


def test_a_text_without_a_known_token_is_refused_and_the_run_goes_on() -> None:
    run = run_of(1)
    with pytest.raises(Refused, match="no token of this model's vocabulary"):
        run.change_data(own_text("greek.txt", "Ἐν ἀρχῇ ἦν ὁ λόγος " * 30))
    for _ in run.steps(1):
        pass
    assert run.fit.step == 2


def test_a_family_of_points_learns_no_text() -> None:
    with pytest.raises(Refused, match="learns from points"):
        Run(small("histogram", own_text()))


def test_a_corpus_and_a_file_are_named_alike(tmp_path: Path) -> None:
    file = tmp_path / "own.txt"
    file.write_text(small_text())
    assert text_spec("") == DataSpec("kjv")
    assert text_spec("austen") == DataSpec("austen")
    assert text_spec(str(file)).text == TextSet(small_text(), "own.txt", str(file))
    with pytest.raises(Refused, match="kjv"):
        text_spec("kjw")
    with pytest.raises(Refused, match="no file"):
        text_spec(str(tmp_path / "none.txt"))
