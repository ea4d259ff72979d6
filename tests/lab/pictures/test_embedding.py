"""The joint embedding: taught, written, read, and the one that ships finds glyphs by their captions."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.resources import resource
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures import picture_sets
from dgm_studio.lab.pictures.embedding import Embedding, embedding_of, open_embedding, save_embedding
from dgm_studio.lab.pictures.teaching_embedding import teaching
from tests.pictures import NAMES, small_pictures


def test_it_learns_which_caption_a_picture_has_and_survives_its_file(tmp_path: Path) -> None:
    own = small_pictures(48)
    points, captions = torch.tensor(own.pixels.reshape(48, 64)), [NAMES[label] for label in own.labels]
    net, wording = finish(teaching(points, captions, PictureShape(1, 8, 8, 3), 30, torch.Generator().manual_seed(0)))
    found = Embedding(net, "stripes", wording, {"steps": 30})
    figures = found.retrieval(points, captions)
    assert figures["caption found"] == 1.0
    assert figures["picture found"] == 1.0
    shifted = [*captions[1:], *captions[:1]]
    assert found.alignment(points, captions).mean() > found.alignment(points, shifted).mean() + 0.3
    path = tmp_path / "a.safetensors"
    save_embedding(found, path, {"steps": 30})
    again = open_embedding(path)
    assert (again.data, again.wording, again.figures) == ("stripes", wording, {"steps": 30.0})
    torch.testing.assert_close(again.of_captions(NAMES), found.of_captions(NAMES), rtol=0.02, atol=0.02)
    cosines = found.of_pictures(points) @ found.of_captions(captions).T
    torch.testing.assert_close(found.alignment(points, captions), cosines.diagonal())


def test_other_files_are_refused() -> None:
    with pytest.raises(Refused, match="cannot be read as an embedding: it is of another kind"):
        open_embedding(resource("checkpoints", "glyph-classifier.safetensors"))


def test_the_shipped_one_finds_the_captions_of_held_out_glyphs() -> None:
    path = resource("checkpoints", "glyph-clip.safetensors")
    assert 1e6 < path.stat().st_size < 8e6
    own = picture_sets()["glyphs"].load()
    found = embedding_of("glyphs", own.shape)
    assert found is not None
    assert found.figures["caption found"] >= 0.75
    assert found.figures["caption among 5"] >= 0.95
    points = torch.tensor(own.held_out[::6].reshape(-1, 784))
    captions = own.held_captions[::6]
    figures = found.retrieval(points, captions)  # among fewer it is easier
    assert figures["caption found"] >= found.figures["caption found"] - 0.02
    assert figures["alignment"] == pytest.approx(found.figures["alignment"], abs=0.03)
    assert found.alignment(points, [*captions[1:], *captions[:1]]).mean() < 0.2
    assert embedding_of("fashion-mnist", own.shape) is None
    assert embedding_of("glyphs", PictureShape(1, 8, 8)) is None
