"""Scrub over the real worker: the path, the hand in the plane and on the picture, places, arithmetic, files."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import DATA, FILE, SEED, Spot
from dgm_studio.core.picture_requests import Decode
from dgm_studio.core.pictures import to_bytes
from dgm_studio.core.requests import Request
from dgm_studio.families.pictures.capabilities import DecodesLatent
from dgm_studio.gui.panels.latents import key_row
from dgm_studio.gui.panels.latents.browser import Browser
from dgm_studio.gui.panels.latents.drawing import Drawing
from dgm_studio.gui.panels.latents.export import ExportStrip
from dgm_studio.gui.panels.latents.keyframes import MOST, Key
from dgm_studio.gui.panels.latents.panel import LatentsPanel
from dgm_studio.gui.panels.latents.scrub_mode import ScrubMode
from dgm_studio.lab.native import load_pictures
from tests.gui.panels.latents.conftest import NAMES, PATIENCE, SIDE, OpenLatents, pictures


@pytest.fixture
def panel(opened: OpenLatents, models: dict[str, str]) -> LatentsPanel:
    """The VAE's path, whole and standing."""
    return opened(models["vae"])


@pytest.fixture
def scrub(panel: LatentsPanel) -> ScrubMode:
    return panel.scrub_mode


def decoded(path: str, z: Array) -> Array:
    """What the checkpoint's own decoder makes of latents (n, k), without the studio's worker."""
    model, *_ = load_pictures(Path(path), "cpu")
    assert isinstance(model, DecodesLatent)
    with torch.no_grad():
        flat = model.decode(torch.tensor(np.asarray(z, dtype=np.float32)))
    return to_bytes(flat.numpy()).reshape(-1, 1, SIDE, SIDE)


def here(scrub: ScrubMode) -> Array:
    """The latent one is at."""
    assert scrub.show.z is not None
    return scrub.show.z


def settle(qtbot: QtBot, panel: LatentsPanel) -> None:
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def test_the_first_path_goes_through_pictures_of_different_classes(
    scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str]
) -> None:
    show, strip = scrub.show, scrub.show.strip
    assert strip is not None
    assert [key.spot.kind for key in scrub.keys.keys if key.spot] == [DATA] * 3
    assert {key.label for key in scrub.keys.keys} == {0, 1, 2}
    assert strip.whole
    assert strip.total == 64
    at = show.key_frames()
    np.testing.assert_allclose(strip.latents[list(at)], scrub.keys.latents(), atol=1e-5)
    np.testing.assert_array_equal(show.picture.tile.pixels, strip.pixels[0])
    assert np.abs(decoded(models["vae"], strip.latents).astype(int) - strip.pixels).max() <= 1
    assert panel.transport.tracks["path"].ticks == pytest.approx([frame / 63 for frame in at])
    assert NAMES[scrub.keys.keys[0].label] in show.picture.keys.buttons[0].accessibleName()
    strip = scrub.show.strip
    assert strip is not None
    panel.step(5)
    np.testing.assert_array_equal(scrub.show.picture.tile.pixels, strip.pixels[5])
    assert scrub.show.picture.strip.current == 5
    assert "between 1 and 2" in panel.transport.tracks["path"].note
    panel.transport.scrubbed.emit("path", 40.0)
    np.testing.assert_array_equal(scrub.show.picture.tile.pixels, strip.pixels[40])
    panel.go(1.0)
    assert scrub.show.place_text() == "place 3"
    scrub.select(1)
    assert scrub.show.place_text() == "place 2"


def test_a_press_in_the_plane_shows_the_picture_there(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str]
) -> None:
    plane, found = scrub.show.picture.plane, scrub.show.map
    assert found is not None
    frame = plane.frame_now()
    scrub.show.picture.chips.chips["path"].click()  # else a press might take a place
    at = QPoint(round(frame.left + 0.8 * frame.side), round(frame.top + 0.3 * frame.side))
    QTest.mousePress(plane, Qt.MouseButton.LeftButton, pos=at)
    u, v = frame.to_plane(at.x(), at.y())
    assert u == pytest.approx(0.6 * found.extent, abs=0.02 * found.extent)
    assert v == pytest.approx(0.4 * found.extent, abs=0.02 * found.extent)
    settle(qtbot, panel)
    wanted = found.centre + np.array([u, v]) @ found.basis
    assert scrub.show.free
    np.testing.assert_allclose(here(scrub), wanted, atol=1e-5)
    tile = scrub.show.picture.tile.pixels
    assert tile is not None
    assert np.abs(decoded(models["vae"], wanted[None])[0].astype(int) - tile).max() <= 1
    assert plane.at == pytest.approx((u, v), abs=1e-4)
    assert scrub.readouts.here.items()["Off the plane"] == "0.00"
    QTest.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=at)
    view, before = scrub.show.picture.tile, here(scrub)
    box = view.box()
    start = box.center().toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view, start + QPoint(round(box.width() / 4), 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)
    settle(qtbot, panel)
    by = (here(scrub) - before) @ found.basis.T
    assert by == pytest.approx([found.extent / 2, 0.0], abs=0.05 * found.extent)


