"""The films of a comparison: who they are, what each is made with, and how they are made, together or one again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from dgm_studio.core.comparing import LANES
from dgm_studio.core.exact_source import OF_LANE, exact_parts, exact_source
from dgm_studio.core.knobs import Knob, Value, checked
from dgm_studio.core.reports import Failure
from dgm_studio.gui.panels.race.grid import StageGrid
from dgm_studio.gui.panels.trajectories.compare_errors import Entry
from dgm_studio.gui.panels.trajectories.compare_lane import CompareLane
from dgm_studio.gui.panels.trajectories.compare_lanes import (
    RUN,
    SOLVER,
    STEPS,
    Contender,
    fitting,
    heads,
    shared,
    title_of,
    words_of,
)
from dgm_studio.gui.panels.trajectories.compare_presets import PRESETS, Ground
from dgm_studio.gui.panels.trajectories.subject import Subject, of_run
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.chip import ChipRow

EXACT_OF_RUN = "run, exact"
"""The key of the run's exact field among the sources."""
NOT_FILMED = ("custom", "one-level")
"""Paths that need a drawing, or have but one level of noise."""
NO_RUN = "There is no run whose model could be filmed. Train one in Train, or set this film to an exact field."


class Lineup(QObject):
    """Up to LANES films; those of the run are of one model, frozen when all were made last."""

    changed = Signal()
    """What a film is, or what is known of it; said once of all that comes at a time."""

    advanced = Signal()
    failed = Signal(object)

    def __init__(
        self, studio: Studio, grid: StageGrid, chips: ChipRow, moving: Callable[[], bool], parent: QObject
    ) -> None:
        """`moving()` says whether the common clock moves."""
        super().__init__(parent)
        self._moving, self._awake = moving, False
        self.contenders: list[Contender] = []
        self.preset = ""
        """The comparison that stands there as it was offered; "" once a person has changed a film."""
        self._studio, self._grid, self._chips = studio, grid, chips
        self._all: list[CompareLane] = []
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.changed)
        self._laid_out = 0
        self._filmed: tuple[int | str, int] | None = None
        """The run and its step when the films were made."""

    @property
    def lanes(self) -> list[CompareLane]:
        """Those that are in use, made where they are missing."""
        if len(self.contenders) == self._laid_out:
            return self._all[: self._laid_out]
        stages = self._grid.show_count(len(self.contenders))
        self._laid_out = len(self.contenders)
        for place in range(len(self._all), len(self.contenders)):
            lane = CompareLane(place, stages[place], self._chips, self._studio.link, self._moving, self)
            lane.advanced.connect(self.advanced)
            lane.changed.connect(self._heard)
            lane.pictures.awake = self._awake
            self._all.append(lane)
        return self._all[: len(self.contenders)]

    # Who they are.

    def ground(self) -> Ground:
        """What there is to compare now."""
        catalogue, run = self._studio.catalogue, of_run(self._studio)
        assert catalogue is not None
        known = Ground(solvers=catalogue.solvers, paths=catalogue.paths)
        if run is None:
            return known
        report = self._studio.run.report
        return replace(
            known,
            title=run.title,
            knobs=run.knobs,
            sampling=checked(run.knobs, fitting(run.knobs, run.sampling)),
            idle=run.idle,
            unfit=report.unfit if report is not None else {},
            exact=bool(run.exact),
            data=f"{OF_LANE}{self._studio.run.name}",
        )

    def reasons(self) -> dict[str, str]:
        """Why some comparisons cannot be had."""
        ground = self.ground()
        found = {name: who(ground) for name, (who, _, _) in PRESETS.items()}
        return {name: one for name, one in found.items() if isinstance(one, str)}

    def take(self, preset: str) -> bool:
        """Line up that comparison; whether it can be had."""
        found = PRESETS[preset][0](self.ground())
        if isinstance(found, str):
            return False
        self.preset, self.contenders = preset, list(found)
        return True

    def refresh(self) -> None:
        """Another run: the comparison as it is offered now, else the first that can be had."""
        if self.preset or not self.contenders:
            _ = any(self.take(name) for name in (self.preset, *PRESETS) if name)

    def add(self, like: int) -> bool:
        """One more film, set like that one."""
        if len(self.contenders) >= LANES:
            return False
        self.contenders.append(self.contenders[like])
        self.preset = ""
        return True

    def remove(self, place: int) -> None:
        """Take a film away; those behind it move up."""
        if len(self.contenders) > 1:
            del self.contenders[place]
            self.preset = ""

    def set_source(self, place: int, key: str) -> None:
        """Another model for a film; solver and steps stay where they can."""
        kept = {name: value for name, value in self.sampling(place).items() if name in (SOLVER, STEPS)}
        run = key in (RUN, EXACT_OF_RUN)
        stays = run or exact_parts(key) is not None
        self.contenders[place] = Contender(RUN if run else key, key == EXACT_OF_RUN, kept if stays else {})
        self.preset = ""

    def set_sampling(self, place: int, name: str, value: Value) -> None:
        """One Sampling value of a film."""
        self.contenders[place] = self.contenders[place].with_value(name, value)
        self.preset = ""

    def sources(self) -> list[tuple[str, str]]:
        """What can carry particles, as (key, words): the run, exact fields of its data, and the files in use."""
        catalogue, ground = self._studio.catalogue, self.ground()
        found = []
        if ground.title:
            found.append((RUN, ground.title))
        if ground.exact:
            found.append((EXACT_OF_RUN, f"{ground.title}, exact field"))
        paths = catalogue.paths if catalogue is not None else {}
        offered = [exact_source(name, ground.data) for name in paths if name not in NOT_FILMED]
        used = [one.source for one in self.contenders if one.source != RUN]
        every = dict.fromkeys([*offered, *used])
        return [*found, *((source, title_of(Contender(source), "", catalogue)) for source in every)]

    def key_of(self, place: int) -> str:
        """Which of these a film is of."""
        one = self.contenders[place]
        return EXACT_OF_RUN if one.source == RUN and one.exact else one.source

    # What they are made with.

    def knobs(self, place: int) -> tuple[Knob, ...]:
        """A film's Sampling, () while its model is not open."""
        contender, run = self.contenders[place], of_run(self._studio)
        if contender.source == RUN:
            return run.knobs if run is not None else ()
        lane = self._lane_of(place)
        return lane.knobs if lane is not None else ()

    def sampling(self, place: int) -> dict[str, Value]:
        """All its values where they are known, else those that are set."""
        contender, knobs = self.contenders[place], self.knobs(place)
        if contender.source == RUN:
            own: Mapping[str, Value] = self.ground().sampling
        else:
            lane = self._lane_of(place)
            own = lane.report.sampling if lane is not None and lane.report is not None else {}
        if not knobs:
            return dict(contender.sampling)
        return checked(knobs, fitting(knobs, {**own, **contender.sampling}))

    def idle(self, place: int) -> Mapping[str, str]:
        """Knobs of a film that do nothing, and why."""
        if self.contenders[place].source == RUN:
            return self.ground().idle
        lane = self._lane_of(place)
        return lane.report.idle if lane is not None and lane.report is not None else {}

    def unfit(self, place: int) -> Mapping[str, str]:
        """Solvers that do not fit a film's model, and why."""
        if self.contenders[place].source == RUN:
            return self.ground().unfit
        lane = self._lane_of(place)
        return lane.report.unfit if lane is not None and lane.report is not None else {}

    def _lane_of(self, place: int) -> CompareLane | None:
        """The lane there, where it is of the same source."""
        lane = self._all[place] if place < len(self._all) else None
        return lane if lane is not None and lane.contender.source == self.contenders[place].source else None

    def words(self) -> list[dict[str, str]]:
        """Of each film what it is, by topic."""
        ground, catalogue = self.ground(), self._studio.catalogue
        return [
            words_of(one, title_of(one, ground.title, catalogue), self.knobs(place), self.sampling(place))
            for place, one in enumerate(self.contenders)
        ]

    def heads(self) -> list[str]:
        """What tells each film from the others."""
        return heads(self.words())

    def common(self) -> str:
        """What the films have in common."""
        same = shared(self.words(), ("", SOLVER, STEPS))
        noise = f"{len(self.contenders)} films from the same noise"
        return f"{noise}: {same}" if same else noise

    def curves(self) -> list[str]:
        """What tells the curve of each from the others: the number of steps is a place on it."""
        return heads([{topic: said for topic, said in one.items() if topic != STEPS} for one in self.words()])

    # Their making.

    def shoot(self, settings: Mapping[str, Value], only: int | None = None) -> None:
        """Make all films of the models as they now are, or one again of the model that it was."""
        run = of_run(self._studio)
        for place, lane in enumerate(self.lanes):
            if only is None or place == only:
                self._shoot_one(place, lane, run, settings, again=only is not None)
            lane.pictures.awake = self._awake
        if only is None:
            self._filmed = (run.id, run.step) if run is not None else None
            self._rest()

    def _shoot_one(
        self, place: int, lane: CompareLane, run: Subject | None, settings: Mapping[str, Value], *, again: bool
    ) -> None:
        contender = self.contenders[place]
        if contender.source == RUN and run is None:
            self.failed.emit(NO_RUN)
            return
        sampling = self.sampling(place) if self.knobs(place) else contender.sampling
        name = run.source if run is not None else ""
        lane.shoot(contender, name, sampling, int(settings["count"]), int(settings["seed"]), again=again)

    def _rest(self) -> None:
        """Lanes that are not in use show nothing and cost nothing."""
        for lane in self._all[len(self.contenders) :]:
            lane.forget()

    @property
    def making(self) -> bool:
        """Whether a film is being made or judged, or something of it is still to be said."""
        return self._soon.isActive() or any(lane.film.making for lane in self._all[: len(self.contenders)])

    @property
    def judged(self) -> bool:
        """Whether the errors of all films are known, or will never be; their distances to the data may be to come."""
        return all(lane.judged for lane in self._all[: len(self.contenders)])

    def stale(self) -> str:
        """Why films made now would be others, "" where they would not."""
        run = of_run(self._studio)
        if self._filmed is None or run is None or not any(one.source == RUN for one in self.contenders):
            return ""
        if run.id != self._filmed[0]:
            return "Another model has been opened: film it (R)"
        if run.step != self._filmed[1]:
            return f"The model has been trained on to step {run.step:,}: film it again (R)"
        return ""

    def entries(self) -> dict[int, Entry]:
        """Those a curve of errors can be drawn for: they have a solver, and their film is whole."""
        found = {}
        for place, lane in enumerate(self.lanes):
            sampling = self.sampling(place)
            if SOLVER in sampling and lane.complete and lane.failure is None:
                found[place] = Entry(lane.film.name, lane.contender.model, lane.contender.exact, sampling)
        return found

    def wake(self, awake: bool) -> None:
        """Whether a person looks."""
        self._awake = awake
        for place, lane in enumerate(self._all):
            if not awake:
                lane.pictures.sleep()
            elif place < len(self.contenders):
                lane.pictures.awake = True

    def _heard(self) -> None:
        lane = self.sender()
        if isinstance(lane, CompareLane) and lane.failure is not None and not lane.told_failure:
            lane.told_failure = True
            self.failed.emit(_numbered(lane.place, lane.failure))
        self._soon.start()


def _numbered(place: int, failure: Failure) -> Failure:
    return replace(failure, sentence=f"Film {place + 1}: {failure.sentence}")


def restored(held: object) -> Sequence[Contender]:
    """The films of a session; what is foreign is left out."""
    found = [Contender.of(one) for one in held] if isinstance(held, list) else []
    return [one for one in found if one is not None][:LANES]
