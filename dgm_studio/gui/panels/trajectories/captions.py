"""The words around a film: whose it is, what its next one would be made with, and where it stands."""

from __future__ import annotations

from dgm_studio.core.film import STEPS
from dgm_studio.core.reports import TRAINING_POINTS
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.panels.trajectories.form import TrajectoriesForm
from dgm_studio.gui.panels.trajectories.readouts import TrajectoriesReadouts
from dgm_studio.gui.panels.trajectories.settings import LEARNED, PATH, REVERSE, Settings
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.subject import Guest, Subject
from dgm_studio.gui.reel_player import ReelPlayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.transport_bar import TransportBar

SAMPLING, TRACK, NOISING = "sampling", "Sampling", "Noising"
ROOMY = 660
"""A bar of that width in design pixels has room for the lecture's clock too."""


class Captions:
    """Writes on the panel's parts; decides nothing."""

    def __init__(
        self,
        studio: Studio,
        inputs: TrajectoriesForm,
        numbers: TrajectoriesReadouts,
        stage: Stage,
    ) -> None:
        self._studio = studio
        self._inputs, self._numbers, self._stage = inputs, numbers, stage
        self.subtitle = ""
        """Whose film it is, for the head."""

    def show_settings(self, subject: Subject | None, settings: Settings) -> None:
        """What a person set; the exact field only where there is one."""
        no_exact = ""
        if subject is not None and not subject.exact:
            no_exact = f"{subject.title} has no path whose exact field is known, so there is none to follow."
        no_forward = subject.no_forward if subject is not None else ""
        shown = settings.with_value("field", LEARNED) if no_exact else settings
        shown = shown.with_value("direction", REVERSE) if no_forward else shown
        of_points = subject is not None and subject.exact == TRAINING_POINTS
        self._inputs.show_settings(shown, no_exact, of_points, no_forward)

    def show_model(self, subject: Subject, guest: Guest | None, wanted: Shot, shown: Shot) -> None:
        """The film that is `shown`, and the one that is `wanted`."""
        self._numbers.marginals.set_tint("exact" if shown.known else "sample")
        unfit = {} if wanted.exact else subject.unfit  # the exact field has all that a solver may ask for
        self._inputs.show_sampling(subject.kind, subject.knobs, wanted.sampling, subject.idle, unfit)
        if guest is not None:
            self._inputs.show_model(subject.title, subject.where)
            self._inputs.show_hint(guest.hint)
            self.subtitle = f"from noise to points, as {subject.title} moves them"
        else:
            data = "" if shown.data is None else f"on {self._studio.title_of(shown.data)}, "
            self._inputs.show_model(shown.model, f"{data}as of step {shown.step:,}")
            untrained = shown.step == 0 and wanted.step == 0
            self._inputs.show_hint("Untrained: press Play in Train first." if untrained else "")
            whose = " of the training points" if shown.of_points else ""
            along = f"along the exact field{whose}" if shown.exact else f"as {shown.model} has learned it"
            self.subtitle = f"from noise to data, {along} after {shown.step:,} steps"
        if shown.forward:
            how = "fresh noise in every step" if shown.forward == STEPS else "one noise for all times"
            named = next((one.label for one in PATH.choices if one.id == shown.path), "")
            along = (
                f"along {named if named.isupper() else named.lower()}" if named else f"along the path of {shown.model}"
            )
            self.subtitle = f"from data to noise {along}, {how}"
        catalogue = self._studio.catalogue
        solvers = catalogue.solvers if catalogue is not None else {}
        self._numbers.show_forward(bool(shown.forward))
        solver = "" if shown.forward else str(shown.sampling.get("solver", ""))
        self._numbers.show_solver(solvers.get(solver))

    def show_frame(self, lane: FilmLane, player: ReelPlayer, *, timed: bool) -> None:
        """Its cost, and its time where the model is `timed`."""
        frames, index = lane.frames, min(player.index, len(lane.frames) - 1)
        if frames and timed:
            self._stage.set_overlay("path time t", f"{frames[index].t:.2f}", frames[index].label)
        else:
            self._stage.set_overlay("")
        self._numbers.show_cost(lane, max(0, index))
        self._numbers.marginals.show_frame(frames[index].x if frames else None, frames[index].t if frames else 1.0)

    def show_clock(self, bar: TransportBar, lane: FilmLane, player: ReelPlayer) -> None:
        """Which frame of how many."""
        bar.set_playing(player.playing)
        frames, index = lane.frames, min(player.index, len(lane.frames) - 1)
        text, reason = "", ""
        if frames:
            label = frames[index].label
            roomy = bar.width() > theme().px(ROOMY)  # a track that has just come has no width yet
            clock = f" · {label}" if label and roomy else ""  # the stage's card says it anyway
            busy = f" · filming {len(frames)}" if lane.making else ""
            text = f"t = {frames[index].t:.2f} · frame {index + 1} / {lane.total}{busy}{clock}"
        if len(frames) < 2:
            reason = "This model samples in one step" if frames and not lane.making else "Nothing is filmed yet"
        word = NOISING if frames and frames[0].t > frames[-1].t else TRACK
        bar.set_track(SAMPLING, word, text, max(0, index), lane.total, not reason, reason)
