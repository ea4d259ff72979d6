"""The forward process: a typed sentence is noised, masked beside replaced, under a time that is dragged."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Knob, checked
from dgm_studio.core.unmasking import Corruption, TokenFilmReport, TokenStep, Unmasking
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.film_mode import FilmMode
from dgm_studio.gui.panels.text.mode import Mode
from dgm_studio.gui.panels.text.picture import CellCard
from dgm_studio.gui.panels.text.prompt import PAUSE_MS, SentenceField
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.formula import Formula
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_legend import AREA, Entry
from dgm_studio.gui.widgets.section import GroupHeader, SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "noising"
FRAMES = 101
"""Moments of the course, from t = 1 (clean) to t = 0."""
SENTENCE = "And God said, Let there be light: and there was light."
FIRST_AT = 0.55
SEED = Knob("seed", int, 0, "Seed", "Which tokens go first, and what stands in their place.", 0, 99_999)
LEGEND = (
    Entry("as typed", "band", AREA),
    Entry("masked", "data", AREA),
    Entry("replaced by a random token", "accent", AREA),
    Entry("changed just now", "sample", AREA),
)
HELPS = {
    "linear": "α falls evenly: λ = 1 − t of the tokens are noised",
    "cosine": "Slow at both ends, fast in the middle",
    "geometric": "The mask rate grows by a constant factor",
}


class ForwardMode(Mode):
    """Uses the vocabulary of the model that the film has; asks the worker once a sentence."""

    id, word, tooltip = "forward", "Forward", "Noise a sentence: masks beside random tokens, under a dragged time"

    ready = Signal()

    def __init__(self, films: FilmMode, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._films = films
        self.noise: Corruption | None = None
        self.schedule = ""
        self.films: tuple[TokenFilm, TokenFilm] | None = None
        self.player = film_player(films._studio, self)
        self._asked = ""
        self._build()
        self.player.moved.connect(lambda _: self._show_moment())
        self.player.stopped.connect(self.changed)
        films.lane.corrupted.connect(self._take)
        films.lane.begun.connect(self._other_model)

    def _build(self) -> None:
        self.form = QWidget()
        stack = Stack(self.form, gap=10)
        stack.addWidget(GroupHeader("Sentence", "Ctrl+Enter takes it"))
        self.field = SentenceField("Sentence", "The sentence that is noised; its words must be in the vocabulary.")
        self.field.setPlainText(SENTENCE)
        self.refusal = Label("", 11, 400, "error", wrap=True)
        self.refusal.hide()
        self.own = KnobForm("Noise", "noises again", (SEED,))
        stack.addWidget(self.field)
        stack.addWidget(self.refusal)
        stack.addWidget(self.own)
        stack.addWidget(GroupHeader("Schedule", "drawn only"))
        self.schedules = Segments([(name, name, text) for name, text in HELPS.items()])
        stack.addWidget(self.schedules)
        stack.addStretch(1)
        self.picture = QWidget()
        middle = Stack(self.picture, gap=8)
        middle.addWidget(SectionHeader("The same sentence, the same tokens first", note="drag the time below", above=0))
        self.card = CellCard(("Absorbing: noised tokens become masks", "Uniform: noised tokens become random ones"), LEGEND)
        for head, cells in zip(self.card.heads, self.card.cells, strict=True):
            head.setText(cells.accessibleName())
            head.show()
            cells.set_guesses(False)
        middle.addWidget(self.card, 1)
        self.readouts = QWidget()
        right = Stack(self.readouts, gap=10)
        right.addWidget(SectionHeader("At this time", above=0))
        self.facts = KeyValueList()
        right.addWidget(self.facts)
        right.addWidget(SectionHeader("Marginals"))
        self.formulas = [Formula(13), Formula(13)]
        for formula, text in zip(
            self.formulas,
            ("q(x_t | x₀) = α δ(x_t, x₀) + (1 − α) δ(x_t, m)", "q(x_t | x₀) = α δ(x_t, x₀) + (1 − α) / V"), strict=True,
        ):  # fmt: skip
            formula.set_formula(text)
            right.addWidget(formula)
        right.addWidget(Label(
            "A mask says that a token is gone; a random token looks like any other, so that a uniform chain's network "
            "must also find out which tokens to mend.", 12, 400, "dim", wrap=True))  # fmt: skip
        right.addStretch(1)
        self.field.taken.connect(self.ask)
        self._soon = _soon(self)
        self._soon.timeout.connect(self.ask)
        self.field.textChanged.connect(self._soon.start)
        self.own.edited.connect(lambda *_: self.ask(again=True))
        self.schedules.chosen.connect(self._choose)

    # Asking.

    def enter(self) -> None:
        """The first sentence is noised at once."""
        if self.noise is None:
            self.ask()

    def leave(self) -> None:
        """Nobody looks."""
        self.player.pause()

    def ask(self, *, again: bool = False) -> None:
        """Noise what is typed, unless it is already."""
        self._soon.stop()
        text = self.field.toPlainText().strip()
        if self._films.film is None:
            self.changed.emit()
            return
        if text and (text != self._asked or again):
            self._asked = text
            self.cleared.emit()
            self._films.lane.corrupt(text, int(self.own.values()["seed"]))

    def _other_model(self, film: TokenFilm) -> None:
        if self.films is not None and film.report.words != self.films[0].report.words:
            self.noise, self.films, self._asked = None, None, ""
            for cells in self.card.cells:
                cells.show_film(None, 0)

    def _take(self, noise: Corruption) -> None:
        self.noise = noise
        names = list(noise.keep)
        for name, button in self.schedules.buttons.items():
            button.setVisible(name in names)
        if self.schedule not in names:
            self.schedule = names[0]
        self.schedules.set_current(self.schedule)
        self._lay_out()
        self.ready.emit()

    def _choose(self, schedule: str) -> None:
        self.schedule = schedule
        self._lay_out()

    def _lay_out(self) -> None:
        """The whole course of both chains as films: a drag only shows another moment."""
        model = self._films.film
        if self.noise is None or model is None:
            return
        first = self.films is None
        self.films = courses(self.noise, self.schedule, model.report)
        self.player.set_length(FRAMES)
        if first:
            self.player.seek(round(FIRST_AT * (FRAMES - 1)))
        for cells, film in zip(self.card.cells, self.films, strict=True):
            cells.show_film(film, self.player.index)
        self._show_moment()

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """The time, from clean to noise."""
        bar.add_track(TRACK, "Time t", "accent")
        bar.set_speed(self.player.speed)
        bar.set_loop(self.player.loop)

    @property
    def time(self) -> float:
        """t of the moment that is shown; 1 is clean."""
        return 1.0 - self.player.index / (FRAMES - 1)

    def show_on(self, bar: TransportBar) -> None:
        """t, and how much is noised."""
        bar.set_playing(self.player.playing)
        known = self.films is not None
        text = f"t = {self.time:.2f} · noised {self._noised():.2f}" if known else ""
        reason = "" if known else "Type a sentence first; a model must be open in Film"
        bar.set_track(TRACK, "Time t", text, self.player.index, FRAMES, known, reason)

    def _noised(self) -> float:
        if self.films is None:
            return 0.0
        at = self.films[0].moments[self.player.index].at
        return float(at.mask_rate)

    def _show_moment(self) -> None:
        if self.films is not None and self.noise is not None:
            for cells in self.card.cells:
                cells.show_moment(self.player.index)
            clean, both = self.noise.clean, [film.moments[self.player.index].at.ids for film in self.films]
            kept = [int((np.asarray(ids) == clean).sum()) for ids in both]
            table = self.noise.keep[self.schedule]
            alpha = float(np.interp(self.time, np.linspace(0.0, 1.0, len(table)), table))
            self.facts.set_items(
                {
                    "Time t": f"{self.time:.2f}",
                    "Keep rate α": f"{alpha:.3f}",
                    "Not masked": f"{kept[0]} of {len(clean)}",
                    "Unchanged, uniform": f"{kept[1]} of {len(clean)}",
                }.items()
            )
        self.changed.emit()

    def subtitle(self) -> str:
        """What is seen."""
        if self._films.film is None:
            return "open a model in Film first: its vocabulary is used"
        return "the same sentence under both chains; t = 1 is clean, t = 0 is noise"

    def text(self) -> str:
        """Both sentences."""
        if self.films is None:
            return ""
        return "\n".join(film.text(self.player.index) for film in self.films)

    def toggle_play(self) -> None:
        """From clean to noise, or stop."""
        self.player.toggle()
        self.changed.emit()

    def step(self, by: int) -> None:
        """A hundredth of the time."""
        self._seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """Clean, or all noise."""
        self._seek(round(fraction * (FRAMES - 1)))

    def scrub(self, track: str, position: float) -> None:
        """Drag the time."""
        self._seek(round(position))

    def restart(self) -> None:
        """The next seed."""
        self.own.set_values({"seed": (int(self.own.values()["seed"]) + 1) % int(SEED.high or 1)})
        self.ask(again=True)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    def _seek(self, index: int) -> None:
        self.player.pause()
        self.player.seek(index)
        self._show_moment()

    def settled(self) -> bool:
        """The sentence is there."""
        return self.films is not None and not self.player.playing

    def session(self) -> dict[str, Any]:
        """Sentence and seed."""
        return {"sentence": self.field.toPlainText(), **self.own.values()}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        try:
            self.own.set_values(checked((SEED,), {"seed": held.get("seed", 0)}))
        except Refused:
            return
        if isinstance(held.get("sentence"), str) and held["sentence"].strip():
            self.field.setPlainText(held["sentence"])
            self._soon.stop()


def courses(noise: Corruption, schedule: str, report: TokenFilmReport) -> tuple[TokenFilm, TokenFilm]:
    """Both chains from t = 1 to t = 0 as films of FRAMES moments, in the words of `report`."""
    length = len(noise.clean)
    made = []
    for which in (0, 1):
        masks = which == 0
        film = TokenFilm(
            TokenFilmReport(
                "", "masked" if masks else "uniform", report.words, report.glue, report.mask if masks else -2,
                frozen(np.zeros(length, dtype=bool)), Unmasking(), 0, FRAMES - 1,
            )
        )  # fmt: skip
        before: Array = noise.clean
        for frame in range(FRAMES):
            ids = noise.at(1.0 - frame / (FRAMES - 1), schedule)[which]
            if masks and report.mask != noise.mask:
                ids = frozen(np.where(ids == noise.mask, report.mask, ids))
            film.add(_step(frame, ids, before, noise.clean))
            before = ids
        made.append(film)
    return made[0], made[1]


def _step(frame: int, ids: Array, before: Array, clean: Array) -> TokenStep:
    length, changed = len(ids), ids != clean
    nothing = np.empty(0, dtype=np.int64)
    return TokenStep(
        step=frame, ids=ids, mask_rate=float(changed.mean()), revealed=np.flatnonzero(ids != before), remasked=nothing,
        probability=changed.astype(np.float32), entropy=np.zeros(length, dtype=np.float32),
        top_ids=np.full((length, 5), -1), top_probabilities=np.zeros((length, 5), dtype=np.float32), calls=0,
    )  # fmt: skip


def _soon(parent: QObject) -> Any:
    from PySide6.QtCore import QTimer

    return QTimer(parent, singleShot=True, interval=PAUSE_MS)
