"""A column of the window, form or read-outs: scrolls when it must, folds away when asked."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Hairline, Row, Stack, Surface

FOLD_MS = 160
PAD = 20


class Column(QWidget):
    """`width` design pixels with a hairline on the inner side.

    Fill it by `add`, `add_layout`, `add_line`, `finish`.
    """

    def __init__(self, width: float, *, line_left: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width, self._folded = width, False
        row = Row(self, gap=0)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = Surface("panel")
        self.stack = Stack(self.body, gap=8, pad=(PAD, 14, PAD, 20))
        self.area.setWidget(self.body)
        line = Hairline(upright=True)
        for widget in (line, self.area) if line_left else (self.area, line):
            row.addWidget(widget, 1 if widget is self.area else 0)
        self._motion = QPropertyAnimation(self, b"maximumWidth", self)
        self._motion.setDuration(FOLD_MS)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.finished.connect(self._settled)
        self.area.viewport().installEventFilter(self)
        theme().changed.connect(self._rescale)
        self._rescale()

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """One more part below the others."""
        self.stack.addWidget(widget, stretch)

    def add_layout(self, layout: QLayout) -> None:
        """One more row or stack below the others."""
        self.stack.addLayout(layout)

    def add_line(self) -> None:
        """A hairline across the whole column."""
        holder = QWidget()
        Stack(holder, gap=0, pad=(0, 4, 0, 4)).addWidget(Hairline())
        self.stack.addWidget(holder)

    def finish(self) -> None:
        """Push everything up."""
        self.stack.addStretch(1)

    @property
    def folded(self) -> bool:
        """Whether it is away."""
        return self._folded

    def set_folded(self, folded: bool) -> None:
        """Slide away or back; at once with reduced motion."""
        if folded == self._folded:
            return
        self._folded = folded
        self.setVisible(True)
        self.setMinimumWidth(0)
        self._motion.stop()
        self._motion.setStartValue(self.width() if folded else 0)
        self._motion.setEndValue(0 if folded else theme().px(self._width))
        if theme().reduced_motion or not self.isVisible():
            self._settled()
        else:
            self._motion.start()

    def _settled(self) -> None:
        self.setVisible(not self._folded)
        self._rescale()

    def _rescale(self) -> None:
        if not self._folded:
            self.setFixedWidth(theme().px(self._width))

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.Resize:
            # The scroll bar takes its room from the right padding, so that the content keeps its width.
            bar = self.area.width() - self.area.viewport().width()
            margins = self.stack.contentsMargins()
            margins.setRight(max(0, theme().px(PAD) - bar))
            self.stack.setContentsMargins(margins)
        return super().eventFilter(watched, event)
