"""Heads of sections: small capitals with a word or a link at the right, and a form's group with its cost."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.buttons import HIT, Button
from dgm_studio.gui.widgets.label import Label


class SectionHeader(QWidget):
    """CAPTION at the left; at the right a plain note and any number of links (id, text, tooltip).

    `above` is the air over it, in design pixels.
    """

    link_clicked = Signal(str)

    def __init__(
        self,
        caption: str,
        note: str = "",
        links: tuple[tuple[str, str, str], ...] = (),
        *,
        link_tint: str = "",
        above: float = 8,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        row = Row(self, gap=6, pad=(0, above, 0, 0))
        self._high = HIT + above
        self.caption = Label(caption.upper(), 11, 600, "faint")
        self.note = Label(note, 11.5, 400, "dim", elide=True)
        row.addWidget(self.caption)
        row.addStretch(1)
        row.addWidget(self.note)
        self.note.setVisible(bool(note))  # not before it has a parent: it would open as a window
        self.links: dict[str, Button] = {}
        for key, text, tooltip in links:
            link = Button(text, tooltip, kind="link", tint=link_tint)
            link.clicked.connect(lambda _=False, key=key: self.link_clicked.emit(key))
            self.links[key] = link
            row.addWidget(link)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_caption(self, caption: str) -> None:
        """Another caption, shown in capitals."""
        self.caption.setText(caption.upper())

    def set_note(self, note: str) -> None:
        """Another note at the right; empty hides it."""
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(self._high))


class GroupHeader(QWidget):
    """A form group's name and, at the right, what changing it costs: "Design … rebuilds the model"."""

    def __init__(self, title: str, consequence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = Row(self, gap=8, pad=(0, 8, 0, 0))
        self.title = Label(title, 13, 600)
        self.consequence = Label(consequence, 11.5, 400, "faint", elide=True)
        row.addWidget(self.title)
        row.addStretch(1)
        row.addWidget(self.consequence)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HIT + 8))
