"""Strips of pictures as PNG, GIF and MP4: exactly so many frames, their colours, nothing left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.GifImagePlugin import GifImageFile

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.export.pictures import GROUND, enlarged, sheet
from dgm_studio.export.strip import MOVING, ROW, write_strip


def pictures(count: int, channels: int, side: int = 8) -> Array:
    """A bright bar that wanders over a dark ground; where there are colours, through all of them."""
    made = np.full((count, channels, side, side), 20, dtype=np.uint8)
    for index in range(count):
        made[index, index % channels, :, index % side] = 230
    return made


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [1, 21])
def test_a_film_has_all_its_frames(count: int, channels: int, tmp_path: Path) -> None:
    own = pictures(count, channels)
    gif = finish(write_strip(tmp_path / "a.gif", own, frames_per_second=10))
    with GifImageFile(gif) as film:
        assert film.n_frames == count
        assert film.size == (MOVING, MOVING)
        for index in range(count):
            film.seek(index)
            assert count == 1 or film.info["duration"] == 100
            seen = np.asarray(film.convert("RGB"), dtype=int)[:: MOVING // 8, :: MOVING // 8]
            wanted = own[index].astype(int).transpose(1, 2, 0)
            assert np.abs(seen - wanted).max() <= (0 if channels == 1 else 24)
    assert list(tmp_path.iterdir()) == [gif]


@pytest.mark.parametrize("channels", [1, 3])
def test_an_mp4_has_all_its_frames(channels: int, tmp_path: Path) -> None:
    import av

    own = pictures(13, channels)
    path = finish(write_strip(tmp_path / "a.mp4", own, frames_per_second=12.5))
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert float(stream.average_rate or 0) == pytest.approx(12.5)
        frames = [frame.to_ndarray(format="rgb24").astype(int) for frame in film.decode(stream)]
    assert len(frames) == 13
    assert frames[0].shape == (MOVING, MOVING, 3)
    middle = MOVING // 16
    for frame, one in zip(frames, own, strict=True):
        seen = frame[middle :: MOVING // 8, middle :: MOVING // 8].mean(2)
        assert np.abs(seen - one.mean(0)).max() <= 16
    assert list(tmp_path.iterdir()) == [path]


def test_a_png_goes_on_below(tmp_path: Path) -> None:
    own = pictures(ROW + 3, 1)
    path = finish(write_strip(tmp_path / "a.png", own))
    with Image.open(path) as picture:
        small = np.asarray(picture)[::4, ::4]
    assert small.shape == (2 * 8 + 1, ROW * 8 + ROW - 1)
    assert np.array_equal(small[:8, :8], own[0, 0])
    assert np.array_equal(small[9:, 18:26], own[ROW + 2, 0])
    assert (small[8] == GROUND).all()
    assert (small[9:, 27:] == GROUND).all()


def test_a_cancelled_film_leaves_nothing(tmp_path: Path) -> None:
    for ending in (".gif", ".mp4"):
        writing = write_strip(tmp_path / f"a{ending}", pictures(9, 1))
        assert next(writing).done == 1
        writing.close()
        assert list(tmp_path.iterdir()) == []


def test_a_sheet_has_its_columns() -> None:
    assert sheet(pictures(5, 3), 2, scale=1, gap=2).size == (18, 28)
    assert sheet(pictures(2, 1), 9, scale=3, gap=0).size == (48, 24)
    assert enlarged(pictures(1, 3)[0], 2).mode == "RGB"


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"use \.png, \.gif, \.mp4"):
        finish(write_strip(tmp_path / "a.avi", pictures(2, 1)))
    with pytest.raises(Refused, match="no pictures to write"):
        finish(write_strip(tmp_path / "a.gif", pictures(0, 1)))
    with pytest.raises(Refused, match="no pictures to write"):
        sheet(pictures(0, 1), 3)
    with pytest.raises(Refused, match="give bytes"):
        enlarged(np.zeros((1, 4, 4)))
