"""What the network would put at one position: its likeliest tokens as bars, each a button that forces it there."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.core.unmasking import UNIFORM, TokenStep
from dgm_studio.gui.panels.text.film import LOCKED, MASKED, TokenFilm
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.painted import RIGHT, ring, rounded, smooth, width_of, words
from dgm_studio.gui.widgets.section import SectionHeader

MOST = 5
BELOW = "below the first five"
NONE = "Point at a word, or click one."
NOWHERE = "Every word of this sentence is locked; unlock one to see what else could stand there."


class CandidateRow(FocusRing, QAbstractButton):
    """A word, its probability, a bar. Pressed it is forced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.token, self.share, self._present = -1, 0.0, False
        self.note = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self.show_candidate(-1, "", 0.0, present=False, reason="")
        self._rescale()

    def show_candidate(
        self, token: int, word: str, share: float, *, present: bool, reason: str, note: str = ""
    ) -> None:
        """`present` says that it stands there now, `reason` why it cannot be forced ("" if it can); `note` is a quiet
        word beside it."""
        self.token, self.share, self._present, self.note = token, share, present, note
        self.setText(word)
        self.setEnabled(token >= 0 and not reason)
        self.setAccessibleName(f"Put {word} there" if word else "No candidate")
        self.setAccessibleDescription(f"probability {share:.3f}{', ' if note else ''}{note}")
        self.setToolTip(reason or f"Put “{word}” there and go on from this step (probability {share:.3f})")
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(38))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(38))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        if self.token >= 0:
            hot = self.isEnabled() and (self.underMouse() or self.isDown())
            upper = QRect(0, px(3), self.width(), px(22))
            tone = "accent" if hot else "sample" if self._present else "text"
            beside = upper.adjusted(0, 0, -px(56), 0)
            if self.note:
                words(painter, beside, self.note, font(11), look.colour("dim"), RIGHT)
                beside.adjust(0, 0, -width_of(self.note, font(11)) - px(8), 0)
            words(painter, beside, self.text(), font(13, 600), look.colour(tone))
            value = f"{self.share:.2f}" if self.share >= 0.005 or self.share == 0 else "< 0.01"
            words(painter, upper, value, font(12.5, tabular=True), look.colour("dim"), RIGHT)
            track = QRectF(0, px(28), self.width(), px(5))
            rounded(painter, track, px(2.5), look.colour("line"))
            track.setWidth(max(track.height(), track.width() * self.share))
            rounded(painter, track, px(2.5), look.colour("accent_hover" if hot else "accent"))
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(6))
        painter.end()


class Candidates(QWidget):
    """`forced(position, token)`: put it there and go on; -1 for the token masks the position again."""

    forced = Signal(int, int)
    lock_wanted = Signal(int)
    """Lock the position's token, or unlock it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.position = -1
        stack = Stack(self, gap=1)
        self.header = SectionHeader("Candidates", above=0)
        self.rows = [CandidateRow() for _ in range(MOST)]
        self.drawn = CandidateRow()
        """The token that stands there, where it is not among the likeliest; else an empty row, so that nothing below
        moves while a film plays."""
        self.hint = Label(NONE, 11.5, 400, "dim", wrap=True)
        self.again = Button("Mask again", "Mask this position again and go on from this step")
        self.lock = Button("Lock", "Keep this word in every film, or let it be drawn again")
        ways = Row(gap=6, pad=(0, 5, 0, 0))
        ways.addWidget(self.lock)
        ways.addWidget(self.again)
        ways.addStretch(1)
        stack.addWidget(self.header)
        for row in (*self.rows, self.drawn):
            stack.addWidget(row)
            row.clicked.connect(lambda _=False, row=row: self.forced.emit(self.position, row.token))
        stack.addWidget(self.hint)
        stack.addLayout(ways)
        self.again.clicked.connect(lambda: self.forced.emit(self.position, -1))
        self.lock.clicked.connect(lambda: self.lock_wanted.emit(self.position))
        self.show_position(None, 0, -1, None)

    def show_position(self, film: TokenFilm | None, index: int, position: int, at: TokenStep | None) -> None:
        """The candidates of a position after the step at `index`; `at` is that step as the form's temperature, top-k
        and top-p show it now."""
        nothing = film is None or not film.moments or not 0 <= position < film.length or at is None
        for row in (*self.rows, self.drawn):
            row.setVisible(not nothing)
        self.position = -1 if nothing else position
        if film is None or at is None or nothing:
            self.header.set_caption("Candidates")
            self.header.set_note("")
            self.hint.setText(NONE)
            self.lock.setEnabled(False)
            self.again.setEnabled(False)
            return
        moment, state = film.moments[index], film.state(index, position)
        masked, locked = moment.since[position] == -1, state == LOCKED
        self.header.set_caption(f"Position {position + 1}")
        self.header.set_note(state)
        self.hint.setText(
            "It is locked: unlock it to let it be drawn." if locked
            else "Click a word to put it there and go on from here." if index or masked
            else "Click a word to put it there from the start."
        )  # fmt: skip
        reason = "This position is locked; unlock it first." if locked else ""
        for k, row in enumerate(self.rows):
            token, share = int(at.top_ids[position, k]), float(at.top_probabilities[position, k])
            present = not masked and token == int(moment.at.ids[position])
            row.show_candidate(token, film.word(token), share, present=present, reason=reason)
        self._show_drawn(film, int(moment.at.ids[position]), float(at.probability[position]), masked=masked or locked)
        self.lock.setText("Unlock" if locked else "Lock")
        self.lock.setAccessibleName("Unlock" if locked else "Lock")
        help_text = "Let it be drawn again" if locked else "Keep this word in every film from now on"
        self.lock.set_reason("There is no word to lock yet." if masked else "", help_text)
        why = "It is locked." if locked else "It is masked already." if masked or state == MASKED else ""
        why = why or ("This model has no masks." if film.report.mask < 0 else "")
        self.again.set_reason(why, "Mask this position again and go on from this step")

    def _show_drawn(self, film: TokenFilm, token: int, share: float, *, masked: bool) -> None:
        """The sixth row; `masked`, or locked, nothing was drawn. In a uniform chain what stands may be noise still."""
        known = self.rows[0].token >= 0
        if masked or not known or token in [row.token for row in self.rows]:
            self.drawn.show_candidate(-1, "", 0.0, present=False, reason="")
        else:
            note = BELOW if film.report.kind == UNIFORM else f"drawn, {BELOW}"
            self.drawn.show_candidate(token, film.word(token), share, present=True, reason="", note=note)
