"""A layout that fills lines from the left and wraps, as words do."""

from __future__ import annotations

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from dgm_studio.gui.theme.theme import theme


class Flow(QLayout):
    """Items in reading order.

    `gap` and `line_gap` are design pixels, `right` fills lines against the right edge.
    """

    def __init__(
        self, parent: QWidget | None = None, *, gap: float = 6, line_gap: float = 6, right: bool = False
    ) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        """By width: the window asks for each many times while it is laid out."""
        self._gap, self._line_gap, self._right = gap, line_gap, right
        self.setContentsMargins(QMargins(0, 0, 0, 0))
        theme().changed.connect(self.invalidate)

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def addItem(self, item: QLayoutItem, /) -> None:
        self._items.append(item)
        self._heights.clear()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int, /) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int, /) -> QLayoutItem | None:
        self._heights.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int, /) -> int:
        if width not in self._heights:
            self._heights[width] = self._place(QRect(0, 0, width, 0), dry=True)
        return self._heights[width]

    def setGeometry(self, rect: QRect, /) -> None:
        super().setGeometry(rect)
        self._place(rect, dry=False)

    def sizeHint(self) -> QSize:
        shown = [item.sizeHint() for item in self._items if not item.isEmpty()]
        gap = theme().px(self._gap)
        return QSize(
            sum(s.width() + gap for s in shown) - gap if shown else 0,
            max((s.height() for s in shown), default=0),
        )

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, *, dry: bool) -> int:
        gap, line_gap = theme().px(self._gap), theme().px(self._line_gap)
        lines: list[list[tuple[QLayoutItem, QSize]]] = [[]]
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if size.width() > rect.width():  # alone on its line, and as wide as there is room for
                size.setWidth(max(rect.width(), item.minimumSize().width()))
            if lines[-1] and used + size.width() > rect.width():
                lines.append([])
                used = 0
            lines[-1].append((item, size))
            used += size.width() + gap
        y = rect.y()
        for line in lines:
            height = max((size.height() for _, size in line), default=0)
            width = sum(size.width() + gap for _, size in line) - gap
            x = rect.x() + (max(0, rect.width() - width) if self._right else 0)
            for item, size in line:
                if not dry:
                    item.setGeometry(
                        QRect(
                            x,
                            y + (height - size.height()) // 2,
                            min(size.width(), rect.width()),
                            size.height(),
                        )
                    )
                x += size.width() + gap
            y += height + line_gap
        return y - line_gap - rect.y()
