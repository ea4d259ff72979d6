"""The film of a sentence that comes out of masks: played, scrubbed, inspected, forked, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, checked
from dgm_studio.core.reports import Failure
from dgm_studio.core.unmasking import MASKED, RANDOM, Unmasking
from dgm_studio.gui.file_desk import FILTER, SUFFIX
from dgm_studio.gui.panels.mode import Mode
from dgm_studio.gui.panels.model_picker import LIVE
from dgm_studio.gui.panels.text.film import LOCKED, TokenFilm
from dgm_studio.gui.panels.text.film_show import PACE, FilmShow
from dgm_studio.gui.panels.text.form import KNOBS, LENGTH, NO_NETWORK_KNOBS, SEED, FilmForm, set_apart
from dgm_studio.gui.panels.text.lane import TokenLane, Wish
from dgm_studio.gui.panels.text.locking import start_with
from dgm_studio.gui.panels.text.model_card import first_prompt, first_source
from dgm_studio.gui.panels.text.picture import COMPARE, GUESSES, LOCK, LOOK, MASK
from dgm_studio.gui.panels.text.prompt import prompt_of
from dgm_studio.gui.panels.text.quality import SWEPT_ORDERS, SWEPT_STEPS
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK, LANE, SECOND_LANE = "unmasking", "text", "text-second"
SOON_MS = 150
"""A dragged knob is one film, not a hundred."""


class FilmMode(Mode):
    """What is wanted of the lanes; `show` is what is seen of them. `wish.source` is a shipped model's name, a path, or
    LIVE for the training lane."""

    id, word, tooltip = "film", "Film", "Watch a sentence come out of masks, and change its course"
    restart_help = "A new film with the next seed (R)"

    def __init__(self, studio: Studio, live: str, parent: QObject | None = None) -> None:
        """`live` is the name of the lane that trains a model of text."""
        super().__init__(parent)
        self._studio, self._live_lane = studio, live
        self.live = ""
        """What the live training is, in words; "" while there is none."""
        self.lane = TokenLane(studio.link, LANE, self)
        self.second = TokenLane(studio.link, SECOND_LANE, self)
        self.show = FilmShow(studio, self.lane, self.second, self)
        self.player = self.show.player
        self.form: FilmForm = FilmForm()
        self.picture = self.cells = self.show.picture
        self.readouts = self.sides = self.show.readouts
        self.stage = self.picture.card.cells[0]
        self.wish = Wish("", asdict(Unmasking()), int(SEED.default))
        self.second_settings: dict[str, Value] = {**asdict(Unmasking()), "order": RANDOM}
        self.comparing = self._own_second = self._own_prompt = self._awake = self._active = self._wanted = False
        self.tool = LOOK
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(lambda: self.shoot(play=False))
        self._connect()
        self._show_settings()

    def _connect(self) -> None:
        form, picture, sides = self.form, self.cells, self.sides
        form.model.picked.connect(self.choose)
        form.model.open_wanted.connect(self.choose_file)
        form.model.button.pressed.connect(self._offer)
        form.prompt.wanted.connect(self._change_prompt)
        form.knob_wanted.connect(self._change_knob)
        form.own_wanted.connect(self._change_own)
        form.second_wanted.connect(self._change_second)
        picture.toggled.connect(self._toggle)
        picture.tool_chosen.connect(lambda tool: setattr(self, "tool", tool))
        picture.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        picture.first.clicked.connect(self._click)
        picture.first.double_clicked.connect(self.toggle_lock)
        sides.candidates.forced.connect(self.force)
        sides.candidates.lock_wanted.connect(self.toggle_lock)
        sides.sweep.wanted.connect(self.sweep)
        self.lane.swept.connect(sides.sweep.add)
        self.lane.failed.connect(self._fail)
        self.second.failed.connect(self._fail)
        self.show.changed.connect(self.changed)
        self.show.other_film.connect(self._tell_model)

    @property
    def film(self) -> TokenFilm | None:
        """What is shown."""
        return self.show.film

    # What is filmed.

    def wake(self, catalogue: Catalogue) -> None:
        """A first film, if this panel is in front."""
        self._awake = True
        if not self.wish.source:
            self.wish = replace(self.wish, source=first_source())
        self._suggest()
        self._show_settings()
        if self._wanted:
            self.provide()

    def enter(self) -> None:
        """A first film plays by itself."""
        self._active = self.show.awake = True
        self.provide()

    def provide(self) -> None:
        """A first film, once the engine is awake: also for a mode that needs its model's words; in front it plays."""
        self._wanted = True
        if self._awake and self.film is None and not self.lane.making:
            if not self.wish.source:
                self.wish = replace(self.wish, source=first_source())
                self._suggest()
                self._show_settings()
            self.shoot(play=self._active)

    def leave(self) -> None:
        """Nobody looks."""
        self._active = self.show.awake = False
        self.player.pause()
        if self.lane.sweeping:
            self.sweep(False)

    def choose(self, source: str, choice: Mapping[str, str] | None = None) -> None:
        """Another model, with what was chosen of its file elsewhere; the prompt stays where a person has typed it."""
        self.wish = replace(self.wish, source=source, choice=dict(choice or {}), start=None, branch=None)
        self._suggest()
        self.show.forget()
        self._show_settings()
        self.shoot(play=True)

    def choose_file(self) -> None:
        """Ask for a checkpoint."""
        name, _ = QFileDialog.getOpenFileName(self.form, "Open a model of text", "", FILTER)
        if name:
            self._studio.recent.add(name)
            self.choose(name)

    def drop(self, path: str) -> bool:
        """A checkpoint of text is opened here."""
        if path.lower().endswith(SUFFIX) and self._studio.writes_text(path):
            self._studio.recent.add(path)
            self.choose(path)
            return True
        return False

    def set_live(self, text: str) -> None:
        """What the live training is, in words; "" while there is none."""
        self.live = text

    def _offer(self) -> None:
        self.form.model.offer(filter(self._studio.writes_text, self._studio.recent.show()), self.live)

    def _suggest(self) -> None:
        if not self._own_prompt:
            self.wish = replace(self.wish, prompt=first_prompt(self.wish.source))

    def shoot(self, *, play: bool) -> None:
        """Film what is wanted: from the start if it is to play, else at the moment that is shown."""
        self._soon.stop()
        empty = not self.wish.source or (self.wish.source == LIVE and not self.live)
        self.cells.set_empty(empty and self._awake)
        if empty or not self._awake:
            self.changed.emit()
            return
        self.cleared.emit()
        self.show.play_next = play
        source = self._live_lane if self.wish.source == LIVE else self.wish.source
        wish = replace(self.wish, source=source, branch=None)
        self.lane.unmask(wish)
        self.sides.sweep.set_running(False)
        if self.comparing:
            self.second.unmask(replace(wish, settings=dict(self.second_settings)))
        self.kept.emit()
        self.changed.emit()

    def force(self, position: int, token: int) -> None:
        """Put a token there (-1: mask it again) and go on from the moment that is shown."""
        at = self.show.at
        if at is None or position < 0:
            return
        if self.lane.by_hand and token >= 0:
            self.lane.pick(position, token)
            return
        self.player.pause()
        self.show.play_next = True
        self.cleared.emit()
        self.lane.unmask(replace(self.wish, source=self.lane.name, branch=(at.step, position, token)))
        self.changed.emit()

    def sweep(self, on: bool) -> None:
        """Quality against steps, or stop it."""
        film = self.film
        if film is None:
            return
        longest = max(1, int((~film.locked).sum()))
        steps = tuple(one for one in SWEPT_STEPS if one <= longest)
        orders = SWEPT_ORDERS if film.report.kind == "masked" else (str(self.wish.settings["order"]),)
        self.sides.sweep.set_running(on)
        self.lane.sweep(orders if on else (), steps, self.wish.seed)

    def toggle_lock(self, position: int) -> None:
        """Lock the word that stands there, or unlock it: another film, whose prompt says so."""
        film = self.film
        if film is None or film.moments[self.show.index].since[position] == -1:
            return
        start = start_with(film, self.show.index, position)
        self._own_prompt = True
        self.wish = replace(self.wish, start=start, prompt=prompt_of(film, start))
        self.form.prompt.show_text(self.wish.prompt)
        self.shoot(play=False)

    # From the person.

    def _change_prompt(self, text: str) -> None:
        self._own_prompt = True
        self.wish = replace(self.wish, prompt=text, start=None)
        self.shoot(play=True)

    def _change_knob(self, name: str, value: Value) -> None:
        self.wish = replace(self.wish, settings={**self.wish.settings, name: value})
        at = self.show.at
        if name in NO_NETWORK_KNOBS and at is not None and not self.lane.making:
            self.lane.recall((at.step,), {one: self.wish.settings[one] for one in NO_NETWORK_KNOBS})
        self._soon.start()

    def _change_own(self, name: str, value: Value) -> None:
        if name == LENGTH.name:
            self.wish = replace(self.wish, length=int(value), start=None)
        else:
            self.wish = replace(self.wish, seed=int(value))
        self._soon.start()

    def _change_second(self, name: str, value: Value) -> None:
        self.second_settings[name] = value
        self._own_second = True
        self._soon.start()

    def _toggle(self, name: str, on: bool) -> None:
        if name == GUESSES:
            self.cells.set_guesses(on)
        elif name == COMPARE:
            self.comparing = on
            self.form.second.setVisible(on)
            self.show.set_compare(on)
            if on:
                if not self._own_second:
                    self.second_settings = set_apart(self.wish.settings, self.film.report.kind if self.film else MASKED)
                    self.form.second.set_values(self.second_settings)
                self.shoot(play=False)
        self.kept.emit()

    def _click(self, position: int) -> None:
        film = self.film
        if film is None:
            return
        hidden = film.moments[self.show.index].since[position] == -1
        locked = film.state(self.show.index, position) == LOCKED
        if self.tool == LOCK or (self.tool == MASK and locked):
            self.toggle_lock(position)
        elif self.tool == MASK and not hidden and film.report.mask >= 0:
            self.force(position, -1)
        elif self.lane.by_hand and hidden:
            self.lane.pick(position)
        else:
            self.show.select(-1 if position == self.show.selected else position)

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """One track."""
        bar.add_track(TRACK, "Unmasking", "sample")
        bar.set_speed(self.player.speed / PACE)
        bar.set_loop(self.player.loop)

    def show_on(self, bar: TransportBar) -> None:
        """Which step, and how much is masked."""
        film, at = self.film, self.show.at
        bar.set_playing(self.player.playing)
        if film is None or at is None:
            reason = "Unmasking…" if self.lane.making else "There is no film yet: choose a model"
            bar.set_track(TRACK, "Unmasking", "", 0.0, 0, False, reason)
            return
        busy = f" · unmasking {self.lane.steps_made}" if self.lane.making else ""
        rate = f" · mask rate {at.mask_rate:.2f}" if film.report.mask >= 0 else ""
        text = f"step {at.step} / {film.report.steps}{rate}{busy}"
        bar.set_track(TRACK, "Unmasking", text, self.show.index, len(film.moments), len(film.moments) > 1)

    def subtitle(self) -> str:
        """How far it is, and what must be said."""
        film, at = self.film, self.show.at
        if film is None or at is None:
            return "a sentence comes out of masks, token by token"
        what = f"{film.revealed(self.show.index)} of {film.gaps} tokens revealed"
        if film.report.kind == "uniform":
            what = f"{film.length} tokens, {len(at.revealed)} changed in this step"
        note = f" · {at.note}" if at.note else ""
        return f"{what} after {at.step} of {film.report.steps} steps, {at.calls} network calls{note}"

    def text(self) -> str:
        """The sentence as one would write it."""
        return self.film.text(self.show.index) if self.film is not None else ""

    def unplayable(self) -> str:
        """A film by hand has nothing to play before the first click."""
        return "Click a box to restore it; then there is a film to play." if self.show.untouched else ""

    def toggle_play(self) -> None:
        """Play or pause."""
        self.player.toggle()
        self.changed.emit()

    def step(self, by: int) -> None:
        """Steps of the film, both ways."""
        self.show.seek(self.player.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last."""
        self.show.seek(round(fraction * (self.player.length - 1)))

    def scrub(self, track: str, position: float) -> None:
        """To that moment."""
        self.show.seek(round(position))

    def restart(self) -> None:
        """The same with the next seed."""
        self.wish = replace(self.wish, seed=(self.wish.seed + 1) % int(SEED.high or 1))
        self.form.own.set_values({SEED.name: self.wish.seed})
        self.shoot(play=True)

    def press(self, index: int) -> None:
        """The chips."""
        self.cells.chips.press(index)

    def set_speed(self, speed: float) -> None:
        """The bar's factor."""
        self.player.set_speed(speed * PACE)

    def set_loop(self, on: bool) -> None:
        """The bar's switch."""
        self.player.set_loop(on)

    # From the worker.

    def _tell_model(self, film: TokenFilm) -> None:
        self.form.model.show_film(film)
        self.form.show_kind(film.report.kind)

    def _fail(self, failure: Failure) -> None:
        self.sides.sweep.set_running(self.lane.sweeping)
        self.form.prompt.refuse(failure.sentence if "vocabulary" in failure.sentence else "")
        self.failed.emit(failure)
        self.changed.emit()

    def _show_settings(self) -> None:
        self.form.model.show_source(self.wish.source)
        self.form.prompt.show_text(self.wish.prompt)
        self.form.set_values(dict(self.wish.settings))
        self.form.own.set_values({LENGTH.name: self.wish.length, SEED.name: self.wish.seed})
        self.form.second.set_values(self.second_settings)

    # The window's calls.

    def settled(self) -> bool:
        """The film is whole, stands, and is judged as far as it can be."""
        busy = self.lane.making or self.second.making or self._soon.isActive() or self.player.playing
        return self._awake and not busy and (self.film is not None or not self.wish.source)

    def session(self) -> dict[str, Any]:
        """Model, prompt, settings."""
        source = "" if self.wish.source == LIVE else self.wish.source
        held = {"source": source, "length": self.wish.length, "seed": self.wish.seed, "compare": self.comparing}
        held |= {"settings": dict(self.wish.settings), "second": dict(self.second_settings)}
        return {**held, "own_second": self._own_second, "prompt": self.wish.prompt if self._own_prompt else None}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse; anything foreign, and all stays as it is."""
        try:
            settings = checked(tuple(KNOBS.values()), dict(held.get("settings") or {}))
            second = checked(tuple(KNOBS.values()), {**self.second_settings, **dict(held.get("second") or {})})
            own = checked((LENGTH, SEED), {name: held[name] for name in ("length", "seed") if name in held})
        except (Refused, TypeError, ValueError):
            return
        prompt, source = held.get("prompt"), held.get("source")
        self._own_prompt = isinstance(prompt, str)
        self.wish = Wish(
            source if isinstance(source, str) else "", settings, int(own["seed"]),
            prompt if isinstance(prompt, str) else "", int(own["length"]),
        )  # fmt: skip
        self.second_settings, self._own_second = second, held.get("own_second") is True
        if held.get("compare") is True and not self.comparing:
            self.cells.chips.chips[COMPARE].setChecked(True)
            self._toggle(COMPARE, True)
        self._show_settings()
