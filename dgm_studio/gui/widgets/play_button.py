"""The one primary button: a round Play that becomes Pause, and breathes once on the first run."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, smooth


class PlayButton(FocusRing, QAbstractButton):
    """Shows what a press will do: a triangle while paused, two bars while playing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.playing, self._glow = True, 0.0  # until set_playing below says otherwise
        self._pulse = QVariantAnimation(self)
        self._pulse.setStartValue(0.0)
        self._pulse.setKeyValueAt(0.5, 1.0)
        self._pulse.setEndValue(0.0)
        self._pulse.setDuration(1800)
        self._pulse.setLoopCount(-1)
        self._pulse.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._pulse.valueChanged.connect(self._breathe)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.set_playing(False)

    def set_playing(self, playing: bool) -> None:
        """Show Pause while playing; the first press ends the breathing."""
        if playing == self.playing:
            return
        self.playing = playing
        if playing:
            self.set_pulsing(False)
        self.setAccessibleName("Pause" if playing else "Play")
        if self.isEnabled():
            self.setToolTip("Pause (Space)" if playing else "Play (Space)")
        self.update()

    def set_pulsing(self, on: bool) -> None:
        """Breathe gently, unless the system asks for reduced motion: then a still ring says the same."""
        if on and not theme().reduced_motion:
            self._pulse.start()
        else:
            self._pulse.stop()
            self._glow = 0.6 if on else 0.0
        self.update()

    @property
    def pulsing(self) -> bool:
        """Whether the animation runs."""
        return self._pulse.state() == QVariantAnimation.State.Running

    def _breathe(self, value: float) -> None:
        self._glow = float(value)
        self.update()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(theme().px(54), theme().px(54))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        centre = QPointF(self.width() / 2, self.height() / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._glow > 0:
            painter.setBrush(look.colour("accent", 0.28 * self._glow))
            reach = px(21) + px(5) * self._glow
            painter.drawEllipse(centre, reach, reach)
        tone = "accent_pressed" if self.isDown() else "accent_hover" if self.underMouse() else "accent"
        painter.setBrush(look.colour(tone if self.isEnabled() else "line"))
        painter.drawEllipse(centre, px(21), px(21))
        token = "on_accent" if self.isEnabled() else "disabled"
        size = px(20)
        picture = pixmap("pause" if self.playing else "play", token, 20)
        shift = 0 if self.playing else px(1)
        painter.drawPixmap(round(centre.x() - size / 2) + shift, round(centre.y() - size / 2), picture)
        if self.ringed:
            edge = px(27)
            ring(painter, QRectF(centre.x() - edge, centre.y() - edge, 2 * edge, 2 * edge), edge)
        painter.end()
