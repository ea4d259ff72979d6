"""Whose film it is: the studio's run, or a guest, which is a denoiser of points that another program trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Knob, Value, checked
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import TRAINING_POINTS
from dgm_studio.gui.panels.checkpoints.running import ASSUMED
from dgm_studio.gui.panels.greying import reasons
from dgm_studio.gui.panels.trajectories.settings import EXACT, FORWARD, OWN_PATH, Settings
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.studio import Studio

AXES = 2
"""Of points with more axes the stage shows the first two."""
NO_DATA = "The points it was trained on are not in the file, so there are none to show."
NOT_OPEN = "The file is being opened."


@dataclass(frozen=True)
class Subject:
    """All that a film's settings and words need of either. `id` is that of the request that opened the run, or says
    which file it is and how it was chosen; `source` is a lane's name or a path; `kind` is whose Sampling knobs they
    are; `where` is what a guest is; `exact` whose exact field there is (core.reports)."""

    id: int | str
    source: str
    title: str
    step: int
    data: DataSpec | None
    kind: str
    knobs: tuple[Knob, ...]
    sampling: Mapping[str, Value]
    idle: Mapping[str, str]
    exact: str
    shows: tuple[str, ...]
    where: str = ""
    choice: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    no_branch: str = ""
    columns: int = AXES
    noise: int = AXES
    """Axes of its noise."""

    @property
    def no_forward(self) -> str:
        """Why data cannot be carried to noise along its path, "" where they can."""
        if self.exact and "velocity" in self.shows:
            return ""
        return f"{self.title} has no path along which noise is added to data, so there is no forward process."

    def shot(self, settings: Settings, own: Mapping[str, Value]) -> Shot:
        """What a film made now would be made with; `own` are Sampling values that were set here."""
        known = {name: value for name, value in own.items() if name in {knob.name for knob in self.knobs}}
        forward = settings.way if settings.direction == FORWARD and not self.no_forward else ""
        return Shot(
            run=self.id,
            step=self.step,
            model=self.title,
            data=self.data,
            sampling=checked(self.knobs, {**self.sampling, **known}),
            count=settings.count,
            seed=settings.seed,
            exact=bool(self.exact) and settings.field == EXACT and not forward,
            of_points=self.exact == TRAINING_POINTS,
            forward=forward,
            path=settings.path if forward and settings.path != OWN_PATH else "",
        )


@dataclass(frozen=True)
class Guest:
    """A file, what a person chose of its settings, and what the worker tells of it, once it is open. Nobody has looked
    yet at what a `dropped` file makes."""

    path: str
    choice: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False
    report: PointModelReport | None = None

    @property
    def name(self) -> str:
        """Of the file."""
        return Path(self.path).name

    @property
    def id(self) -> str:
        """See Subject."""
        return "\n".join([self.path, *(f"{name}={value}" for name, value in sorted(self.choice.items()))])

    @property
    def hint(self) -> str:
        """What to know of it, and what nothing in the file speaks for."""
        report = self.report
        if report is None:
            return ""
        open_ones = [one for one in report.settings if one.options and one.name not in self.choice]
        guessed = [one.title.lower() for one in open_ones if one.source.startswith(ASSUMED)]
        doubt = f"Nothing in the file says {' and '.join(guessed[:2])}: see How it is run." if guessed else ""
        return " ".join(one for one in (report.remark, doubt) if one)

    def told(self, report: PointModelReport) -> Guest:
        """The same, open."""
        return replace(self, report=report)

    def chosen(self, name: str, value: str | None) -> Guest:
        """With a setting chosen otherwise; None goes back to what was found."""
        rest = {key: one for key, one in self.choice.items() if key != name}
        return replace(self, choice=rest if value is None else {**rest, name: value})

    def subject(self) -> Subject:
        """What is filmed."""
        report = self.report
        axes = ""
        if report is not None:
            more = f", the first {AXES} of {report.columns} axes shown" if report.columns > AXES else ""
            axes = f"{report.title.removeprefix(f'{self.name}, ')}, {report.parameters:,} weights{more}"
        return Subject(
            id=self.id,
            source=self.path,
            title=self.name,
            where=axes or "Opening…",
            step=0,
            data=None,
            kind=self.id,
            knobs=report.knobs if report is not None else (),
            sampling=report.sampling if report is not None else {},
            idle=report.idle if report is not None else {},
            exact="",
            shows=report.shows if report is not None else (),
            choice=self.choice,
            unfit=report.unfit if report is not None else {},
            no_branch=report.no_branch if report is not None else "",
            columns=report.columns if report is not None else AXES,
            noise=report.noise if report is not None else AXES,
        )

    def greyed(self, layers: tuple[str, ...], catalogue: Catalogue | None) -> dict[str, str]:
        """Why each layer cannot be shown of it; "" where it can."""
        if self.report is None:
            return dict.fromkeys(layers, NOT_OPEN)
        facts = replace(self.report, columns=min(AXES, self.report.columns))
        why = reasons(layers, self.name, facts, catalogue.views if catalogue is not None else {})
        return {**why, "data": NO_DATA}


def of_run(studio: Studio) -> Subject | None:
    """The run under study, as it is now."""
    run = studio.run
    if run.report is None or studio.catalogue is None:
        return None
    recipe, title = run.report.recipe, studio.model_title()
    return Subject(
        id=run.opened_by,
        source=run.name,
        title=title,
        step=run.step,
        data=recipe.data_now(),
        kind=recipe.family,
        knobs=studio.catalogue.families[recipe.family].sampling,
        sampling=recipe.sampling,
        idle=run.report.idle,
        exact=run.report.exact,
        shows=run.report.shows,
        unfit=run.report.unfit,
        no_branch=run.report.no_branch,
        columns=run.report.columns,
        noise=run.report.noise,
    )
