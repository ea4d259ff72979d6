"""What a busy place says: what, how far, Cancel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label


class BusyOverlay(QWidget):
    """Lies over `target` while `begin` to `end`; `cancelled` on Cancel or Escape."""

    cancelled = Signal()

    def __init__(self, target: QWidget) -> None:
        super().__init__(target)
        self.setProperty("overlay", True)  # lies over its siblings on purpose
        self._target = target
        outer = Stack(self)
        card = Card()
        inner = Stack(card, gap=10, pad=(20, 16, 20, 16))
        self.what = Label("", 13, 500, wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress")
        self.how_far = Label("", 11.5, 400, "dim", tabular=True)
        self.cancel = Button("Cancel", "Stop this; nothing is lost (Escape)")
        self.cancel.setShortcut(Qt.Key.Key_Escape)
        self.cancel.clicked.connect(self.cancelled)
        for widget in (self.what, self.bar, self.how_far):
            inner.addWidget(widget)
        inner.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignRight)
        self._card = card
        outer.addStretch(1)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(1)
        QWidget.setTabOrder(target, self.cancel)
        target.installEventFilter(self)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.hide()

    def _rescale(self) -> None:
        self._card.setFixedWidth(theme().px(320))

    def begin(self, what: str, *, cancellable: bool = True) -> None:
        """Show it with what is being done."""
        self.what.setText(what)
        self.setAccessibleName(what)
        self.cancel.setVisible(cancellable)
        self.set_progress(None)
        self.setGeometry(self._target.rect())
        self.raise_()
        self.show()
        if cancellable:
            self.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_progress(self, share: float | None, text: str = "") -> None:
        """How far, 0 to 1, or None while that is not known."""
        self.bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self.bar.setValue(round(1000 * min(1.0, max(0.0, share))))
        shown = text or ("" if share is None else f"{100 * share:.0f} %")
        self.how_far.setText(shown)
        self.how_far.setVisible(bool(shown))

    def end(self) -> None:
        """Hide it."""
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if watched is self._target and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._target.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().colour("stage", 0.72))
        painter.end()
