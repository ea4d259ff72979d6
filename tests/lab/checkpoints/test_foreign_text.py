"""A masked language model of another program in the Text panel's films, and under the verb unmask."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Answer
from dgm_studio.core.requests import Corrupt, Judge, Pick, Sweep, Unmask
from dgm_studio.core.unmasking import SweepPoint, TextQuality, TokenFilmReport
from dgm_studio.lab.checkpoints.foreign_text import ForeignText
from dgm_studio.lab.checkpoints.foreign_words import ForeignWords
from dgm_studio.lab.corpus_desk import CorpusDesk
from dgm_studio.lab.film_desk import FilmDesk
from dgm_studio.lab.prompt import start_of, written_length
from dgm_studio.lab.text_model import TextModel, open_text
from dgm_studio.lab.unmask_command import unmask
from dgm_studio.lab.unmask_task import UnmaskTask, film_report, new_film
from tests.checkpoints.masked_folders import WORDS, write_masked_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bert")
    write_masked_model(made, "bert")
    return made


@pytest.fixture(scope="module")
def text(folder: Path) -> TextModel:
    return open_text(folder, "cpu")


def test_special_tokens_are_never_drawn_and_ids_go_there_and_back(text: TextModel) -> None:
    words, model = text.vocabulary, text.model
    assert isinstance(words, ForeignWords)
    assert isinstance(model, ForeignText)
    assert len(words) == len(WORDS) - 5 == model.noise == model.mask
    ids = words.encode("the cats sat on the mat.")
    assert [words.tokens[k] for k in ids] == ["the", "cat", "s", "sat", "on", "the", "mat", "."]
    assert words.decode(ids) == "the cats sat on the mat."
    assert words.decode([*ids[:1], model.mask, *ids[3:4]]) == "the ___ sat"
    with pytest.raises(Refused, match="no token of this model"):
        words.encode("zebra?")


@torch.no_grad()
def test_logits_are_the_models_between_its_own_ends(text: TextModel) -> None:
    model = text.model
    assert isinstance(model, ForeignText)
    ids = torch.tensor([[0, model.mask, 3]])  # the ___ on
    native = torch.tensor([[1, 5, 4, 8, 2]])  # [CLS] the [MASK] on [SEP]
    torch.testing.assert_close(model.logits(ids), model.masked.logits(native)[:, 1:4, 5:])


def test_a_prompt_is_as_long_as_it_is_written(text: TextModel) -> None:
    words = text.vocabulary
    assert written_length("the ___ sat", words) == 3
    assert written_length("the ___*4 sat.", words) == 7
    assert written_length("", words) == 32
    ids, locked = start_of("the ___ × 2 cats", words, 5, 20, -1)
    assert ids.tolist() == [0, -1, -1, 1, 5]
    assert locked.tolist() == [True, False, False, True, True]


def test_the_film_restores_every_gap_and_tells_what_it_is_of(text: TextModel, folder: Path) -> None:
    kept = new_film(text, Unmask("film", str(folder), "the ___ sat on the ___.", 0, {"steps": 2}, 3))
    report = film_report(kept)
    assert isinstance(report, TokenFilmReport)
    assert (len(report.words), report.mask, report.kind) == (len(WORDS) - 4, len(WORDS) - 5, "masked")
    assert report.words[-1] == "___"
    assert report.glue[5]
    assert not report.glue[0]
    last = list(kept.film.walk())[-1]
    assert not (last.ids == report.mask).any()
    assert last.ids[[0, 2, 3, 4, 6]].tolist() == text.vocabulary.encode("the sat on the.").tolist()


def test_what_compares_with_a_corpus_says_nothing_but_works(text: TextModel, folder: Path) -> None:
    kept = new_film(text, Unmask("film", str(folder), "the ___ ___", 0, {"order": "manual", "temperature": 0.0}, 0))
    task = UnmaskTask(kept, CorpusDesk())
    list(task.receive(Pick("film", 1, 2)))
    list(task.receive(Judge("film", steps=(0, 1), id=7)))
    answers = [one for one in task.watch() or () if isinstance(one, Answer)]
    told = answers[0].value
    assert isinstance(told[1], TextQuality)
    assert told[1].distinct == 1.0
    assert math.isnan(told[1].pairs)
    assert told[1].nearest == 0
    list(task.receive(Sweep("film", orders=("random",), steps=(1, 2), samples=1)))
    points = [one for one in task.watch() or () if isinstance(one, SweepPoint)]
    assert [one.calls for one in points] == [1, 2]
    assert all(math.isnan(one.pairs) for one in points)
    (noised,) = task.receive(Corrupt("film", text="the cat sat", seed=1))
    assert isinstance(noised, Answer)
    task.close()


def test_the_desk_reads_a_folder_in_slices_and_keeps_it(folder: Path) -> None:
    desk = FilmDesk()
    request = Unmask("film", str(folder), "the ___", 0, {}, 0)
    slices = sum(1 for _ in desk.preparing(request, {}, "cpu"))
    assert slices >= 3
    task = desk.open(request, {}, "cpu")
    again = desk.open(Unmask("second", str(folder), "", 5, {}, 0), {}, "cpu")
    assert again.kept.text is task.kept.text
    assert len(again.film.now.ids) == 5


def test_unmask_of_a_folder(folder: Path) -> None:
    told = unmask(str(folder), "the ___ sat on the mat.", 0, None, "", 1, ["temperature=0"], True, True)
    assert told["steps"] == 1
    assert told["text"].startswith("the ")
    assert told["text"].endswith(" sat on the mat.")
    assert np.isfinite(told["records"][1]["entropy"]).all()


def test_the_desk_heeds_what_was_chosen_of_the_file(folder: Path) -> None:
    desk = FilmDesk()
    asked = Unmask("film", str(folder), "the ___ sat", choice={"candidate": "transformers-masked"})
    assert sum(1 for _ in desk.preparing(asked, {}, "cpu")) >= 2
    assert desk.open(asked, {}, "cpu").kept.text.data is None
    with pytest.raises(Refused, match="No 'dcgan' can run this file"):
        desk.open(Unmask("film", str(folder), "the ___ sat", choice={"candidate": "dcgan"}), {}, "cpu")
