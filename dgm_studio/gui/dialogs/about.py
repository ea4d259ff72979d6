"""About: what this is, of which versions it is made, whose type it uses, which course it follows."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.icons import app_icon
from dgm_studio.gui.theme.resources import resource
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

COURSE = (
    "Deep Generative Models, lectures 1 to 14: definitions and symbols follow its slides; "
    "where two disagree, the paper decides."
)
TYPE = (
    "Inter by Rasmus Andersson and Noto Sans Math by Google, both under the SIL Open Font Licence 1.1, "
    "shipped with the studio."
)


class AboutDialog(Sheet):
    """`versions` maps a part's name to its version, in the order to be shown; `course` cites the lectures."""

    def __init__(self, versions: Mapping[str, str], course: str = COURSE, parent: QWidget | None = None) -> None:
        super().__init__("About DGM Studio", width=480, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title.hide()
        self.versions = dict(versions)
        self.body.addLayout(self._mark())
        for title, content in (
            ("Versions", self._table()),
            ("Course", Label(course, 13, tint="dim", wrap=True)),
            ("Type", Label(TYPE, 13, tint="dim", wrap=True)),
        ):
            part = Stack(gap=2)
            part.addWidget(SectionHeader(title))
            part.addWidget(content)
            self.body.addLayout(part)
        self.body.addStretch(1)
        self.copy = self.add_left(Button("Copy versions", "Copy the list above, for a report", icon_name="copy"))
        self.copy.clicked.connect(self._copy)
        self.licence = self.add_left(Button("Font licence", "Read Inter's licence", kind="link"))
        self.licence.clicked.connect(self._read_licence)
        done = self.add_right(Button("Close", "Back to the studio (Esc)"), default=True)
        done.clicked.connect(self.accept)

    def text(self) -> str:
        """The versions as lines, as they are copied."""
        return "\n".join(f"{name} {version}" for name, version in self.versions.items())

    def _mark(self) -> Row:
        row = Row(gap=16)
        self._icon = QLabel()
        self._icon.setAccessibleName("DGM Studio's mark")
        theme().changed.connect(self._draw)
        self._draw()
        words = Stack(gap=2)
        words.addWidget(Label("DGM Studio", 20, 600))
        words.addWidget(
            Label(
                "Deep generative models, trained and taken apart in front of your eyes.",
                13,
                tint="dim",
                wrap=True,
            )
        )
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return row

    def _draw(self) -> None:
        side = theme().px(56)
        self._icon.setFixedSize(side, side)
        self._icon.setPixmap(app_icon().pixmap(side, side))

    def _table(self) -> QWidget:
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme().px(24))
        grid.setVerticalSpacing(theme().px(4))
        for row, (name, version) in enumerate(self.versions.items()):
            grid.addWidget(Label(name, 13, tint="dim"), row, 0)
            grid.addWidget(Label(version, 13, 500, tabular=True), row, 1)
        grid.setColumnStretch(1, 1)
        return table

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self.copy.setText("Copied")

    def _read_licence(self) -> None:
        from dgm_studio.gui.dialogs.long_text import LongTextDialog

        text = resource("fonts", "Inter-OFL.txt").read_text(encoding="utf-8")
        LongTextDialog("SIL Open Font Licence", text, parent=self).open()
