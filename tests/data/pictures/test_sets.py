"""The sets of pictures that ship or lie on this machine: their counts, classes and captions; read in slices."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.caption import CHARACTERS, WORDS, caption, words
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.pictures import PictureShape
from dgm_studio.core.resources import resource
from dgm_studio.data.pictures import are_pictures, picture_sets
from dgm_studio.data.pictures.corpus import Pictures
from dgm_studio.data.pictures.digits import DigitPictures
from dgm_studio.data.pictures.glyphs import GlyphPictures

LOADED: dict[str, Pictures] = {}


def loaded(name: str) -> Pictures:
    """Each set is unpacked once; the slices are timed as it is."""
    if name not in LOADED:
        corpus = type(picture_sets()[name])()
        slow, longest = corpus.loading(), 0.0
        while name not in LOADED:
            start = time.process_time()
            try:
                next(slow)
            except StopIteration as stop:
                LOADED[name] = stop.value
            longest = max(longest, time.process_time() - start)
        assert longest < 0.05
        assert corpus.load() is LOADED[name], "what was read is kept"
    return LOADED[name]


@pytest.mark.parametrize("name", sorted(picture_sets()))
def test_a_set_is_as_its_card_says(name: str) -> None:
    corpus, own = picture_sets()[name], loaded(name)
    assert corpus.card.id == name
    assert (len(own.pixels), len(own.held_out)) == (corpus.card.fact("pictures"), corpus.card.fact("held out"))
    assert own.shape == PictureShape(1, 28, 28, len(own.names))
    assert set(own.labels) == set(own.held_labels) == set(range(len(own.names)))
    assert len(own.labels) == len(own.pixels)
    assert len(own.held_labels) == len(own.held_out)
    assert own.pixels.dtype == np.uint8
    assert own.labels.dtype == np.int64
    assert own.pixels.reshape(len(own.pixels), -1).max(1).min() > 100, "none is blank"
    for array in (own.pixels, own.labels, own.held_out, own.held_labels):
        assert not array.flags.writeable


@pytest.mark.parametrize("name", sorted(picture_sets()))
def test_a_peek_is_the_beginning(name: str) -> None:
    seen, own = picture_sets()[name].peek(10), loaded(name)
    assert (seen.pixels == own.pixels[:10]).all()
    assert (seen.labels == own.labels[:10]).all()
    assert seen.shape == own.shape
    assert len(seen.held_out) == 0


def test_fashion_is_balanced_and_begins_with_one_of_each() -> None:
    own = loaded("fashion-mnist")
    assert (np.bincount(own.labels) == 1_500).all()
    assert (np.bincount(own.held_labels) == 200).all()
    assert own.labels[:10].tolist() == list(range(10))
    learnt = {row.tobytes() for row in own.pixels}
    assert len(learnt) > 14_990
    assert sum(row.tobytes() in learnt for row in own.held_out) < 5


def test_what_ships_is_small() -> None:
    sizes = {file.name: file.stat().st_size for file in resource("pictures").iterdir()}
    assert sizes["fashion-mnist.xz"] < 7_000_000
    assert sizes["glyphs.xz"] < 2_000_000


def test_a_glyph_has_a_caption_of_the_grammar_that_tells_its_traits() -> None:
    own = loaded("glyphs")
    assert own.names == tuple(CHARACTERS)
    assert len(own.captions) == len(own.pixels)
    assert len(own.held_captions) == len(own.held_out)
    assert {word for text in own.captions for word in words(text)} <= set(WORDS)
    for k in range(0, len(own.captions), 97):
        weight, slant, turned = (own.traits[name][k] for name in ("weight", "slant", "rotated"))
        assert own.captions[k] == caption(
            own.names[own.labels[k]], own.traits["style"][k], weight, slant, turned == "rotated"
        )
    assert len(set(own.traits["font"])) == 22


def test_the_traits_are_seen_in_the_pictures() -> None:
    """Bold has more ink than regular, and a capital I in italics leans: its top is to the right of its foot."""
    own = loaded("glyphs")
    ink = own.pixels.reshape(len(own.pixels), -1).mean(1)
    weight, slant, turned = (np.array(own.traits[name]) for name in ("weight", "slant", "rotated"))
    assert ink[weight == "bold"].mean() > 1.3 * ink[weight == "regular"].mean() > 1.3 * ink[weight == "light"].mean()
    lean = {}
    for name in ("upright", "italic"):
        chosen = own.pixels[(own.labels == CHARACTERS.index("I")) & (slant == name) & (turned == "straight"), 0]
        across = np.arange(28)
        top, foot = (chosen[:, rows].sum(1).astype(float) for rows in (slice(5, 9), slice(16, 20)))
        lean[name] = ((top @ across) / top.sum(1) - (foot @ across) / foot.sum(1)).mean()
    assert abs(lean["upright"]) < 0.3
    assert lean["italic"] > 1.0


def test_captions_by_hand() -> None:
    assert caption("g", "serif", "bold", "upright", True) == "bold serif letter g, rotated"
    assert caption("G", "sans", "light", "italic") == "light italic sans capital letter G"
    assert caption("7", "mono") == "mono digit 7"
    assert words("bold serif letter g, rotated") == ("bold", "serif", "letter", "g", "rotated")


def test_digits_are_refused_where_scikit_learn_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dgm_studio.data.pictures.digits.find_spec", lambda name: None)
    corpus = DigitPictures()
    assert not corpus.here()
    with pytest.raises(Refused, match="need scikit-learn"):
        corpus.load()


def test_digits_are_those_of_scikit_learn() -> None:
    """Against its own file, read by numpy: 64 levels and the digit in a row."""
    file = find_spec("sklearn")
    assert file is not None
    assert file.origin is not None
    theirs = np.loadtxt(Path(file.origin).parent / "datasets/data/digits.csv.gz", delimiter=",", dtype=int)
    own, held = loaded("digits"), np.arange(len(theirs)) % 8 == 7
    assert (own.labels == theirs[~held, 64]).all()
    assert (own.held_labels == theirs[held, 64]).all()
    small = own.pixels[:, 0, 2:26, 2:26].reshape(-1, 8, 3, 8, 3).mean((2, 4)) * 16 / 255
    assert np.abs(small.reshape(-1, 64) - theirs[~held, :64]).mean() < 1.0


def test_a_file_that_ends_early_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lzma

    whole = lzma.decompress(resource("pictures", "glyphs.xz").read_bytes())
    (tmp_path / "glyphs.xz").write_bytes(lzma.compress(whole[: len(whole) // 2], preset=0))
    monkeypatch.setattr("dgm_studio.data.pictures.stored.resource", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(EOFError, match="install DGM Studio anew"):
        GlyphPictures().load()


def test_what_are_pictures() -> None:
    assert are_pictures(DataSpec("glyphs"))
    assert are_pictures(DataSpec("digits")), "also where they are not installed: the sentence is about them"
    assert not are_pictures(DataSpec("moons"))
    assert not are_pictures(DataSpec("glyphs", text=TextSet("a text of that name", "glyphs", "")))