def test_of_many_positions_only_the_newest_is_decoded(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link, sent = panel.studio.link, []
    real = link.send

    def counted(request: Request) -> int:
        sent.append(request)
        return real(request)

    monkeypatch.setattr(link, "send", counted)
    for step in range(30):
        scrub.show.go_in_plane(0.01 * step, 0.0)
    assert [type(one) for one in sent] == [Decode]
    settle(qtbot, panel)
    assert [type(one) for one in sent] == [Decode, Decode]
    assert scrub.show.z is not None
    tile = scrub.show.picture.tile.pixels
    assert tile is not None
    assert np.abs(decoded(models["vae"], scrub.show.z[None])[0].astype(int) - tile).max() <= 1


def test_a_direction_slider_goes_along_its_vector(qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel) -> None:
    sliders, before = scrub.readouts.directions, scrub.show.z
    assert sliders.found is not None
    assert before is not None
    assert set(sliders.found.kinds) == {"principal", "class", "axis"}
    sliders.choose("axis")
    index, slider = next(iter(sliders.sliders.items()))
    slider.moved.emit(1.0)  # three standard deviations
    settle(qtbot, panel)
    away = here(scrub) - before
    vector = sliders.found.vectors[index]
    np.testing.assert_allclose(away, (away @ vector) * vector, atol=1e-5)
    assert slider.note == "+3.00 σ"
    assert slider.fraction == pytest.approx(1.0, abs=1e-3)
    sums = scrub.form.arithmetic
    for box, place in zip(sums.boxes, (2, 1, 0), strict=True):
        box.setCurrentIndex(place)
    sums.go.click()
    settle(qtbot, panel)
    keys = scrub.keys.latents()
    np.testing.assert_allclose(here(scrub), keys[2] - keys[1] + keys[0], atol=1e-5)


def test_places_are_added_changed_moved_and_removed(qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel) -> None:
    first = [key.spot for key in scrub.keys.keys]
    scrub.choose(key_row.SEED, into=False)
    settle(qtbot, panel)
    assert [key.spot.kind for key in scrub.keys.keys if key.spot] == [DATA, SEED, DATA, DATA]
    assert np.isnan(scrub.keys.keys[1].error)
    scrub.show.go_in_plane(0.1, 0.2)
    settle(qtbot, panel)
    scrub.choose(key_row.HERE, into=True)
    settle(qtbot, panel)
    assert scrub.keys.keys[1].spot is None
    found = scrub.show.map
    assert found is not None
    np.testing.assert_allclose(scrub.keys.latents()[1], found.centre + np.array([0.1, 0.2]) @ found.basis, atol=1e-5)
    scrub.places.move(1)
    assert [key.spot for key in scrub.keys.keys][:2] == first[:2]
    scrub.places.remove()
    settle(qtbot, panel)
    assert [key.spot for key in scrub.keys.keys] == first
    row = scrub.show.picture.keys
    scrub.places.remove()
    assert not row.remove.isEnabled()
    while len(scrub.keys) < MOST:
        scrub.choose(key_row.SEED, into=False)
    settle(qtbot, panel)
    assert not row.add.isEnabled()
    assert len([button for button in row.buttons if not button.isHidden()]) == MOST
    panel.restart()
    settle(qtbot, panel)
    kinds = [key.spot.kind for key in scrub.keys.keys if key.spot]
    assert kinds == [SEED] * MOST
    assert len({key.spot.seed for key in scrub.keys.keys if key.spot}) == MOST


def test_the_manifold_is_decoded_over_the_plane(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str]
) -> None:
    scrub.form.manifold.set_values({"side": 5})
    panel.press_layer(2)
    settle(qtbot, panel)
    grid, found = scrub._grid, scrub.show.map
    assert grid is not None
    assert found is not None
    assert grid.total == 25
    assert np.abs(decoded(models["vae"], found.centre[None])[0].astype(int) - grid.pixels[12]).max() <= 1
    corner = found.centre + np.array([-found.extent, found.extent]) @ found.basis
    assert np.abs(decoded(models["vae"], corner[None])[0].astype(int) - grid.pixels[0]).max() <= 1
    sheet = scrub.show.picture.plane.manifold
    assert sheet is not None
    assert (sheet.width(), sheet.height()) == (5 * SIDE, 5 * SIDE)
    scrub.form.path.set_values({"mode": "lerp", "frames": 31, "closed": True})
    scrub.form.path_wanted.emit("closed", True)
    settle(qtbot, panel)
    strip = scrub.show.strip
    assert strip is not None
    assert strip.total == 31
    np.testing.assert_allclose(strip.latents[0], strip.latents[-1], atol=1e-6)
    np.testing.assert_allclose(strip.latents[5], scrub.keys.latents()[:2].mean(0), atol=1e-5)  # straight, half way
    assert scrub.show.key_frames() == (0, 10, 20, 30)


