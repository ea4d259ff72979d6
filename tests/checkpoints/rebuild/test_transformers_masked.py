"""Masked language models of transformers: rebuilt without from_pretrained, they answer as the library's own do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dgm_studio.checkpoints.candidates.judging import inspect
from dgm_studio.checkpoints.rebuild.rebuilt import Masked
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, TEXT, Candidate
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.rebuilding import rebuilding
from tests.checkpoints.masked_folders import KINDS, WORDS, edit_config, write_masked_model


def _rebuilt(folder: Path) -> Masked:
    made = finish(rebuilding(folder, {}, "cpu"))
    assert isinstance(made, Masked)
    return made


def _answer(folder: Path) -> Candidate:
    return next(one for one in inspect(folder).candidates if one.id == "transformers-masked")


@pytest.mark.parametrize("kind", KINDS)
def test_the_logits_are_the_librarys(kind: str, tmp_path: Path) -> None:
    model = write_masked_model(tmp_path, kind)
    own = _rebuilt(tmp_path)
    ids = torch.randint(5, len(WORDS), (2, 9), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        torch.testing.assert_close(own.logits(ids), model(input_ids=ids).logits)
    assert not any(weight.is_meta or weight.requires_grad for weight in own.net.parameters())
    best = inspect(tmp_path).best
    assert best is not None
    assert (best.id, best.makes, best.extra) == ("transformers-masked", TEXT, "text")


def test_words_come_from_the_tokenizer(tmp_path: Path) -> None:
    write_masked_model(tmp_path, "bert")
    own = _rebuilt(tmp_path)
    assert (own.before, own.after, own.mask, own.special) == ((1,), (2,), 4, (0, 1, 2, 3))
    assert own.words[5:13] == ("the", "cat", "sat", "on", "mat", "s", "dog", ".")
    assert own.glue[10]
    assert own.glue[12]
    assert not own.glue[5]
    assert [WORDS[k] for k in own.split("the cats sat.")] == ["the", "cat", "##s", "sat", "."]
    assert own.join(own.split("the cats sat")) == "the cats sat"
    assert own.length == 22  # 24 places, [CLS] and [SEP] take two


def test_old_files_with_a_word_list_only(tmp_path: Path) -> None:
    write_masked_model(tmp_path, "bert", tokenizer=False)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    own = _rebuilt(tmp_path)
    assert [WORDS[k] for k in own.split("The CATS sat.")] == ["the", "cat", "##s", "sat", "."]
    assert (own.before, own.after, own.mask) == ((1,), (2,), 4)


def test_without_a_tokenizer_ids_stand_for_words(tmp_path: Path) -> None:
    write_masked_model(tmp_path, "distilbert", tokenizer=False)
    own = _rebuilt(tmp_path)
    assert own.words[7] == "<7>"
    assert own.split("<7> <12>") == [7, 12]
    assert own.join([7, 12]) == "<7> <12>"
    told = next(one for one in own.settings if one.name == "words")
    assert told.source.startswith("assumed")


def test_what_does_not_fit_is_broken_with_the_reason(tmp_path: Path) -> None:
    write_masked_model(tmp_path, "roberta")
    assert _answer(tmp_path).verdict == MATCH
    edit_config(tmp_path, num_hidden_layers=10**5)
    assert _answer(tmp_path).verdict == BROKEN
    assert "2 layers" in _answer(tmp_path).reasons[0]
    edit_config(tmp_path, num_hidden_layers=2, vocab_size=41)
    assert "word_embeddings" in _answer(tmp_path).reasons[0]
    edit_config(tmp_path, vocab_size=len(WORDS), intermediate_size=25)
    with pytest.raises(Refused, match=r"E13.*do not fit"):
        _rebuilt(tmp_path)
    edit_config(tmp_path, intermediate_size=24, hidden_act="no such thing")
    with pytest.raises(Refused, match=r"config\.json does not describe"):
        _rebuilt(tmp_path)
    edit_config(tmp_path, architectures=["RobertaModel"])
    assert _answer(tmp_path).verdict == NOT_MINE


def test_entries_of_the_config_outside_the_table_are_not_passed_on(tmp_path: Path) -> None:
    model = write_masked_model(tmp_path, "bert")
    edit_config(tmp_path, num_labels=10**12, auto_map={"AutoModelForMaskedLM": "evil.Model"}, quantization_config={})
    ids = torch.arange(5, 12)[None]
    with torch.no_grad():
        torch.testing.assert_close(_rebuilt(tmp_path).logits(ids), model(input_ids=ids).logits)
    assert any("auto_map" in reason for reason in _answer(tmp_path).reasons)
