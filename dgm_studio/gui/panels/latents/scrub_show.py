"""What is seen of a path of pictures: which frame, or where a hand has gone; the picture follows at once."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import Decoded, LatentMap, StripPart, stops
from dgm_studio.core.picture_requests import Decode
from dgm_studio.gui.panels.latents.keyframes import Keyframes
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.scrub_picture import ScrubPicture
from dgm_studio.gui.panels.latents.scrub_readouts import ScrubReadouts
from dgm_studio.gui.panels.latents.strip import Strip
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.studio import Studio

PACE = 0.4
"""Of the usual pace of films: a path is looked at, not raced through."""
MIDDLE = 0.4
NUMBERS_MS = 40
"""Numbers and sliders follow the picture so often: painting them takes as long as the picture."""
TURN = "decode"


class ScrubShow(QObject):
    """A frame of the strip, or a latent of one's own that the worker decodes: the newest one wins."""

    changed = Signal()
    """Where one is, or how much of the path is there."""

    def __init__(self, studio: Studio, lane: PictureLane, keys: Keyframes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lane, self.keys = lane, keys
        self.player = film_player(studio, self)
        self.player.set_speed(PACE)
        self.picture = ScrubPicture()
        self.readouts = ScrubReadouts()
        self.strip: Strip | None = None
        self._coming: Strip | None = None
        self.map: LatentMap | None = None
        self.z: Array | None = None
        """Where one is; None before the first frame."""
        self.free = False
        """Whether a hand has left the path."""
        self.label, self.gamma = -1, 1.0
        self.closed = False
        self.seconds = 0.0
        self._middle = False
        self.play_next = False
        """Whether the path plays as soon as it is there."""
        self._soon = QTimer(self, singleShot=True, interval=NUMBERS_MS)
        self._soon.timeout.connect(self._tell_here)
        self._laid = QTimer(self, singleShot=True, interval=0)
        self.player.moved.connect(lambda _: self.show_frame())
        self.player.stopped.connect(self.changed)

    @property
    def still(self) -> bool:
        """Whether the path is whole and everything says where one is."""
        whole = self.strip is not None and self.strip is self._coming and self.strip.whole
        return whole and not (self.player.playing or self._soon.isActive() or self._laid.isActive())

    @property
    def frames(self) -> int:
        """Frames of the path that are there."""
        return self.strip.ready if self.strip is not None else 0

    @property
    def index(self) -> int:
        """The frame that is shown, or was last."""
        return min(self.player.index, max(0, self.frames - 1))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the data's classes."""
        return self.lane.report.classes if self.lane.report is not None else ()

    # What is there.

    def forget(self) -> None:
        """Another model: nothing is shown."""
        self.player.pause()
        self.player.set_length(0)
        self.strip = self._coming = self.map = self.z = None
        self.free = False
        self.picture.tile.show_picture(None)
        self.picture.strip.show_pictures(np.empty((0, 1, 1, 1), dtype=np.uint8))
        self.picture.plane.show_map(None)
        self.readouts.place.set_note("")

    def begin(self, strip: Strip) -> None:
        """Another path is on its way; what is shown stays until its first frames are there."""
        self.player.pause()
        self._coming = strip

    def take(self, part: StripPart) -> bool:
        """Frames of the path; False where they are of another request."""
        coming = self._coming
        if coming is None or not coming.add(part):
            return False
        first = self.strip is not coming
        share = self.player.index / max(1, self.player.length - 1) if first and self.player.length else 0.0
        self.strip = coming
        self.player.set_length(coming.ready, coming.total)
        if first:
            self.show_keys()
        self.picture.strip.show_pictures(coming.pixels)
        if coming.whole:
            self._show_path()
            if first or not self.free:
                self.player.seek(round(share * (coming.total - 1)))
            if self.play_next:
                self.play_next = False
                self.player.play()
        if not self.free:
            self.show_frame()
        if coming.whole and self._middle:
            self.look_at_middle()
        self.changed.emit()
        return True

    def look_at_middle(self) -> None:
        """Stand between the first two places, now or when the path is whole."""
        self._middle = self.strip is None or not self.strip.whole
        at = self.key_frames()
        if not self._middle and len(at) > 1:
            self.seek(round((1 - MIDDLE) * at[0] + MIDDLE * at[1]))

    def key_frames(self) -> tuple[int, ...]:
        """The frames at which the places lie."""
        if self.strip is None or not len(self.keys):
            return ()
        return stops(len(self.keys), self.strip.total, self.closed)

    def show_keys(self) -> None:
        """The places, in the row, on the strip and on the plane."""
        keys = self.keys
        self.picture.keys.show_keys(keys.keys, keys.selected, self.classes)
        self.readouts.show_place(keys.current, keys.selected, self.classes)
        if self.strip is not None:
            self.picture.strip.set_marks(dict.fromkeys(self.key_frames(), "accent"))
        self._show_path()

    def show_map(self, found: LatentMap | None) -> None:
        """Another plane."""
        self.map = found
        self.picture.plane.show_map(found)
        self._show_path()
        self._show_here()

    def _show_path(self) -> None:
        if self.map is None:
            return
        strip = self.strip
        path = self.on_plane(strip.latents[: strip.ready]) if strip is not None else np.empty((0, 2))
        keys = self.on_plane(self.keys.latents()) if self.keys.placed else np.empty((0, 2))
        self.picture.plane.show_path(path, keys, self.keys.selected)

    def on_plane(self, latents: Array) -> Array:
        """Latents (n, k) as points (n, 2) of the plane."""
        assert self.map is not None
        return np.asarray((latents - self.map.centre) @ self.map.basis.T)

    # Where one is.

    def show_frame(self) -> None:
        """The frame the player is at."""
        strip = self.strip
        if strip is None or not strip.ready:
            return
        self.free = False
        self.z = strip.latents[self.index]
        self.seconds = 0.0
        self.picture.tile.show_picture(strip.pixels[self.index])
        self.picture.strip.select(self.index)
        self._show_here()
        self.changed.emit()

    def seek(self, index: int) -> None:
        """Stay at that frame."""
        self.play_next = False
        self.player.pause()
        self.player.seek(index)
        self.show_frame()

    def go_to(self, z: Array) -> None:
        """Leave the path: decode this latent (k,). While one is on its way the newest one waits."""
        self.play_next = False
        self.player.pause()
        self.z, self.free = np.asarray(z, dtype=np.float32), True
        asked = time.perf_counter()
        request = Decode(self.lane.name, self.z[None], self.label, self.gamma)
        self.lane.newest(TURN, request, lambda found: self._decoded(found, asked))
        self.picture.strip.select(-1)
        self._show_here()
        self.changed.emit()

    def go_in_plane(self, u: float, v: float) -> None:
        """To the plane's own point (u, v): the picture that the manifold has there."""
        if self.map is not None:
            self.go_to(self.map.centre + np.array([u, v]) @ self.map.basis)

    def go_by(self, across: float, up: float) -> None:
        """From where one is, so many of the plane's sides."""
        if self.map is not None and self.z is not None:
            side = 2 * self.map.extent
            self.go_to(self.z + np.array([across * side, up * side]) @ self.map.basis)

    def go_along(self, index: int, amount: float) -> None:
        """Along one of the directions."""
        found = self.readouts.directions.found
        if found is not None and self.z is not None:
            self.go_to(self.z + amount * found.vectors[index])

    def _decoded(self, found: Decoded, asked: float) -> None:
        self.seconds = time.perf_counter() - asked
        if self.free:  # else the path has come back to the front
            self.picture.tile.show_picture(found.pixels[0])
            if not self._soon.isActive():
                self._soon.start()

    def place_text(self) -> str:
        """ "frame 12 of 64", "between places 1 and 2", "off the path"."""
        if self.free or self.strip is None:
            return "off the path"
        at = self.key_frames()
        here = [number for number, frame in enumerate(at) if frame == self.index]
        if here:
            return f"place {here[0] % len(self.keys) + 1}"
        before = sum(frame < self.index for frame in at) - 1
        return f"between {before + 1} and {(before + 1) % len(self.keys) + 1}"

    def _show_here(self) -> None:
        if self.z is None:
            return
        if self.map is not None:
            u, v = self.on_plane(self.z[None])[0].tolist()
            self.picture.plane.show_at((u, v))
        if not self._soon.isActive():
            self._soon.start()

    def _tell_here(self) -> None:
        """Numbers and sliders."""
        if self.z is not None:
            self.readouts.show_here(self.z, self.place_text(), self.map, self.seconds)
            self._laid.start()
