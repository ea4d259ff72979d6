"""Glyphs of a person's own fonts, drawn as those that ship are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dgm_studio.core.caption import CHARACTERS
from dgm_studio.core.errors import Refused
from dgm_studio.core.resources import resource
from dgm_studio.data.pictures.folder import read_pictures
from dgm_studio.data.pictures.fonts import read_fonts
from dgm_studio.data.pictures.glyph import BASELINE, fine_font, glyph

INTER = resource("fonts", "Inter-Bold.ttf")


def test_a_font_becomes_every_letter_and_digit_twice() -> None:
    found = read_pictures(INTER)
    assert found.pixels.shape == (2 * len(CHARACTERS), 1, 28, 28)
    assert (np.bincount(found.labels) == 2).all()
    assert found.names == tuple(CHARACTERS)
    assert found == read_fonts((INTER,)), "one font gives always the same pictures"
    assert found.title == "Inter-Bold.ttf"


def test_a_letter_stands_on_the_baseline_in_the_middle_and_nothing_is_cut_off() -> None:
    font = fine_font(str(INTER), 28)
    for character in CHARACTERS:
        drawn = glyph(font, character, 28)
        assert drawn.max() > 200
        rows, columns = (np.flatnonzero(drawn.max(axis) > 8) for axis in (1, 0))
        assert 0 < rows[0] <= rows[-1] < 27
        assert 0 < columns[0] <= columns[-1] < 27
        assert abs((columns[0] + columns[-1]) / 2 - 13.5) <= 1.0
        if character in "AEHMXZxz14":
            assert rows[-1] == round(BASELINE * 28) - 1


def test_a_letter_is_turned_to_the_left_about_the_middle() -> None:
    """A bar of an I turned by 90 degrees lies down."""
    font = fine_font(str(INTER), 28)
    upright, turned = glyph(font, "I", 28), glyph(font, "I", 28, 90.0)
    assert np.abs(np.rot90(upright).astype(int) - turned).mean() < 1


def test_a_folder_of_fonts_is_read_too(tmp_path: Path) -> None:
    for name in ("Inter-Bold.ttf", "Inter-Regular.ttf"):
        (tmp_path / name).write_bytes(resource("fonts", name).read_bytes())
    found = read_pictures(tmp_path, 16)
    assert found.pixels.shape == (4 * len(CHARACTERS), 1, 16, 16)
    assert found.title == "2 fonts"


def test_what_is_no_font_or_has_no_letters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.ttf").write_bytes(b"no font")
    with pytest.raises(Refused, match=r"'bad.ttf' cannot be read as a font"):
        read_pictures(tmp_path / "bad.ttf")
    with pytest.raises(Refused, match="has none of the letters"):
        read_pictures(resource("fonts", "NotoSansMath-Symbols.ttf"))
