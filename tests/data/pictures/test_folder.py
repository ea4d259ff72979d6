"""A person's own pictures: what is read, how it is cropped, and what is left out or refused by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dgm_studio.core.errors import Refused
from dgm_studio.data.pictures import folder as module
from dgm_studio.data.pictures.folder import read_folder, read_picture, read_pictures


def picture(file: Path, size: tuple[int, int] = (40, 40), colour: str = "red", mode: str = "RGB") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(file)
    return file


def test_the_middle_is_kept_and_the_sides_are_cut(tmp_path: Path) -> None:
    wide = Image.new("RGB", (90, 30), "black")
    wide.paste("white", (30, 0, 60, 30))
    wide.save(tmp_path / "wide.png")
    found = read_picture(tmp_path / "wide.png", 8)
    assert found.shape == (1, 8, 8)
    assert (found == 255).all()


def test_a_picture_is_reduced_to_means(tmp_path: Path) -> None:
    """Against numpy: a ramp with strong fine noise becomes the means of its blocks, up to the filter's width."""
    ramp = np.add.outer(np.linspace(20, 110, 128), np.linspace(20, 110, 128))
    levels = np.uint8(ramp + np.random.default_rng(0).uniform(-30, 30, ramp.shape))
    Image.fromarray(levels).save(tmp_path / "ramp.png")
    found = read_picture(tmp_path / "ramp.png", 8)[0].astype(float)
    assert np.abs(found - levels.reshape(8, 16, 8, 16).mean((1, 3))).max() < 4


def test_grey_and_colour(tmp_path: Path) -> None:
    grey, red = picture(tmp_path / "grey.png", colour="#808080"), picture(tmp_path / "red.png")
    assert read_picture(grey, 8).shape == (1, 8, 8)
    assert read_picture(red, 8).shape == (3, 8, 8)
    assert read_picture(red, 8, 1)[0, 0, 0] == round(0.299 * 255)
    assert read_picture(grey, 8, 3).shape == (3, 8, 8)
    assert read_folder(tmp_path, 8).pixels.shape == (2, 3, 8, 8), "one in colour makes all of them RGB"
    assert read_folder(tmp_path, 8, 1).pixels.shape == (2, 1, 8, 8)


def test_transparent_ground_is_white_and_a_turned_photo_is_upright(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (read_picture(tmp_path / "clear.png", 8) == 255).all()
    half = Image.new("L", (8, 8), 0)
    half.paste(255, (0, 0, 8, 4))  # the upper half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: the top goes to the right
    half.save(tmp_path / "turned.png", exif=exif)
    found = read_picture(tmp_path / "turned.png", 8)[0]
    assert found[:, 5:].min() > 200
    assert found[:, :3].max() < 50


def test_folders_are_classes(tmp_path: Path) -> None:
    for name, colours in {"cats": ["red", "blue"], "dogs": ["green"], "empty": []}.items():
        (tmp_path / name).mkdir()
        for k, colour in enumerate(colours):
            picture(tmp_path / name / f"{k}.png", colour=colour)
    found = read_pictures(tmp_path, 8)
    assert found.names == ("cats", "dogs")
    assert found.labels.tolist() == [0, 0, 1]
    assert found.title == tmp_path.name
    assert "3 pictures" in found.source


def test_what_cannot_be_used_is_left_out_and_named(tmp_path: Path) -> None:
    for k in range(3):
        picture(tmp_path / f"{k}.png")
    picture(tmp_path / "print.jpg", colour="red", mode="CMYK")
    Image.fromarray(np.zeros((9, 9), dtype=np.uint16)).save(tmp_path / "deep.png")
    frames = [Image.new("L", (9, 9), level) for level in (0, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    (tmp_path / "broken.png").write_bytes((tmp_path / "0.png").read_bytes()[:60])
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / ".hidden.png").write_bytes(b"")
    found = read_folder(tmp_path, 8)
    assert len(found.pixels) == 3
    assert found.names == ()
    assert "5 left out: broken.png cannot be read" in found.source
    assert "deep.png has 16 bits a channel" in found.source
    assert "moving.gif is animated" in found.source
    assert "and 2 more" in found.source
    for name, why in {"print.jpg": "CMYK", "text.jpg": "no picture", "none.png": "is not there"}.items():
        with pytest.raises(Refused, match=f"'{name}' .*{why}"):
            read_picture(tmp_path / name, 8)


def test_a_huge_picture_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1_000)
    with pytest.raises(Refused, match="40 × 40 pixels, more than 1,000"):
        read_picture(picture(tmp_path / "big.png"), 8)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000)
    with pytest.raises(Refused, match="more than 1,000 pixels"):
        read_picture(tmp_path / "big.png", 8)


def test_of_too_many_some_are_taken_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(6):
        picture(tmp_path / f"{k}.png", colour=f"#{k:02x}{k:02x}{k:02x}")
    monkeypatch.setattr(module, "MOST", 3 * 8 * 8)
    found = read_folder(tmp_path, 8, 1)
    assert found.pixels[:, 0, 0, 0].tolist() == [0, 2, 4]
    assert "3 pictures of 6, evenly chosen" in found.source


@pytest.mark.parametrize(
    ("files", "sentence"), [((), "holds no pictures"), (("one.png",), "holds one picture"), (("bad.png",), "None of")]
)
def test_a_folder_without_enough_is_refused(tmp_path: Path, files: tuple[str, ...], sentence: str) -> None:
    for name in files:
        picture(tmp_path / name)
        if name == "bad.png":
            (tmp_path / name).write_bytes(b"bad")
    with pytest.raises(Refused, match=sentence):
        read_pictures(tmp_path)


def test_what_is_not_there_or_of_no_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no file or folder"):
        read_pictures(tmp_path / "none")
    with pytest.raises(Refused, match="cannot be read; choose 28 or 32"):
        read_pictures(tmp_path, 2)


def test_one_file_is_a_set_of_one(tmp_path: Path) -> None:
    found = read_pictures(picture(tmp_path / "one.png"), 8)
    assert found.pixels.shape == (1, 3, 8, 8)
    assert found.title == "one.png"
