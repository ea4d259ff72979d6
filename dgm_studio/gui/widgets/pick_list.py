"""A popup list with a search field.

Grouped entries with a second line, a small picture, or a reason why not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import rounded, words
from dgm_studio.gui.widgets.thumbnail import draw_cloud, fitted

_ENTRY = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class Entry:
    """One line.

    `id` is what is picked, `reason` (when not empty) why it cannot be, `points` (n, 2) a small picture.
    """

    id: tuple[str, ...]
    title: str
    subtitle: str = ""
    group: str = ""
    reason: str = ""
    search: str = ""
    points: Array | None = None


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index, /) -> QSize:
        entry = index.data(_ENTRY)
        return QSize(theme().px(200), theme().px(30 if isinstance(entry, str) else 48))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, /) -> None:
        look, px = theme(), theme().px
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        entry = index.data(_ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(entry, str):
            at = rect.adjusted(px(12), px(8), -px(12), 0)
            words(painter, at, entry.upper(), font(11, 600), look.colour("faint"))
        else:
            if state & QStyle.StateFlag.State_Selected:
                rounded(painter, QRectF(rect).adjusted(px(2), 1, -px(2), -1), px(6), look.colour("accent_wash"))
            elif state & QStyle.StateFlag.State_MouseOver and not entry.reason:
                rounded(painter, QRectF(rect).adjusted(px(2), 1, -px(2), -1), px(6), look.colour("hover"))
            left = px(12)
            if entry.points is not None:
                box = QRectF(rect.x() + px(10), rect.y() + px(8), px(32), px(32))
                draw_cloud(painter, box, entry.points, "disabled" if entry.reason else "data")
                left = px(54)
            upper = QRect(rect.x() + left, rect.y() + px(6), rect.width() - left - px(12), px(18))
            lower = upper.translated(0, px(18))
            words(painter, upper, entry.title, font(13, 600), look.colour("faint" if entry.reason else "text"))
            words(
                painter,
                lower,
                entry.reason or entry.subtitle,
                font(11.5),
                look.colour("faint" if entry.reason else "dim"),
            )
        painter.restore()


class PickList(QFrame):
    """Opens below a widget; `picked(id)` once on Enter or click.

    Type to search, arrows to move, Escape to close.
    """

    picked = Signal(tuple)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("pick-list")
        self.setAccessibleName(hint)
        stack = Stack(self, gap=6, pad=(8, 8, 8, 8))
        self.search = QLineEdit()
        self.search.setPlaceholderText(hint)
        self.search.setAccessibleName(hint)
        self.search.setToolTip("Type to narrow the list; arrows move, Enter picks")
        self.search.setClearButtonEnabled(False)
        self.list = QListWidget()
        self.list.setAccessibleName("Entries")
        self.list.setToolTip("Enter or a click picks")
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(False)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setItemDelegate(_Painter(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.nothing = Label("Nothing matches. Clear the search to see everything.", 12, 400, "dim", wrap=True)
        stack.addWidget(self.search)
        stack.addWidget(self.list, 1)
        stack.addWidget(self.nothing)
        self._entries: list[Entry] = []
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        self.search.setFont(font(13))
        self.setStyleSheet(
            f"#pick-list {{ background: {look.tokens.raised};border: 1px solid {look.tokens.border_hover}; }}"
        )

    def set_entries(self, entries: Iterable[Entry]) -> None:
        """Show these, groups in the order in which they first occur."""
        self._entries = [
            entry if entry.points is None else Entry(**{**entry.__dict__, "points": fitted(entry.points, 150)})
            for entry in entries
        ]
        self._fill()

    def open_below(self, anchor: QWidget, current: tuple[str, ...] = (), *, width: float = 340) -> None:
        """Show under `anchor`, with the current entry selected and the search empty."""
        px = theme().px
        self.search.clear()
        self._fill()
        rows = [self.list.item(i) for i in range(self.list.count())]
        high = sum(self.list.sizeHintForRow(i) for i in range(len(rows))) + px(26 + 8 + 8 + 6 + 8)
        screen = (anchor.screen() or QGuiApplication.primaryScreen()).availableGeometry()
        self.resize(max(anchor.width(), px(width)), min(high, px(520), screen.height() - px(40)))
        at = anchor.mapToGlobal(QPoint(0, anchor.height() + px(4)))
        at.setX(max(screen.left(), min(at.x(), screen.right() - self.width())))
        at.setY(max(screen.top(), min(at.y(), screen.bottom() - self.height())))
        self.move(at)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)
        for item in rows:
            entry = item.data(_ENTRY)
            if isinstance(entry, Entry) and entry.id == current:
                self.list.setCurrentItem(item)
                self.list.scrollToItem(item, QListWidget.ScrollHint.PositionAtCenter)

    def _fill(self) -> None:
        wanted = self.search.text().lower().split()
        self.list.clear()
        group = ""
        for entry in self._entries:
            text = f"{entry.title} {entry.subtitle} {entry.group} {entry.search} {' '.join(entry.id)}".lower()
            if not all(word in text for word in wanted):
                continue
            if entry.group and entry.group != group:
                group = entry.group
                head = QListWidgetItem(self.list)
                head.setData(_ENTRY, group)
                head.setFlags(Qt.ItemFlag.NoItemFlags)
            item = QListWidgetItem(self.list)
            item.setData(_ENTRY, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title}. {entry.reason or entry.subtitle}")
            item.setToolTip(entry.reason or entry.subtitle)
            if entry.reason:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.nothing.setVisible(self.list.count() == 0)
        self.list.setVisible(self.list.count() > 0)
        self._select(0, 1)

    def _select(self, start: int, step: int) -> None:
        row = start
        while 0 <= row < self.list.count():
            if self.list.item(row).flags() & Qt.ItemFlag.ItemIsEnabled:
                self.list.setCurrentRow(row)
                return
            row += step

    def _take(self, item: QListWidgetItem) -> None:
        entry = item.data(_ENTRY)
        if isinstance(entry, Entry) and not entry.reason:
            self.hide()
            self.picked.emit(entry.id)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self._select(self.list.currentRow() + step, step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem() is not None:
                    self._take(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)