def test_a_file_and_a_drawing_become_places(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, tmp_path: Path
) -> None:
    file = tmp_path / "bars.png"
    Image.fromarray(pictures().pixels[0, 0]).save(file)
    assert panel.drop(str(file))
    qtbot.waitUntil(lambda: len(scrub.keys) == 4, timeout=PATIENCE)
    settle(qtbot, panel)
    key = scrub.keys.current
    assert key is not None
    assert key.spot is not None
    assert key.spot.kind == FILE
    np.testing.assert_array_equal(key.pixels, pictures().pixels[0])
    assert 0 < key.error < 1
    assert scrub.readouts.error.text != "–"
    scrub.choose(key_row.DRAW, into=False)
    drawing = panel.window().findChild(Drawing)
    assert drawing is not None
    assert not drawing.take.isEnabled()
    drawing.pad.stroke((1.0, 4.0), (7.0, 4.0), 1.0)
    drawing.take.click()
    settle(qtbot, panel)
    drawn = scrub.keys.current
    assert drawn is not None
    assert drawn.pixels is not None
    assert drawn.pixels[0, 3:5, 2:6].min() > 200
    assert drawn.pixels[0, 0].max() == 0
    file = tmp_path / "broken.png"
    file.write_bytes(b"no picture")
    assert panel.drop(str(file))
    qtbot.waitUntil(panel.banner.isVisible, timeout=PATIENCE)
    assert "broken.png" in panel.banner.sentence.text()
    assert len(scrub.keys) == 5


def test_the_browser_shows_one_class_and_is_chosen_from(qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel) -> None:
    scrub.choose(key_row.DATA, into=True)
    browser = panel.window().findChild(Browser)
    assert browser is not None
    qtbot.waitUntil(lambda: len(browser.labels) > 0, timeout=PATIENCE)
    assert set(browser.labels.tolist()) == {0, 1, 2}
    browser.classes.setCurrentIndex(2)
    browser.classes.activated.emit(2)
    qtbot.waitUntil(lambda: set(browser.labels.tolist()) == {1}, timeout=PATIENCE)
    second = int(browser.indices[1])
    shown = browser.grid.pixels[1]
    QTest.keyClick(browser.grid, Qt.Key.Key_Right)
    QTest.keyClick(browser.grid, Qt.Key.Key_Return)
    settle(qtbot, panel)
    key = scrub.keys.keys[0]
    assert key.spot is not None
    assert (key.spot.index, key.label) == (second, 1)
    np.testing.assert_array_equal(key.pixels, shown)


def test_play_runs_and_a_drag_stops_it(qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel) -> None:
    panel.toggle_play()
    qtbot.waitUntil(lambda: scrub.player.playing, timeout=PATIENCE)
    qtbot.waitUntil(lambda: scrub.show.index > 0, timeout=PATIENCE)
    scrub.show.go_in_plane(0.0, 0.0)
    assert not scrub.player.playing
    settle(qtbot, panel)
    assert scrub.show.free
    panel.step(1)
    assert not scrub.show.free


