"""What every panel is: form | head, chips, banner, stage, transport bar, status line | read-outs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.gui.file_desk import FileDesk
from dgm_studio.gui.film_source import FilmSource
from dgm_studio.gui.panels.layered import Layered
from dgm_studio.gui.panels.sign import Sign
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.status_board import StatusBoard
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.banner import Banner
from dgm_studio.gui.widgets.boxes import Row, Stack, Surface
from dgm_studio.gui.widgets.buttons import IconButton
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.column import Column
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.status_line import StatusLine
from dgm_studio.gui.widgets.transport_bar import TransportBar

FORM_WIDTH, READOUTS_WIDTH = 296, 322
NARROW = 1_100
"""With less width than this, in design pixels, the read-outs fold by themselves to leave the stage room."""
STATE_TOKENS = {"stopped by an error": "error"}


class Panel(QWidget, Layered):
    """The anatomy shared by all panels. A subclass fills `form`, the stage's layers, `readouts` and the transport, and
    answers the keys."""

    sign: ClassVar[Sign]

    shortcuts_wanted = Signal()
    session_changed = Signal()

    look_wanted = Signal(str, str, object)
    """Another panel by its id, with a checkpoint and what was chosen of it (core.picture_requests.OpenPictures)."""

    def __init__(self, studio: Studio, board: StatusBoard, layers: tuple[str, ...], resolution: int = 64) -> None:
        super().__init__()
        self.studio = studio
        self.board = board
        self.layer_ids = layers
        self.resolution = resolution
        self.woken = False
        """Whether it has heard of the catalogue."""
        self._presenting = False
        self._narrow = False
        self.form = Column(FORM_WIDTH)
        self.readouts = Column(READOUTS_WIDTH, line_left=True)
        self.stage = Stage(theme(), layers)
        self.chips = ChipRow()
        self.banner = Banner()
        self.transport = TransportBar()
        self.status = StatusLine()
        self.subtitle = Label("", 13, 400, "dim", elide=True)
        self.fold_form = IconButton("fold-left", "Fold the form", "Hide or show the form (F9)", size=16)
        self.fold_readouts = IconButton("fold-right", "Fold the read-outs", "Hide or show the read-outs (F10)", size=16)
        self._compose()
        self.add_chips()
        # The chips were made after the rest: Tab reaches them where they stand.
        for first, second in pairwise([self.fold_readouts, *self.chips.chips.values()]):
            QWidget.setTabOrder(first, second)
        self.fold_form.clicked.connect(lambda: self.form.set_folded(not self.form.folded))
        self.fold_readouts.clicked.connect(lambda: self.readouts.set_folded(not self.readouts.folded))
        self.status.shortcuts_clicked.connect(self.shortcuts_wanted)
        self.transport.play_toggled.connect(lambda _: self.toggle_play())
        self.transport.stepped.connect(self.step)
        self.transport.restarted.connect(self.restart)
        board.stages.append(self.stage)
        board.plays.append(lambda: isValid(self) and self.isVisible() and self.transport.play.playing)
        board.changed.connect(self._show_status)
        studio.awake.connect(self._wake)
        self._show_status(board.fields)

    def _compose(self) -> None:
        centre = Surface("bg")
        column = Stack(centre, gap=0)
        head = self.head = Row(gap=10, pad=(24, 16, 24, 0))
        head.addWidget(self.fold_form)
        head.addWidget(Label(self.sign.title, 20, 600))
        head.addWidget(self.subtitle, 1)
        head.addWidget(self.fold_readouts)
        middle = Stack(gap=10, pad=(24, 10, 24, 14))
        middle.addWidget(self.chips)
        middle.addWidget(self.banner)
        middle.addWidget(self._picture(), 1)
        column.addLayout(head)
        column.addLayout(middle, 1)
        column.addWidget(self.transport)
        column.addWidget(self.status)
        row = Row(self, gap=0)
        row.addWidget(self.form)
        row.addWidget(centre, 1)
        row.addWidget(self.readouts)

    def _picture(self) -> QWidget:
        """What fills the middle: the stage, or a panel's own arrangement around it."""
        return self.stage

    def grow(self) -> bool:
        """Build one more part of what can wait until the window has painted; whether there is another."""
        return False

    def wake(self, catalogue: Catalogue) -> None:
        """The engine is awake."""

    def catch_up(self) -> None:
        """Hear what was said before this panel was there."""
        if self.studio.catalogue is not None and not self.woken:
            self._wake(self.studio.catalogue)

    def _wake(self, catalogue: Catalogue) -> None:
        self.woken = True
        self.wake(catalogue)

    # What the window asks of the panel in front.

    def activate(self) -> None:
        """It comes to the front."""

    def deactivate(self) -> None:
        """Another comes to the front: ask for nothing that nobody sees."""

    def toggle_play(self) -> None:
        """Space."""

    def step(self, by: int) -> None:
        """Left and Right; with Shift by ten."""

    def go(self, fraction: float) -> None:
        """Home (0) and End (1) of the active track."""

    def restart(self) -> None:
        """R."""

    def switch_track(self, by: int) -> None:
        """Up and Down."""
        self.transport.activate_next(by)

    def press_layer(self, index: int) -> None:
        """1 to 9."""
        self.chips.press(index)

    def drop(self, path: str) -> bool:
        """A file was dropped on the window: whether the panel takes it, rather than the studio."""
        return False

    def look(self, path: str, choice: Mapping[str, str]) -> None:
        """Another panel sends a checkpoint here, to be opened as it was chosen there."""
        self.drop(path)

    def own_run(self) -> FileDesk | None:
        """Who saves the panel's own run, which closing must not lose; None where it has none beside the studio's."""
        return None

    def save(self, *, anew: bool) -> bool:
        """Ctrl+S, or `anew` under another name: whether the panel obeys, rather than the studio."""
        return False

    def set_presenting(self, on: bool) -> None:
        """Stage alone, and back to how the columns stood."""
        self._presenting = on
        self.form.set_folded(on)
        self.readouts.set_folded(on or self._narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See NARROW; what a person unfolds then stays unfolded."""
        super().resizeEvent(event)
        narrow = event.size().width() < NARROW * (1 if self._presenting else theme().scale)
        if narrow != self._narrow:
            self._narrow = narrow
            self.readouts.set_folded(narrow or self._presenting)

    def session(self) -> dict[str, Any]:
        """What a restart shows again."""
        return self.kept_layers()

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; what is missing or foreign stays as it is."""
        self.restore_layers(held)

    def settled(self) -> bool:
        """Whether everything visible has been drawn as it now is."""
        return True

    def demonstrate(self, steps: int) -> None:
        """Do what it is for, for a picture: a race runs so many steps."""

    def film(self) -> FilmSource | None:
        """What can be exported as a film; None where the panel shows none."""
        return None

    def export_dialog(self, parent: QWidget) -> QDialog:
        """What asks what of it is to be written, and where: the stage, or its film."""
        from dgm_studio.gui.dialogs.export import ExportDialog

        return ExportDialog(self.stage, self.film(), parent)

    def layers_kept(self) -> None:
        """For the session."""
        self.session_changed.emit()

    def _show_status(self, fields: dict[str, str]) -> None:
        for name, text in fields.items():
            if name == "state":
                self.status.set_state(text, STATE_TOKENS.get(text, "exact" if self.board.running else "faint"))
            else:
                self.status.set_field(name, text)
