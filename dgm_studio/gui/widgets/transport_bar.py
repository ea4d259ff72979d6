"""The transport bar, the same in every panel.

Play, step both ways, restart, a track for each clock, speed, loop.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.play_button import PlayButton
from dgm_studio.gui.widgets.track import Track

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


def speed_text(speed: float) -> str:
    """ "0.25×"."""
    return f"{speed:g}×"


class TransportBar(Surface):
    """Shows what it is told by the `set_` methods and says by its signals what a person wants."""

    play_toggled = Signal(bool)
    """True asks to play, False to pause."""
    stepped = Signal(int)
    restarted = Signal()
    scrubbed = Signal(str, float)
    """(track, frame from 0, or fraction when the track has no length)."""
    speed_changed = Signal(float)
    loop_toggled = Signal(bool)
    track_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("panel", parent)
        self.tracks: dict[str, Track] = {}
        self._added: dict[tuple[int, int], QWidget] = {}
        self._active = ""
        self._speed = 1.0
        column = Stack(self, gap=0)
        column.addWidget(Hairline())
        row = Row(gap=24, pad=(24, 4, 24, 4))
        column.addLayout(row, 1)
        left = Row(gap=4)
        self.restart = IconButton("restart", "Restart", "Back to the start (R)", size=17, hit=30)
        self.back = IconButton("step-back", "Step back", "One step back (Left; Shift for ten)", size=19, hit=34)
        self.play = PlayButton()
        self.forward = IconButton("step-forward", "Step forward", "One step on (Right; Shift for ten)", size=19, hit=34)
        for button in (self.restart, self.back, self.play, self.forward):
            left.addWidget(button)
        self._extras = QGridLayout()
        self._extras.setContentsMargins(0, 0, 0, 0)
        self._extras.setSpacing(4)
        left.addLayout(self._extras)
        self._stack = Stack(gap=2)
        self._stack.addStretch(1)
        self._stack.addStretch(1)
        right = Stack(gap=8)
        right.addStretch(1)
        self.speed = Button("1×", "How fast frames follow each other")
        self.loop = Button("Loop", "Start again at the end")
        self.loop.setCheckable(True)
        right.addWidget(self.speed)
        right.addWidget(self.loop)
        right.addStretch(1)
        row.addLayout(left)
        row.addLayout(self._stack, 1)
        row.addLayout(right)
        self.play.clicked.connect(lambda: self.play_toggled.emit(not self.play.playing))
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.forward.clicked.connect(lambda: self.stepped.emit(1))
        self.restart.clicked.connect(self.restarted)
        self.speed.clicked.connect(self._open_speeds)
        self.loop.clicked.connect(lambda on: self.loop_toggled.emit(bool(on)))
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(104))
        for button in (self.speed, self.loop):
            button.setFixedWidth(theme().px(62))

    def set_playing(self, playing: bool) -> None:
        """What is so, not what was asked for."""
        self.play.set_playing(playing)

    def set_pulsing(self, on: bool) -> None:
        """Invite the first press."""
        self.play.set_pulsing(on)

    def set_usable(self, reason: str = "", *, back: str = "", forward: str = "") -> None:
        """Grey everything with a reason, or the step buttons alone with theirs."""
        for button, own in ((self.restart, ""), (self.back, back), (self.forward, forward)):
            button.setEnabled(not (reason or own))
            button.setToolTip(reason or own or self._help(button))
        self.set_playable(reason)

    def set_playable(self, reason: str = "") -> None:
        """Grey Play alone with a reason, or give it back."""
        self.play.setEnabled(not reason)
        self.play.setToolTip(reason or ("Pause (Space)" if self.play.playing else "Play (Space)"))

    def _help(self, button: IconButton) -> str:
        if button is self.restart:
            return "Back to the start (R)"
        return "One step back (Left; Shift for ten)" if button is self.back else "One step on (Right; Shift for ten)"

    def add_button(self, button: QWidget, row: int, column: int) -> None:
        """One more button behind Step on, for a panel's own kind of step. Two rows of them leave the tracks room."""
        self._extras.addWidget(button, row, column)
        self._added[row, column] = button
        self._order()

    def _order(self) -> None:
        """Tab goes as one reads, whatever was added last."""
        added = [self._added[place] for place in sorted(self._added)]
        for first, second in pairwise([self.forward, *added, *self.tracks.values(), self.speed, self.loop]):
            QWidget.setTabOrder(first, second)

    def add_track(self, key: str, label: str, tone: str = "accent", *, read_only: bool = False) -> Track:
        """One more clock below the others; the first is the active one."""
        track = Track(key, label, tone, read_only=read_only)
        track.moved.connect(lambda fraction: self.scrubbed.emit(key, track.position(fraction)))
        track.nudged.connect(lambda by: self._nudged(key, by))
        track.pressed.connect(lambda: self._activate(key))
        self.tracks[key] = track
        self._stack.insertWidget(self._stack.count() - 1, track)
        if len(self.tracks) == 1:
            self._active = key
        self._mark()
        self._order()
        return track

    def clear_tracks(self) -> None:
        """Remove all clocks, for another panel's."""
        for track in self.tracks.values():
            self._stack.removeWidget(track)
            track.hide()
            track.deleteLater()
        self.tracks, self._active = {}, ""

    def set_track(
        self,
        key: str,
        label: str,
        text: str,
        position: float,
        length: int = 0,
        enabled: bool = True,
        reason: str = "",
    ) -> None:
        """The clock's words and place; `position` is a frame from 0, or a fraction when `length` is 0."""
        self.tracks[key].show_clock(label, text, position, length, enabled=enabled, reason=reason)

    @property
    def active(self) -> str:
        """The track on which the keys act."""
        return self._active

    def set_active(self, key: str) -> None:
        """Ring another track; no signal."""
        self._active = key
        self._mark()

    def activate_next(self, by: int) -> None:
        """What Up (-1) and Down (1) do."""
        keys = list(self.tracks)
        if self._active in keys and len(keys) > 1:
            self._activate(keys[min(len(keys) - 1, max(0, keys.index(self._active) + by))])

    @property
    def speed_value(self) -> float:
        """The factor shown."""
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Show a factor; no signal."""
        self._speed = speed
        self.speed.setText(speed_text(speed))
        self.speed.setAccessibleName(f"Speed {speed_text(speed)}")

    def set_loop(self, on: bool) -> None:
        """Show whether it loops; no signal."""
        self.loop.setChecked(on)

    def _activate(self, key: str) -> None:
        if key != self._active:
            self.set_active(key)
            self.track_activated.emit(key)

    def _mark(self) -> None:
        for key, track in self.tracks.items():
            track.set_active(key == self._active and len(self.tracks) > 1)

    def _nudged(self, key: str, by: int) -> None:
        self._activate(key)
        self.stepped.emit(by)

    def _open_speeds(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for speed in SPEEDS:
            action = menu.addAction(speed_text(speed))
            action.setCheckable(True)
            action.setChecked(speed == self._speed)
            action.triggered.connect(lambda _=False, speed=speed: self._choose_speed(speed))
        menu.popup(self.speed.mapToGlobal(self.speed.rect().topLeft()))

    def _choose_speed(self, speed: float) -> None:
        self.set_speed(speed)
        self.speed_changed.emit(speed)
