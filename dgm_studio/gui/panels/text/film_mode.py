"""The film of a sentence that comes out of masks: played, scrubbed, inspected, forked, compared."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.reports import Failure
from dgm_studio.core.unmasking import CONFIDENCE, SweepPoint, TokenStep, Unmasking
from dgm_studio.gui.panels.playing import film_player
from dgm_studio.gui.panels.text.film import LOCKED, NEW, TokenFilm
from dgm_studio.gui.panels.text.form import KNOBS, LENGTH, NO_NETWORK_KNOBS, SEED, FilmForm
from dgm_studio.gui.panels.text.judge import Judge
from dgm_studio.gui.panels.text.lane import TokenLane, Wish
from dgm_studio.gui.panels.text.locking import start_with
from dgm_studio.gui.panels.text.mode import Mode
from dgm_studio.gui.panels.text.model_card import FIRST, LIVE, shipped
from dgm_studio.gui.panels.text.picture import COMPARE, GUESSES, LOCK, LOOK, MASK, FilmPicture
from dgm_studio.gui.panels.text.prompt import prompt_of
from dgm_studio.gui.panels.text.quality import SWEPT_ORDERS, SWEPT_STEPS
from dgm_studio.gui.panels.text.readouts import FilmReadouts
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK, LANE, SECOND_LANE = "unmasking", "text", "text-second"
PACE = 0.3
"""Of the usual pace of films: words must be read."""
SOON_MS = 150
"""A dragged knob is one film, not a hundred."""
PROMPTS = {
    "masked-word": "And Moses said unto the people, ___ × 18 in the land of Egypt.",
    "masked-char": "And Moses said ",
    "autoregressive-word": "And Moses said unto the people,",
}
"""What a model that ships is first asked, by the end of its name."""


class FilmMode(Mode):
    """`source` is a shipped model's name, a path, or LIVE for the training lane."""

    id, word, tooltip = "film", "Film", "Watch a sentence come out of masks, and change its course"

    def __init__(self, studio: Studio, live: str, parent: QObject | None = None) -> None:
        """`live` is the name of the lane that trains a model of text."""
        super().__init__(parent)
        self._studio, self._live_lane = studio, live
        self.live = ""
        """What the live training is, in words; "" while there is none."""
        self.lane = TokenLane(studio.link, LANE, self)
        self.second = TokenLane(studio.link, SECOND_LANE, self)
        self.player = film_player(studio, self)
        self.player.set_speed(PACE)
        self.form: FilmForm = FilmForm()
        self.picture: FilmPicture = FilmPicture()
        self.readouts: FilmReadouts = FilmReadouts()
        self.judge = Judge(self.lane, self.readouts.quality, self)
        self.wish = Wish("", asdict(Unmasking()), int(SEED.default))
        self.second_settings: dict[str, Value] = {**asdict(Unmasking()), "order": CONFIDENCE}
        self.comparing = False
        self.tool = LOOK
        self.selected = -1
        self._own_prompt = False
        self._awake = self._active = False
        self._play = True
        self._wants_middle = False
        self._recalled: dict[int, TokenStep] = {}
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()
        self._show_settings()

    @property
    def film(self) -> TokenFilm | None:
        """What is shown."""
        return self.lane.film

    @property
    def index(self) -> int:
        """The moment that is shown."""
        return min(self.player.index, len(self.film.moments) - 1) if self.film is not None else 0

    def _connect(self) -> None:
        form, picture, lane = self.form, self.picture, self.lane
        form.model.picked.connect(self.choose)
        form.prompt.wanted.connect(self._change_prompt)
        form.knob_wanted.connect(self._change_knob)
        form.own_wanted.connect(self._change_own)
        form.second_wanted.connect(self._change_second)
        picture.toggled.connect(self._toggle)
        picture.tool_chosen.connect(self._choose_tool)
        picture.map.scrubbed.connect(self._scrub_map)
        for cells in (picture.first, picture.second):
            cells.hovered.connect(lambda _: self._show_position())
            cells.clicked.connect(self._click)
        picture.first.double_clicked.connect(self._toggle_lock)
        self.readouts.candidates.forced.connect(self.force)
        self.readouts.candidates.lock_wanted.connect(self._toggle_lock)
        self.readouts.sweep.wanted.connect(self.sweep)
        lane.begun.connect(self._begin)
        lane.grown.connect(self._grow)
        lane.whole.connect(self._finish)
        lane.failed.connect(self._fail)
        lane.recalled.connect(self._recall)
        lane.swept.connect(self._swept)
        self.second.begun.connect(lambda _: self._show_second())
        self.second.grown.connect(self._show_second)
        self.second.failed.connect(self._fail)
        self.player.moved.connect(lambda _: self._show_moment())
        self.player.stopped.connect(self.changed)

    # What is filmed.

    def wake(self, catalogue: Catalogue) -> None:
        """A first film, if this panel is in front."""
        self._awake = True
        if not self.wish.source:
            names = shipped()
            self.wish = replace(self.wish, source=FIRST if FIRST in names else names[0] if names else "")
        if not self._own_prompt:
            self._suggest()
        self._show_settings()
        if self._active and self.lane.film is None:
            self.shoot(play=True)

    def choose(self, source: str) -> None:
        """Another model; the prompt stays where a person has typed it."""
        self.wish = replace(self.wish, source=source, start=None, branch=None)
        if not self._own_prompt:
            self._suggest()
        self.lane.forget()
        self.second.forget()
        self.readouts.forget()
        self.picture.show_film(None, 0)
        self._show_settings()
        self.shoot(play=True)

    def choose_live(self) -> None:
        """The model in training, as it is now."""
        self.choose(LIVE)

    def set_live(self, text: str) -> None:
        """What the live training is, in words; "" while there is none."""
        self.live = text
        self.form.model.offer(self._studio.recent.show(), text)

    def demonstrate(self) -> None:
        """For a picture: the film past its middle, one word looked at."""
        self._wants_middle = True
        if self.film is not None and not self.lane.making:
            self._show_middle()

    def _show_middle(self) -> None:
        film = self.film
        if film is None or not film.moments:
            return
        self._wants_middle = False
        self._seek(round(0.55 * (len(film.moments) - 1)))
        open_ = np.flatnonzero(film.moments[self.index].since > 0)
        self.selected = int(open_[len(open_) // 2]) if len(open_) else -1
        self.picture.first.select(self.selected)
        self._show_moment()

    def text(self) -> str:
        """The sentence as one would write it."""
        film = self.film
        return film.text(self.index) if film is not None and film.moments else ""

    def _suggest(self) -> None:
        ends = [text for end, text in PROMPTS.items() if self.wish.source.endswith(end)]
        self.wish = replace(self.wish, prompt=ends[0] if ends else "")

    def shoot(self, *, play: bool) -> None:
        """Film what is wanted: from the start if it is to play, else at the moment that is shown."""
        self._soon.stop()
        if not self._awake or not self.wish.source or self.wish.source == LIVE and not self.live:
            self.changed.emit()
            return
        self.cleared.emit()
        self._play = play
        source = self._live_lane if self.wish.source == LIVE else self.wish.source
        wish = replace(self.wish, source=source, branch=None)
        self.lane.unmask(wish)
        if self.comparing:
            self.second.unmask(replace(wish, settings=dict(self.second_settings)))
        self.kept.emit()
        self.changed.emit()

    def force(self, position: int, token: int) -> None:
        """Put a token there (-1: mask it again) and go on from the moment that is shown."""
        film = self.film
        if film is None or position < 0:
            return
        if self.lane.by_hand and token >= 0:
            self.lane.pick(position, token)
            return
        step = film.moments[self.index].at.step
        self.player.pause()
        self._play = True
        self.cleared.emit()
        self.lane.unmask(replace(self.wish, source=self.lane.name, branch=(step, position, token)))
        self.changed.emit()

    def sweep(self, on: bool) -> None:
        """Quality against steps, or stop it."""
        film = self.film
        if film is None:
            return
        longest = int((~film.locked).sum())
        steps = tuple(one for one in SWEPT_STEPS if one <= max(1, longest))
        orders = SWEPT_ORDERS if film.report.kind == "masked" else (str(self.wish.settings["order"]),)
        self.readouts.sweep.set_running(on)
        self.lane.sweep(orders if on else (), steps, self.wish.seed)

    # From the person.

    def _change_prompt(self, text: str) -> None:
        self._own_prompt = True
        self.wish = replace(self.wish, prompt=text, start=None)
        self.shoot(play=True)

    def _change_knob(self, name: str, value: Value) -> None:
        self.wish = replace(self.wish, settings={**self.wish.settings, name: value})
        if name in NO_NETWORK_KNOBS and self.film is not None and not self.lane.making:
            self.lane.recall((self.film.moments[self.index].at.step,), dict(self.wish.settings))
        self._soon.start()
        self.changed.emit()

    def _change_own(self, name: str, value: Value) -> None:
        if name == LENGTH.name:
            self.wish = replace(self.wish, length=int(value), start=None)
        else:
            self.wish = replace(self.wish, seed=int(value))
        self._soon.start()

    def _change_second(self, name: str, value: Value) -> None:
        self.second_settings[name] = value
        self._soon.start()

    def _toggle(self, name: str, on: bool) -> None:
        if name == GUESSES:
            for cells in (self.picture.first, self.picture.second):
                cells.set_guesses(on)
        elif name == COMPARE:
            self.comparing = on
            self.picture.set_compare(on)
            self.form.second.setVisible(on)
            self.form.second.set_values(self.second_settings)
            if on:
                self.shoot(play=False)
        self.kept.emit()

    def _choose_tool(self, tool: str) -> None:
        self.tool = tool

    def _click(self, position: int) -> None:
        film = self.film
        if film is None or self.sender() is self.picture.second:
            return
        hidden = film.moments[self.index].since[position] == -1
        if self.tool == LOCK:
            self._toggle_lock(position)
        elif self.tool == MASK and film.state(self.index, position) == LOCKED:
            self._toggle_lock(position)
        elif self.tool == MASK and not hidden and film.report.mask >= 0:
            self.force(position, -1)
        elif self.lane.by_hand and hidden:
            self.lane.pick(position)
        else:
            self.selected = -1 if position == self.selected else position
            self.picture.first.select(self.selected)
            self._show_position()

    def _toggle_lock(self, position: int) -> None:
        """Lock the word that stands there, or unlock it: another film, whose prompt says so."""
        film = self.film
        if film is None or film.moments[self.index].since[position] == -1:
            return
        start = start_with(film, self.index, position)
        self._own_prompt = True
        self.wish = replace(self.wish, start=start, prompt=prompt_of(film, start))
        self.form.prompt.show_text(self.wish.prompt)
        self.shoot(play=False)

    def _scrub_map(self, moment: int, position: int) -> None:
        if position >= 0:
            self.selected = position
            self.picture.first.select(position)
        self._seek(moment)

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """One track."""
        bar.add_track(TRACK, "Unmasking", "sample")
        bar.set_speed(self.player.speed / PACE)
        bar.set_loop(self.player.loop)

    def enter(self) -> None:
        """A first film plays by itself."""
        self._active = True
        if self._awake and self.film is None and not self.lane.making:
            self.shoot(play=True)

    def leave(self) -> None:
        """Nobody looks."""
        self._active = False
        self.player.pause()
        if self.lane.sweeping:
            self.sweep(False)

    def show_on(self, bar: TransportBar) -> None:
        """Which step, and how much is masked."""
        film = self.film
        bar.set_playing(self.player.playing)
        if film is None or not film.moments:
            reason = "Unmasking…" if self.lane.making else "There is no film yet: choose a model"
            bar.set_track(TRACK, "Unmasking", "", 0.0, 0, False, reason)
            return
        at = film.moments[self.index].at
        busy = f" · unmasking {self.lane.steps_made}" if self.lane.making else ""
        rate = f" · mask rate {at.mask_rate:.2f}" if film.report.mask >= 0 else ""
        text = f"step {at.step} / {film.report.steps}{rate}{busy}"
        bar.set_track(TRACK, "Unmasking", text, self.index, max(len(film.moments), 1), len(film.moments) > 1)

    def subtitle(self) -> str:
        """How far it is, and what must be said."""
        film = self.film
        if film is None or not film.moments:
            return "a sentence comes out of masks, token by token"
        at = film.moments[self.index].at
        unit = "tokens" if self.picture.first.places.small else "words"
        what = f"{film.revealed(self.index)} of {film.length} {unit} revealed"
        if film.report.mask < 0:
            what = f"{film.length} {unit}, {len(at.revealed)} changed in this step"
        note = f" · {at.note}" if at.note else ""
        return f"{what} after {at.step} of {film.report.steps} steps, {at.calls} network calls{note}"

    def toggle_play(self) -> None:
        """Play or pause."""
        self.player.toggle()
        self.changed.emit()

    def step(self, by: int) -> None:
        """Steps of the film, both ways."""
        self._seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last."""
        self._seek(round(fraction * (self.player.length - 1)))

    def scrub(self, track: str, position: float) -> None:
        """To that moment."""
        self._seek(round(position))

    def restart(self) -> None:
        """The same with the next seed."""
        self.wish = replace(self.wish, seed=(self.wish.seed + 1) % int(SEED.high or 1))
        self.form.own.set_values({SEED.name: self.wish.seed})
        self.shoot(play=True)

    def press(self, index: int) -> None:
        """The chips."""
        self.picture.chips.press(index)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed * PACE)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    def _seek(self, index: int) -> None:
        self.player.pause()
        self._play = False
        self.player.seek(index)
        self._show_moment()

    # From the worker.

    def _begin(self, film: TokenFilm) -> None:
        share = self.player.index / (self.player.length - 1) if self.player.length > 1 else 1.0
        playing = self.player.playing
        self.player.pause()
        moments = max(1, len(film.moments))
        self.player.set_length(moments, moments if not self.lane.making or film.moments else film.report.steps + 1)
        if film.report.branch >= 0:
            self.player.seek(min(film.report.branch, moments - 1))
        else:
            self.player.seek(0 if self._play else round(share * (moments - 1)))
        self._recalled = {}
        self.judge.forget()
        self.form.model.show_film(film)
        self.form.show_kind(film.report.kind)
        if self.selected >= film.length:
            self.selected = -1
        self.picture.show_film(film, self.index)
        if (self._play or playing) and self._active and film.moments:
            self._play = False
            self.player.play()
        self._show_moment()

    def _grow(self) -> None:
        """More of a film that is seen as it is made: the newest step, unless a person looks at another."""
        film = self.film
        if film is None:
            return
        follows = self.player.index >= self.player.length - 1
        total = len(film.moments) if self.lane.by_hand else max(film.report.steps + 1, len(film.moments))
        self.player.set_length(len(film.moments), total)
        if follows and not self.player.playing:
            self.player.seek(len(film.moments) - 1)
        self.picture.show_film(film, self.index)
        self._show_moment()

    def _finish(self) -> None:
        film = self.film
        if film is None:
            return
        self.player.set_length(len(film.moments))
        if self._play and self._active and len(film.moments) > 1:
            self._play = False
            self.player.seek(0)
            self.player.play()
        self.picture.show_film(film, self.index)
        self._show_moment()
        if self._wants_middle:
            self._show_middle()

    def _recall(self, steps: tuple[TokenStep, ...]) -> None:
        self._recalled.update({one.step: one for one in steps})
        self._show_position()

    def _swept(self, point: SweepPoint) -> None:
        self.readouts.sweep.add(point)

    def _fail(self, failure: Failure) -> None:
        self.readouts.sweep.set_running(self.lane.sweeping)
        if self._own_prompt and self.lane.film is not None and not self.lane.making:
            self.form.prompt.refuse(failure.sentence if "vocabulary" in failure.sentence else "")
        self.failed.emit(failure)
        self.changed.emit()

    # Showing.

    def _show_settings(self) -> None:
        self.form.model.show_source(self.wish.source)
        self.form.prompt.show_text(self.wish.prompt)
        self.form.set_values(dict(self.wish.settings))
        self.form.own.set_values({LENGTH.name: self.wish.length, SEED.name: self.wish.seed})
        self.form.second.set_values(self.second_settings)

    def _show_second(self) -> None:
        self.picture.second.show_film(self.second.film, self.player.index)
        self._show_moment()

    def _show_moment(self) -> None:
        film = self.film
        if film is not None and film.moments:
            self.picture.show_moment(self.player.index, self.selected)
            self.readouts.quality.show_entropy(film, self.index)
            self.judge.show(self.index)
            if self.comparing:
                self.picture.show_heads(self.lane, self.second, self.player.index)
            self._show_position()
        self.changed.emit()

    def _show_position(self) -> None:
        film = self.film
        if film is None or not film.moments:
            self.readouts.candidates.show_position(None, 0, -1, None)
            return
        at, under = film.moments[self.index].at, self.picture.first.under
        new = [int(one) for one in np.asarray(at.revealed) if film.state(self.index, int(one)) == NEW]
        position = under if under >= 0 else self.selected if self.selected >= 0 else new[0] if new else -1
        self.readouts.candidates.show_position(film, self.index, position, self._recalled.get(at.step, at))

    # The window's calls.

    def settled(self) -> bool:
        """The film is whole and stands."""
        busy = self.lane.making or self._soon.isActive() or self.player.playing or self.second.making
        return self._awake and not busy and (self.film is not None or not self.wish.source)

    def session(self) -> dict[str, Any]:
        """Model, prompt, settings."""
        held = {"source": "" if self.wish.source == LIVE else self.wish.source, "length": self.wish.length}
        held |= {"seed": self.wish.seed, "settings": dict(self.wish.settings), "second": dict(self.second_settings)}
        return {**held, "prompt": self.wish.prompt if self._own_prompt else None, "compare": self.comparing}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        try:
            settings = checked(tuple(KNOBS.values()), dict(held.get("settings") or {}))
            second = checked(tuple(KNOBS.values()), {**self.second_settings, **dict(held.get("second") or {})})
            own = checked((LENGTH, SEED), {name: held[name] for name in ("length", "seed") if name in held})
        except (Refused, TypeError, ValueError):
            return
        prompt = held.get("prompt")
        self._own_prompt = isinstance(prompt, str)
        source = held.get("source")
        self.wish = Wish(
            source if isinstance(source, str) else "", settings, int(own["seed"]),
            prompt if isinstance(prompt, str) else "", int(own["length"]),
        )  # fmt: skip
        self.second_settings = second
        if held.get("compare") is True and not self.comparing:
            self.picture.chips.chips[COMPARE].setChecked(True)
            self._toggle(COMPARE, True)
        self._show_settings()
