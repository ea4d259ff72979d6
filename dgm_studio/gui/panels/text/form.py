"""The film's form: which model, what sentence, in which order, how tokens are chosen and masked again."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value, knobs_of
from dgm_studio.core.unmasking import CONFIDENCE, MASKED, RANDOM, Unmasking
from dgm_studio.gui.panels.text.model_card import ModelCard
from dgm_studio.gui.panels.text.prompt import Prompt
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.knob_form import KnobForm

KNOBS = {one.name: one for one in knobs_of(Unmasking)}
CHIPS = ("order", "pace", "remasking")
"""Knobs whose choices are all in sight."""
GROUPS = (
    ("Order", ("order", "steps", "pace", "order_temperature", "threshold", "bound", "block")),
    ("Tokens", ("temperature", "top_k", "top_p")),
    ("Re-masking", ("remasking", "eta", "worst")),
)
SECOND = ("order", "steps", "temperature", "remasking")
"""What the second lane has of its own."""
LENGTH = Knob("length", int, 0, "Length", "Positions of the sentence; 0 is all that the model has.", 0, 256)
SEED = Knob("seed", int, 3, "Seed", "Draws the order and the tokens; the same seed gives the same film.", 0, 99_999)
NO_NETWORK_KNOBS = ("temperature", "top_k", "top_p")
"""Knobs whose effect on the candidates is seen without the network."""
_OF_MASKS = ("order", "order_temperature", "threshold", "bound", "remasking", "eta", "worst", "block")
WRITTEN = "This model writes from left to right, one token a step."
NO_MASKS = "This model has no masks: every step may change any token."
IDLE = {
    "autoregressive": dict.fromkeys((*_OF_MASKS, "pace", "steps"), WRITTEN),
    "uniform": dict.fromkeys(_OF_MASKS, NO_MASKS),
}


def set_apart(first: Mapping[str, Value], kind: str) -> dict[str, Value]:
    """Settings of a second lane: the first one's but for the order, or the temperature where a chain has no order."""
    if kind == MASKED:
        return {**first, "order": CONFIDENCE if first["order"] == RANDOM else RANDOM}
    return {**first, "temperature": 0.4 if float(first["temperature"]) > 0.7 else 1.0}


class FilmForm(QWidget):
    """`knob_wanted(name, value)` for one of Unmasking, `own_wanted` for length and seed, `second_wanted` for the second
    lane's."""

    knob_wanted = Signal(str, object)
    own_wanted = Signal(str, object)
    second_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.model = ModelCard()
        self.prompt = Prompt()
        stack.addWidget(self.model)
        stack.addWidget(self.prompt)
        self.forms: list[KnobForm] = []
        for title, names in GROUPS:
            form = KnobForm(title, "resamples only", [KNOBS[name] for name in names], spread=CHIPS)
            form.edited.connect(self.knob_wanted)
            self.forms.append(form)
            stack.addWidget(form)
        self.own = KnobForm("Film", "resamples only", (LENGTH, SEED))
        self.own.edited.connect(self.own_wanted)
        self.second = KnobForm("Second lane", "same seed, own settings", [KNOBS[name] for name in SECOND])
        self.second.edited.connect(self.second_wanted)
        stack.addWidget(self.own)
        stack.addWidget(self.second)
        self.second.hide()
        stack.addStretch(1)

    def values(self) -> dict[str, Value]:
        """All values of Unmasking."""
        return {name: value for form in self.forms for name, value in form.values().items()}

    def set_values(self, values: dict[str, Value]) -> None:
        """Show these; no signal."""
        for form in self.forms:
            form.set_values(values)

    def show_kind(self, kind: str) -> None:
        """Grey what does nothing for a model of this kind."""
        for form in (*self.forms, self.second):
            form.set_idle(IDLE.get(kind, {}))
