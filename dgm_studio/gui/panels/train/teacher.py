"""The teacher of a family that begins with one: trained here first, or taken from a checkpoint."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Failure, TeacherCard
from dgm_studio.core.requests import ReadTeacher
from dgm_studio.gui.file_desk import FILTER
from dgm_studio.gui.panels.train.wishes import Wishes
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.big_number import Card, KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import GroupHeader
from dgm_studio.gui.widgets.segments import Segments

LANE = "teacher"
HERE, FILE = "here", "file"
WAYS = (
    (HERE, "Trained here", "The family trains its own teacher first, a diffusion, for as many steps as Training says"),
    (FILE, "From a file…", "Begin with the weights of a diffusion's checkpoint; its design and data are taken over"),
)


class TeacherForm(QWidget):
    """What the model has; `here_wanted` and `file_wanted` say what a person wants."""

    here_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file = ""
        self._card: TeacherCard | None = None
        stack = Stack(self, gap=8)
        stack.addWidget(GroupHeader("Teacher", "rebuilds the model"))
        self.ways = Segments(WAYS)
        self.ways.set_current(HERE)
        self.ways.chosen.connect(self._choose)
        stack.addWidget(self.ways)
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        stack.addWidget(self.refusal)
        self.card = Card()
        inside = Stack(self.card, gap=6, pad=(14, 10, 14, 12))
        self.name = Label("", 13, 600, elide=True)
        self.facts = KeyValueList()
        inside.addWidget(self.name)
        inside.addWidget(self.facts)
        self.card.hide()
        stack.addWidget(self.card)

    def show_recipe(self, recipe: Recipe) -> None:
        """Read back whose weights the model began with."""
        if recipe.teacher_file != self._file:
            self.refuse("")
        self._file = recipe.teacher_file
        self.ways.set_current(FILE if self._file else HERE)
        if self._card is not None and self._card.recipe.teacher != recipe.teacher:
            self._card = None  # of another file: only the name of this one is known
            self.facts.set_items(())
        self.name.setText(Path(self._file).name)
        self.name.setToolTip(self._file)
        self.facts.setVisible(self._card is not None)
        self.card.setVisible(bool(self._file))

    def show_card(self, card: TeacherCard, model: str, data: str) -> None:
        """What a file holds that was read: its model's title, and its data's."""
        self._card = card
        self.refuse("")
        self.facts.set_items(
            [
                ("Model", model),
                ("Data", data),
                ("Steps", f"{card.teacher.step:,}"),
                ("Path", str(card.teacher.design.get("path", ""))),
                ("Classes", str(card.teacher.design.get("classes", 0) or "none")),
                ("Parameters", f"{card.parameters:,}"),
            ]
        )

    def refuse(self, sentence: str) -> None:
        """Why a file will not do; what stood before stands on."""
        self.refusal.setText(sentence)
        self.refusal.setVisible(bool(sentence))

    def _choose(self, way: str) -> None:
        self.ways.set_current(FILE if self._file else HERE)  # nothing has changed yet
        if way == FILE:
            self.file_wanted.emit()
        elif self._file:
            self.here_wanted.emit()


class TeacherDesk(QObject):
    """Asks for the file, has it read aside, and wishes for the run that begins with it."""

    def __init__(self, studio: Studio, wishes: Wishes, form: TeacherForm, panel: QWidget) -> None:
        super().__init__(panel)
        self._studio, self._wishes, self._form, self._panel = studio, wishes, form, panel
        self._asked = 0
        form.here_wanted.connect(lambda: wishes.teacher(None))
        form.file_wanted.connect(self.choose)
        studio.link.answered.connect(self._answer)
        studio.link.failed.connect(self._fail)

    def choose(self) -> None:
        """Ask for a checkpoint."""
        recent = self._studio.recent.show()
        folder = str(recent[0].parent if recent else Path.home())
        name, _ = QFileDialog.getOpenFileName(self._panel, "Choose a teacher", folder, FILTER)
        if name:
            self.read(name)

    def read(self, name: str) -> None:
        """Look whether that file can teach the family of the form."""
        recipe = self._wishes.now()
        if recipe is not None:
            self._form.refuse("")
            self._asked = self._studio.link.send(ReadTeacher(LANE, name, recipe, steps=None))

    def _answer(self, request: int, card: object) -> None:
        if request != self._asked or not isinstance(card, TeacherCard):
            return
        now = self._wishes.now()
        if now is not None and now.family == card.recipe.family:  # else another was chosen meanwhile
            title = self._studio.title_of_model(card.teacher)
            self._form.show_card(card, title, self._studio.title_of(card.teacher.data_now()))
            self._wishes.teacher(card.recipe)

    def _fail(self, lane: str, failure: Failure) -> None:
        if lane == LANE:
            self._form.refuse(failure.sentence)
