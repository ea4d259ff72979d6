"""Which family: one big button with the preset's name and source, and the list of all presets by family."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.core.catalogue import FamilyEntry, Preset
from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded, smooth, words
from dgm_studio.gui.widgets.pick_list import Entry, PickList
from dgm_studio.gui.widgets.section import SectionHeader


class BigChoice(FocusRing, QAbstractButton):
    """A tall button with a name, a second line and a chevron."""

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._subtitle = name, ""
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def show_choice(self, title: str, subtitle: str) -> None:
        """The two lines."""
        self.setText(title)
        self._subtitle = subtitle
        self.setAccessibleName(f"{self._name}: {title}")
        self.setAccessibleDescription(subtitle)
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(56))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(56))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        usable, hot = self.isEnabled(), self.underMouse() and self.isEnabled()
        box = QRectF(self.rect())
        ground = "pressed" if self.isDown() else "hover" if hot else "raised"
        rounded(painter, box, px(8), look.colour(ground), look.colour("border_hover" if hot else "line"))
        wide = self.width() - px(12) - px(36)
        words(painter, QRect(px(12), px(8), wide, px(22)), self.text(), font(15, 600),
              look.colour("text" if usable else "disabled"))  # fmt: skip
        words(painter, QRect(px(12), px(31), wide, px(16)), self._subtitle, font(11.5),
              look.colour("dim" if usable else "disabled"))  # fmt: skip
        arrow = pixmap("chevron-down", "dim" if usable else "disabled", 17)
        painter.drawPixmap(self.width() - px(28), (self.height() - px(17)) // 2, arrow)
        if self.ringed:
            ring(painter, box, px(8))
        painter.end()


class FamilyPicker(QWidget):
    """`picked(family id, preset id)` when a person chooses another preset."""

    picked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._families: dict[str, FamilyEntry] = {}
        self._reasons: dict[str, str] = {}
        self._current: tuple[str, str] = ("", "")
        stack = Stack(self, gap=6)
        self.header = SectionHeader("Family", above=0)
        self.button = BigChoice("Family", "Choose a family of generative models and a preset of it")
        self.button.clicked.connect(self.open)
        stack.addWidget(self.header)
        stack.addWidget(self.button)
        self.popup = PickList("Search by name, lecture or author", self)
        self.popup.picked.connect(lambda key: self._pick(key[0], key[1]))

    def set_families(self, families: Mapping[str, FamilyEntry]) -> None:
        """The catalogue's families; the first preset of the first is shown."""
        self._families = dict(families)
        if self._families and self._current[0] not in self._families:
            first = next(iter(self._families.values()))
            self._current = (first.card.id, first.presets[0].id if first.presets else "")
        self._show()

    def set_reasons(self, reasons: Mapping[str, str]) -> None:
        """Why some cannot be picked now, by family id or "family/preset"."""
        self._reasons = dict(reasons)

    def current(self) -> tuple[str, str]:
        """(family id, preset id)."""
        return self._current

    def set_current(self, family: str, preset: str = "") -> None:
        """Show one; no signal. An empty preset is the family's first."""
        entry = self._families.get(family)
        if entry is not None and not preset and entry.presets:
            preset = entry.presets[0].id
        self._current = (family, preset)
        self._show()

    def open(self) -> None:
        """Open the list."""
        self.popup.set_entries(self.entries())
        self.popup.open_below(self.button, self._current)

    def entries(self) -> list[Entry]:
        """The lines of the list: each preset under its family; a family without presets is its own line."""
        lines = []
        for key, entry in self._families.items():
            for preset in entry.presets or (Preset("", entry.card.title, entry.card.summary),):
                reason = self._reasons.get(key) or self._reasons.get(f"{key}/{preset.id}", "")
                search = f"{entry.card.title} {preset.summary} {entry.card.summary}"
                lines.append(
                    Entry(
                        (key, preset.id),
                        preset.title,
                        source_text(entry, preset),
                        entry.card.title,
                        reason,
                        search,
                    )
                )
        return lines

    def _pick(self, family: str, preset: str) -> None:
        changed = (family, preset) != self._current
        self.set_current(family, preset)
        if changed:
            self.picked.emit(family, preset)

    def _show(self) -> None:
        entry = self._families.get(self._current[0])
        if entry is None:
            self.button.show_choice("", "")
            return
        preset = next((one for one in entry.presets if one.id == self._current[1]), None)
        self.button.show_choice(preset.title if preset else entry.card.title, source_text(entry, preset))


def source_text(entry: FamilyEntry, preset: Preset | None) -> str:
    """Where it comes from: "lecture 12 · Lipman et al., 2023".

    The preset's own source before its family's.
    """
    lecture = (preset.lecture if preset else "") or entry.card.lecture
    paper = (preset.paper if preset else "") or entry.card.paper
    return " · ".join(part for part in (f"lecture {lecture}" if lecture else "", paper) if part)
