"""The `?` sheet: every key and what it does, in groups, searchable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import CENTRE, rounded, smooth, width_of, words
from dgm_studio.gui.widgets.section import SectionHeader


@dataclass(frozen=True)
class Shortcut:
    """What `keys` do: each is a chord such as "Ctrl+S"; any one of them works."""

    keys: tuple[str, ...]
    does: str

    def matches(self, wanted: str) -> bool:
        """Whether the search word stands in the keys or in what they do."""
        return wanted.casefold() in f"{' '.join(self.keys)} {self.does}".casefold()


@dataclass(frozen=True)
class ShortcutGroup:
    """Shortcuts that work in the same place."""

    title: str
    shortcuts: tuple[Shortcut, ...]


class KeyCap(QWidget):
    """One key, drawn as a key."""

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """As wide as its word, never narrower than high."""
        high = theme().px(22)
        return QSize(max(high, width_of(self.key, font(11, 500)) + theme().px(12)), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A raised key with a lip."""
        painter, px, box = smooth(self), theme().px, QRectF(self.rect())
        rounded(painter, box, px(5), theme().colour("line"))
        rounded(painter, box.adjusted(0, 0, 0, -px(2)), px(5), theme().colour("raised"), theme().colour("line"))
        words(
            painter,
            self.rect().adjusted(0, 0, 0, -px(2)),
            self.key,
            font(11, 500),
            theme().colour("text"),
            CENTRE,
        )


class _Line(QWidget):
    """One shortcut: what it does at the left, its keys at the right."""

    def __init__(self, shortcut: Shortcut) -> None:
        super().__init__()
        self.shortcut = shortcut
        row = Row(self, gap=8, pad=(0, 3, 0, 3))
        row.addWidget(Label(shortcut.does, 13, wrap=True), 1)
        for chord in shortcut.keys:
            held = Row(gap=3)
            for position, key in enumerate(chord.split("+")):
                if position:
                    held.addWidget(Label("+", 11, tint="faint"))
                held.addWidget(Label(key, 11, tint="faint") if key == "…" else KeyCap(key))
            row.addLayout(held)
        self.setAccessibleName(f"{shortcut.does}: {' or '.join(shortcut.keys)}")


class _Group(QWidget):
    def __init__(self, group: ShortcutGroup) -> None:
        super().__init__()
        stack = Stack(self, gap=0, pad=(0, 0, 0, 10))
        stack.addWidget(SectionHeader(group.title))
        self.lines = [_Line(shortcut) for shortcut in group.shortcuts]
        for line in self.lines:
            stack.addWidget(line)

    def narrow(self, wanted: str) -> int:
        """Show only what matches; how many lines that are."""
        shown = [line.shortcut.matches(wanted) for line in self.lines]
        for line, on in zip(self.lines, shown, strict=True):
            line.setVisible(on)
        self.setVisible(any(shown))
        return sum(shown)


class ShortcutSheet(Sheet):
    """All `groups` in two columns; typing narrows them to what matches."""

    def __init__(self, groups: Sequence[ShortcutGroup], parent: QWidget | None = None) -> None:
        super().__init__("Keyboard", width=760, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.search = QLineEdit(placeholderText="Search keys and what they do", clearButtonEnabled=True)
        self.search.setAccessibleName("Search shortcuts")
        self.search.setToolTip("Show only the shortcuts that contain this")
        self.search.textChanged.connect(self._narrow)
        self.head.addSpacing(8)
        self.head.addWidget(self.search)
        self.first_focus = self.search
        self._groups = [_Group(group) for group in groups]
        columns = Row(gap=40)
        total, used = sum(len(g.shortcuts) + 2 for g in groups), 0
        sides = (Stack(gap=6), Stack(gap=6))
        for group, made in zip(groups, self._groups, strict=True):
            # The left column takes groups until it holds half of all lines.
            sides[1 if used >= total / 2 else 0].addWidget(made)
            used += len(group.shortcuts) + 2
        for side in sides:
            side.addStretch(1)
            columns.addLayout(side, 1)
        self.body.addLayout(columns)
        self.nothing = Label("", 13, tint="dim", wrap=True)
        self.nothing.hide()
        self.body.addWidget(self.nothing)
        close = self.add_right(Button("Close", "Back to the studio (Esc)"), default=True)
        close.clicked.connect(self.accept)

    def shown(self) -> tuple[Shortcut, ...]:
        """What the search leaves."""
        return tuple(line.shortcut for group in self._groups for line in group.lines if not line.isHidden())

    def _narrow(self, wanted: str) -> None:
        found = sum(group.narrow(wanted.strip()) for group in self._groups)
        self.nothing.setText(f"No shortcut contains “{wanted.strip()}”.")
        self.nothing.setVisible(not found)
