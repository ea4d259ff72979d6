"""Scrub: a path through chosen places of a latent space, played, dragged, and left with the mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.latents import (
    DATA,
    DECODES,
    DENOISES,
    ENCODES,
    PictureModelReport,
    Spot,
    StripPart,
)
from dgm_studio.core.picture_requests import (
    FindDirections,
    Interpolate,
    Manifold,
    MapLatents,
)
from dgm_studio.core.reports import Report
from dgm_studio.core.table import PICTURES
from dgm_studio.gui.panels.latents import key_row, modes
from dgm_studio.gui.panels.latents.keyframes import LEAST, Key, Keyframes
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.panels.latents.plane import MANIFOLD
from dgm_studio.gui.panels.latents.scrub_form import CLOSED, FRAMES, KNOBS, MODE, SIDE, ScrubForm
from dgm_studio.gui.panels.latents.scrub_places import ScrubPlaces
from dgm_studio.gui.panels.latents.scrub_readouts import ScrubReadouts
from dgm_studio.gui.panels.latents.scrub_show import PACE, ScrubShow
from dgm_studio.gui.panels.latents.strip import Strip
from dgm_studio.gui.panels.playing import kept_playing
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "path"
SOON_MS = 80
"""A dragged knob is one strip, not a hundred."""
SLOW_FRAMES, SLOW_CODES, SLOW_SIDE = 16, 96, 6
"""Of a model that integrates an ODE for every picture."""
NO_DATA = "This model's training pictures are not here."
NO_ENCODER = "This model draws pictures but reads none: it has no encoder."


class ScrubMode(LookingMode):
    """What is asked of the worker; `show` is what is seen of it."""

    id, word, tooltip = modes.SCRUB
    restart_help = "A new path: the seeds of the prior, drawn again (R)"
    needs = DECODES
    without = "This model has no space of latents to go through: its pictures are made of codes. A VAE has one."
    suits, suits_word = "fashion-vae", "Open the VAE"

    def __init__(self, studio: Studio, lane: PictureLane, parent: QObject | None = None) -> None:
        self.form: ScrubForm = ScrubForm()
        self.places = ScrubPlaces(studio.link, lane, self.form)
        self.show = ScrubShow(studio, lane, self.places.keys)
        self.readouts: ScrubReadouts = self.show.readouts
        super().__init__(studio, lane, self.show.picture, parent)
        self.show.setParent(self)
        self.places.setParent(self)
        self.player, self.stage = self.show.player, self.show.picture.tile
        self._grid: Strip | None = None
        self._own_frames = False
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._interpolate)
        self._connect()

    def _connect(self) -> None:
        form, picture, row, places = self.form, self.show.picture, self.show.picture.keys, self.places
        form.path_wanted.connect(self._change_path)
        form.plane_wanted.connect(lambda _: self._map())
        form.side_wanted.connect(lambda _: self._ask_manifold())
        form.told_wanted.connect(self._tell)
        form.arithmetic.go_wanted.connect(self.show.go_to)
        picture.toggled.connect(self._toggle)
        picture.tile.dragged.connect(self.show.go_by)
        picture.plane.moved.connect(self.show.go_in_plane)
        picture.plane.key_pressed.connect(self.select)
        picture.plane.point_chosen.connect(lambda index: places.put(Key(Spot(DATA, index=index)), into=False))
        picture.strip.scrubbed.connect(self.show.seek)
        row.pressed.connect(self.select)
        row.add_wanted.connect(lambda way: self.choose(way, into=False))
        row.change_wanted.connect(lambda way: self.choose(way, into=True))
        row.remove_wanted.connect(places.remove)
        row.move_wanted.connect(places.move)
        places.changed.connect(self._places_changed)
        places.placed.connect(self._interpolate)
        places.failed.connect(self.failed)
        places.read_begun.connect(self.cleared)
        self.readouts.directions.moved.connect(self.show.go_along)
        self.show.changed.connect(self.changed)
        self.lane.reported.connect(self._report)

    @property
    def keys(self) -> Keyframes:
        """The places of the path."""
        return self.places.keys

    # The model.

    def able(self, report: PictureModelReport) -> bool:
        """Anything with latents: a decoder's, or the noise of a flow."""
        return report.latent > 0

    @property
    def encodes(self) -> bool:
        """Whether pictures have places in this model: by its encoder, or by integrating backwards."""
        return self.lane.can(ENCODES) or (self.lane.can(DENOISES) and not self.lane.can(DECODES))

    @property
    def slow(self) -> bool:
        """Whether each picture is an ODE to integrate."""
        return not self.lane.can(DECODES)

    def show_model(self, report: PictureModelReport) -> None:
        """Its first path; places that it has too are kept."""
        self.cleared.emit()
        self.show.forget()
        self.show.picture.tile.set_empty("Decoding…")
        self.show.picture.plane.say("Encoding the data…")
        self.form.show_model(report)
        self.readouts.show_model(report)
        self._tell_show()
        if not self._own_frames:
            self.form.set_values({FRAMES.name: SLOW_FRAMES if self.slow else FRAMES.default})
            self.form.set_values({SIDE.name: SLOW_SIDE if self.slow else SIDE.default})
        no_data = "" if self.encodes and report.count else NO_DATA if self.encodes else NO_ENCODER
        no_reading = "" if self.encodes else NO_ENCODER
        self.show.picture.keys.set_reasons({key_row.DATA: no_data, key_row.FILE: no_reading, key_row.DRAW: no_reading})
        self.places.begin(encodes=self.encodes, count=report.count)
        self._map()
        self.readouts.directions.show_directions(None, self._origin())
        self.lane.ask(FindDirections(self.lane.name), self._directions)

    def forget(self) -> None:
        """The model that is open has no latents."""
        self.show.forget()

    # The places.

    def choose(self, way: str, *, into: bool) -> None:
        """A place by one of key_row.WAYS: added, or `into` that of the one that is looked at."""
        if way != key_row.HERE:
            self.places.choose(way, into=into)
        elif self.show.z is not None:
            tile = self.show.picture.tile.pixels
            self.places.put(Key(None, self.show.z, tile, tile), into=into)

    def select(self, index: int) -> None:
        """Look at a place, and go there."""
        self.places.select(index)
        at = self.show.key_frames()
        if index < len(at) and at[index] < self.show.frames:
            self.show.seek(at[index])

    def _places_changed(self) -> None:
        self.show.show_keys()
        self.form.arithmetic.show_keys(self.keys.keys, self.show.classes)
        self.kept.emit()

    # The path and the plane.

    def _interpolate(self) -> None:
        self._soon.stop()
        report = self.report
        if report is None or not self.keys.placed or len(self.keys) < LEAST:
            return
        values = self.form.values()
        frames, closed = int(values[FRAMES.name]), bool(values[CLOSED.name])
        self.show.closed = closed
        way, label, gamma = str(values[MODE.name]), self.show.label, self.show.gamma
        request = Interpolate(self.lane.name, self.keys.latents(), frames, way, closed, label, gamma)
        self.show.begin(Strip(self.lane.tell(request), report.shape, report.latent, frames))
        self.changed.emit()

    def _map(self) -> None:
        self.show.show_map(None)
        request = MapLatents(self.lane.name, self.form.axes_now())
        if self.slow:
            request = MapLatents(self.lane.name, self.form.axes_now(), SLOW_CODES)
        self.lane.newest("map", request, self._mapped)

    def _mapped(self, found: Any) -> None:
        self.show.show_map(found)
        self._directions(self.readouts.directions.found)
        self._ask_manifold()
        self.changed.emit()

    def _directions(self, found: Any) -> None:
        self.readouts.directions.show_directions(found, self._origin())
        if self.show.z is not None:
            self.readouts.directions.show_at(self.show.z)

    def _origin(self) -> Array:
        """What direction sliders count from: the middle of the codes."""
        latent = self.lane.report.latent if self.lane.report is not None else 0
        return self.show.map.centre if self.show.map is not None else np.zeros(latent, dtype=np.float32)

    def _ask_manifold(self) -> None:
        found, report = self.show.map, self.report
        if found is None or report is None or MANIFOLD not in self.show.picture.plane.shown:
            return
        side = int(self.form.values()[SIDE.name])
        label, gamma = self.show.label, self.show.gamma
        request = Manifold(self.lane.name, found.basis, found.centre, found.extent, side, label, gamma)
        self._grid = Strip(self.lane.tell(request), report.shape, report.latent, side * side)

    def _toggle(self, part: str, on: bool) -> None:
        self.show.picture.plane.show_part(part, on)
        if part == MANIFOLD and on and self.show.picture.plane.manifold is None:
            self._ask_manifold()
        self.kept.emit()

    # From the person.

    def _change_path(self, name: str, value: Value) -> None:
        self._own_frames = self._own_frames or name == FRAMES.name
        self._soon.start()
        self.kept.emit()

    def _tell(self, label: int, gamma: float) -> None:
        self._tell_show()
        self._soon.start()
        self._ask_manifold()
        self.kept.emit()

    def _tell_show(self) -> None:
        self.show.label = self.form.label_now()
        self.show.gamma = self.places.gamma = self.form.gamma_now() if self.show.label >= 0 else 1.0

    # From the worker.

    def _report(self, report: Report) -> None:
        if isinstance(report, StripPart) and not self.show.take(report):
            grid = self._grid
            if grid is not None and grid.add(report) and grid.whole:
                self.show.picture.plane.show_manifold(grid.pixels, round(grid.total**0.5))
                self.changed.emit()

    # The clock.

    def leave(self) -> None:
        """Nobody looks."""
        super().leave()
        self.player.pause()

    def enter_bar(self, bar: TransportBar) -> None:
        """One track, with a mark at each place."""
        bar.add_track(TRACK, "Path", "sample")
        bar.set_speed(self.player.speed / PACE)
        bar.set_loop(self.player.loop)

    def show_on(self, bar: TransportBar) -> None:
        """Which frame, and where that is."""
        show, strip = self.show, self.show.strip
        bar.set_playing(self.player.playing)
        if strip is None:
            bar.set_track(TRACK, "Path", "", 0.0, 0, False, "Decoding the path…")
            return
        busy = "" if strip.whole else f" · decoding {strip.ready} of {strip.total}"
        text = f"frame {show.index + 1} / {strip.total} · {show.place_text()}{busy}"
        bar.set_track(TRACK, "Path", text, show.index, strip.total, strip.ready > 1)
        last = max(1, strip.total - 1)
        bar.tracks[TRACK].set_ticks(frame / last for frame in show.key_frames())

    def unplayable(self) -> str:
        """Before the first frames."""
        return "" if self.show.frames > 1 else "The path is being decoded."

    def toggle_play(self) -> None:
        """Play or pause."""
        self.show.play_next = False
        self.player.toggle()
        self.changed.emit()

    def step(self, by: int) -> None:
        """Frames, both ways."""
        self.show.seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last."""
        self.show.seek(round(fraction * (self.player.length - 1)))

    def scrub(self, track: str, position: float) -> None:
        """To that frame."""
        self.show.seek(round(position))

    def restart(self) -> None:
        """As many seeds of the prior as there are places."""
        if self.report is not None:
            self.show.play_next = self.active
            self.places.draw(max(LEAST, len(self.keys)))

    def press(self, index: int) -> None:
        """The chips."""
        self.show.picture.chips.press(index)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed * PACE)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    # The window's calls.

    def drop(self, path: str) -> bool:
        """A picture of one's own becomes a place."""
        if not path.lower().endswith(PICTURES) or self.report is None:
            return False
        if self.encodes:
            self.places.read(path)
        else:
            self.failed.emit(NO_ENCODER + " Open a VAE to see pictures of your own.")
        return True

    def subtitle(self) -> str:
        """Where one is, and by what."""
        report = self.lane.report
        if report is None:
            return "opening a model…" if self.lane.opening else "pictures, and the space they come from"
        return f"{report.latent} numbers a picture" if report.latent else report.title

    def demonstrate(self, steps: int) -> None:
        """For a picture: between two places, as soon as there is a path."""
        self.show.look_at_middle()

    def settled(self) -> bool:
        """The path is whole and stands, the plane is drawn."""
        if self.report is None:
            return self.lane.report is not None
        plane = self.show.picture.plane
        grid = MANIFOLD not in plane.shown or plane.manifold is not None
        asking = self._soon.isActive() or self.lane.busy() or not self.keys.placed
        return self.show.still and not asking and self.show.map is not None and grid

    def frames(self) -> Array | None:
        """The pictures of the path, once all are there."""
        strip = self.show.strip
        return strip.pixels if strip is not None and strip.whole else None

    def session(self) -> dict[str, Any]:
        """Places, knobs, what is shown."""
        shown = sorted(self.show.picture.plane.shown)
        return {"places": self.keys.session(), "knobs": self.form.values(), "shown": shown, **kept_playing(self.player)}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; anything foreign, and all stays as it is."""
        try:
            knobs = checked(KNOBS, dict(held.get("knobs") or {}))
        except (Refused, TypeError, ValueError):
            return
        self.form.set_values(knobs)
        self._own_frames = knobs[FRAMES.name] not in (FRAMES.default, SLOW_FRAMES)
        if isinstance(held.get("places"), list):
            self.keys.restore(held["places"])
        if isinstance(held.get("shown"), list):
            for name, chip in self.show.picture.chips.chips.items():
                chip.setChecked(name in held["shown"])
                self.show.picture.plane.show_part(name, name in held["shown"])
        if held.get("loop") is True:
            self.player.set_loop(True)
        if isinstance(held.get("speed"), (int, float)):
            self.player.set_speed(float(held["speed"]))
        self._tell_show()
