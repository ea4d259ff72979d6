"""Form, picture and read-outs of the forward process."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.panels.text.picture import CellCard
from dgm_studio.gui.panels.text.prompt import PAUSE_MS, SentenceField
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.formula import Formula
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_legend import AREA, OUTLINE, Entry
from dgm_studio.gui.widgets.section import GroupHeader, SectionHeader
from dgm_studio.gui.widgets.segments import Segments

SENTENCE = "And God said, Let there be light: and there was light."
SEED = Knob("seed", int, 0, "Seed", "Which tokens go first, and what stands in their place.", 0, 99_999)
LEGEND = (
    Entry("as typed", "band", AREA),
    Entry("masked", "faint", OUTLINE),
    Entry("replaced by a random token", "accent", AREA),
    Entry("changed just now", "sample", AREA),
)
SCHEDULES = {
    "linear": ("Linear", "α = t: the share of noised tokens grows evenly"),
    "cosine": ("Cosine", "Slow at both ends, fast in the middle"),
    "geometric": ("Geometric", "The rate of noise grows by a constant factor"),
}
MARGINALS = (
    ("Absorbing", "q(x_t | x_0) = α δ(x_t, x_0) + (1 - α) δ(x_t, m)"),
    ("Uniform", "q(x_t | x_0) = α δ(x_t, x_0) + (1 - α) / V"),
)
LESSON = (
    "A mask says that a token is gone. A random token looks like any other, so that the network of a uniform chain "
    "must also find out which tokens to mend."
)


class ForwardForm(QWidget):
    """`wanted` once a person has paused at the sentence, or pressed Ctrl+Enter."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        stack.addWidget(GroupHeader("Sentence", "Ctrl+Enter takes it"))
        self.field = SentenceField("Sentence", "The sentence that is noised; its words must be in the vocabulary.")
        self.field.setPlainText(SENTENCE)
        self.own = KnobForm("Noise", "noises again", (SEED,))
        self.schedules = Segments([(name, word, text) for name, (word, text) in SCHEDULES.items()])
        stack.addWidget(self.field)
        stack.addWidget(self.own)
        stack.addWidget(GroupHeader("Schedule", "drawn only"))
        stack.addWidget(self.schedules)
        stack.addStretch(1)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self.wanted)
        self.field.textChanged.connect(self._soon.start)
        self.field.taken.connect(self._take)

    @property
    def sentence(self) -> str:
        """What is typed."""
        return self.field.toPlainText().strip()

    def show_sentence(self, text: str) -> None:
        """Put one there; no signal."""
        self.field.setPlainText(text)
        self._soon.stop()

    def show_schedules(self, names: Iterable[str]) -> None:
        """Those there are."""
        there = set(names)
        for name, button in self.schedules.buttons.items():
            button.setVisible(name in there)

    def _take(self) -> None:
        self._soon.stop()
        self.wanted.emit()


class ForwardPicture(QWidget):
    """Both chains, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=8)
        stack.addWidget(SectionHeader("The same tokens first in both", note="drag the time below", above=0))
        chains = ("Absorbing: noised tokens become masks", "Uniform: noised tokens become random ones")
        self.card = CellCard(chains, LEGEND)
        for head, cells in zip(self.card.heads, self.card.cells, strict=True):
            head.setText(cells.accessibleName())
            head.show()
            cells.set_guesses(False)
        stack.addWidget(self.card, 1)


class ForwardReadouts(QWidget):
    """How much is noised, and by which law."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        stack.addWidget(SectionHeader("At this time", above=0))
        self.facts = KeyValueList()
        stack.addWidget(self.facts)
        stack.addWidget(SectionHeader("Marginals"))
        for name, text in MARGINALS:
            formula = Formula(12.5)
            formula.set_formula(text)
            formula.setToolTip(f"{name}: {text}")
            stack.addWidget(Label(name, 12.5, 600))
            stack.addWidget(formula)
        stack.addWidget(Label(LESSON, 12, 400, "dim", wrap=True))
        stack.addStretch(1)