def test_a_generator_without_encoder_begins_with_seeds(opened: OpenLatents, models: dict[str, str]) -> None:
    panel = opened(models["gan"])
    scrub = panel.scrub_mode
    assert [key.spot.kind for key in scrub.keys.keys if key.spot] == [SEED] * 4
    menu = scrub.show.picture.keys.menu(lambda way: None, order=False)
    greyed = {action.text() for action in menu.actions() if not action.isEnabled()}
    assert greyed == {"A picture of the data…", "A picture file…", "Draw one…"}
    assert scrub.drop("some.png")
    assert "no encoder" in panel.banner.sentence.text()
    assert len(scrub.keys) == 4


def test_a_model_of_codes_has_no_path_and_says_so(opened: OpenLatents, models: dict[str, str]) -> None:
    panel = opened(models["vqvae"])
    scrub = panel.scrub_mode
    if scrub.report is None:  # else its encoder's numbers are a space one can go through
        assert scrub.empty.isVisible()
        assert "VAE" in scrub.empty.sentence.text()


def test_another_model_keeps_the_places(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str]
) -> None:
    scrub.places.put(Key(Spot(SEED, seed=7)), into=False)
    settle(qtbot, panel)
    panel.choose(models["gan"])
    qtbot.waitUntil(lambda: panel.lane.report is not None and panel.lane.report.family == "gan", timeout=PATIENCE)
    settle(qtbot, panel)
    assert len(scrub.keys) == 4
    panel.choose(models["vae"])
    qtbot.waitUntil(lambda: panel.lane.report is not None and panel.lane.report.family == "vae", timeout=PATIENCE)
    settle(qtbot, panel)
    assert len(scrub.keys) == 4


def test_a_model_that_cannot_be_opened_leaves_the_one_before(
    qtbot: QtBot, scrub: ScrubMode, panel: LatentsPanel, models: dict[str, str], tmp_path: Path
) -> None:
    panel.choose(str(tmp_path / "none.safetensors"))
    qtbot.waitUntil(panel.banner.isVisible, timeout=PATIENCE)
    assert panel.source == models["vae"]
    scrub.choose(key_row.SEED, into=False)
    settle(qtbot, panel)
    assert len(scrub.keys) == 4
    assert scrub.show.strip is not None
    assert scrub.show.strip.whole


def test_a_session_comes_back(qtbot: QtBot, opened: OpenLatents, models: dict[str, str], panel: LatentsPanel) -> None:
    scrub = panel.scrub_mode
    scrub.places.put(Key(Spot(FILE, pixels=pictures().pixels[3], title="mine")), into=False)
    scrub.form.path.set_values({"mode": "norm", "frames": 40})
    settle(qtbot, panel)
    held = panel.session()
    again = opened(models["gan"])
    again.restore(held)
    assert again.source == models["vae"]
    again.choose(again.source)
    qtbot.waitUntil(lambda: again.lane.report is not None and again.lane.report.family == "vae", timeout=PATIENCE)
    settle(qtbot, again)
    assert len(again.scrub_mode.keys) == 4
    own = again.scrub_mode.keys.keys[1]
    np.testing.assert_array_equal(own.pixels, pictures().pixels[3])
    assert again.scrub_mode.form.values()["frames"] == 40
    strip = again.scrub_mode.show.strip
    assert strip is not None
    assert strip.total == 40
    again.restore({"scrub": {"knobs": {"frames": "many"}}, "mode": "nowhere", "source": 3})
    assert again.scrub_mode.form.values()["frames"] == 40


def test_the_path_is_written(qtbot: QtBot, panel: LatentsPanel, scrub: ScrubMode, tmp_path: Path) -> None:
    scrub.form.path.set_values({"frames": 20})
    scrub.form.path_wanted.emit("frames", 20)
    settle(qtbot, panel)
    dialog = panel.export_dialog(panel)
    assert isinstance(dialog, ExportStrip)
    for kind in ("strip", "gif", "mp4"):
        dialog.choose(kind)
        dialog.begin(str(tmp_path / kind))
        qtbot.waitUntil(lambda: not dialog.writing, timeout=PATIENCE)
    assert {file.name for file in tmp_path.glob("*.*")} == {"strip.png", "gif.gif", "mp4.mp4"}
    with Image.open(tmp_path / "gif.gif") as moving:
        assert getattr(moving, "n_frames", 1) == 20
    with Image.open(tmp_path / "strip.png") as still:
        assert still.width > 16 * SIDE
    with av.open(str(tmp_path / "mp4.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 20
    dialog.close()
