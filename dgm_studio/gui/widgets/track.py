"""One clock of the transport bar: a label, its reading, and a scrubber in the clock's own colour."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QWidget

from dgm_studio.gui.widgets.thin_slider import ThinSlider


class Track(ThinSlider):
    """A scrubber of `length` frames (0 when it is a plain fraction).

    Read-only tracks show progress without a handle.
    """

    def __init__(self, key: str, label: str, tone: str, *, read_only: bool = False,
                 parent: QWidget | None = None) -> None:  # fmt: skip
        super().__init__(tone=tone, height=42, track_at=28, keys=False, inset=8, parent=parent)
        self.key, self.length = key, 0
        self.handle_shown = not read_only
        self._label = label
        self._clock: tuple[str, str, float, int, bool, str] | None = None
        self.show_clock(label, "", 0.0, 0, enabled=True, reason="")

    def show_clock(self, label: str, text: str, position: float, length: int, *, enabled: bool, reason: str) -> None:
        """Words and place: `position` is a frame from 0 to length - 1, or a fraction when length is 0."""
        clock = (label, text, position, length, enabled, reason)
        if clock == self._clock and not self.isSliderDown():
            return
        self._clock = clock
        self._label, self.title, self.note, self.length = label, label, text, length
        if not self.isSliderDown():
            self.set_fraction(position / max(1, length - 1) if length else position)
        self.setEnabled(enabled)
        verb = "Drag to scrub" if self.handle_shown else "Progress"
        self.setToolTip(reason or f"{label}: {text or 'nothing yet'}. {verb}; Left and Right step.")
        self.setAccessibleName(label)
        self.setAccessibleDescription(reason or text)
        self.update()

    def set_ticks(self, fractions: Iterable[float]) -> None:
        """Marks along the track, e.g. keyframes."""
        self.ticks = tuple(fractions)
        self.update()

    def set_active(self, active: bool) -> None:
        """Ring the track on which the arrow keys act."""
        self.active = active
        self.update()

    def position(self, fraction: float) -> float:
        """The frame at a fraction, or the fraction itself when the track has no frames."""
        return float(round(fraction * (self.length - 1))) if self.length > 1 else fraction
