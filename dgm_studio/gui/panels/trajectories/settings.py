"""What a person sets in the Trajectories panel, beside the model's own Sampling knobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dgm_studio.core.film import JUMP, STEPS
from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.gui.panels.trajectories.kept_settings import KeptSettings

REVERSE, FORWARD = "reverse", "forward"
DIRECTION = Knob(
    "direction", str, REVERSE, "Direction", "Noise to data as the model generates, or data to noise as it is taught.",
    choices=(
        Choice(REVERSE, "Reverse", "From noise to data: what the model has learned to do"),
        Choice(FORWARD, "Forward", "From data to noise along the model's path: nothing of it is learned"),
    ),
)  # fmt: skip
WAY = Knob(
    "way", str, STEPS, "Noise is added", "Fresh noise in every step, or one noise for all times.",
    choices=(
        Choice(STEPS, "In steps", "The forward SDE by its exact transitions: each step adds fresh noise"),
        Choice(JUMP, "At once", "x at t = a(t) datum + s(t) noise, with the same noise for every t"),
    ),
    when=("direction", (FORWARD,)),
)  # fmt: skip
OWN_PATH = "own"
PATH = Knob(
    "path", str, OWN_PATH, "Path", "How much of the datum is left at t, and how much noise is in it.",
    choices=(
        Choice(OWN_PATH, "The model's own", "The path that the model was built with"),
        Choice("straight", "Straight line", "x at t = t datum + (1 - t) noise"),
        Choice("vp", "Variance preserving, linear", "DDPM's: the datum fades as noise grows, squares sum to 1"),
        Choice("vp-cosine", "Variance preserving, cosine", "The same with a cosine in place of DDPM's schedule"),
        Choice("sub-vp", "Sub-variance preserving", "Less noise on the way than variance preserving has"),
        Choice("ve", "Variance exploding", "The datum stays, and noise grows over it"),
        Choice("trigonometric", "Trigonometric", "The datum by a sine, the noise by a cosine"),
        Choice("edm", "EDM", "The datum stays, and noise grows by a power law"),
    ),
    when=("direction", (FORWARD,)),
)  # fmt: skip
LEARNED, EXACT = "learned", "exact"
FIELD = Knob(
    "field", str, LEARNED, "Field", "What carries the particles: what was learned, or the known truth.",
    when=("direction", (REVERSE,)),
    choices=(
        Choice(LEARNED, "Learned", "Along what the model has learned"),
        Choice(EXACT, "Exact", "Along the exact field of the data, by the same solver from the same noise"),
    ),
)  # fmt: skip
COUNT = Knob("count", int, 2_000, "Particles", "How many points are carried from noise to data.", 1, 20_000, log=True)
SEED = Knob("seed", int, 0, "Seed", "Draws the noise; the same seed gives the same film.", 0, 99_999)
TAILS = Knob(
    "tails",
    int,
    6,
    "Tails",
    "How many frames back the first 300 particles leave a trace.",
    0,
    100,
    unit="frames",
)
PLAIN, ORIGIN, MODE, TIME = "plain", "origin", "mode", "time"
COLOUR = Knob(
    "colour", str, PLAIN, "Colour", "What the colour of a particle says.",
    choices=(
        Choice(PLAIN, "Plain", "Only what it is: made by the model, or along what is known"),
        Choice(ORIGIN, "Origin", "Where it started: the angle and distance of its noise"),
        Choice(MODE, "Mode", "At which mode of the data it ends"),
        Choice(TIME, "Time", "When: each stretch of its way by the path time"),
    ),
)  # fmt: skip
SPACE_TIME = Knob(
    "space_time", bool, True, "Space and time",
    "Of data on a line: x against t with p at every t and the particles' ways (off: x against density).",
)  # fmt: skip
FOLLOW = Knob("follow", bool, False, "Follow training", "Film again by itself whenever training pauses further on.")
FILM_KNOBS, PICTURE_KNOBS, CLOCK_KNOBS = (
    (DIRECTION, WAY, PATH, FIELD, COUNT, SEED),
    (TAILS, COLOUR, SPACE_TIME),
    (FOLLOW,),
)
OWN_KNOBS = (*FILM_KNOBS, *PICTURE_KNOBS, *CLOCK_KNOBS)


@dataclass(frozen=True)
class Settings(KeptSettings):
    """What a person sets here and a session keeps, beside the Sampling knobs."""

    own_knobs: ClassVar[tuple[Knob, ...]] = OWN_KNOBS
    direction: str = REVERSE
    way: str = STEPS
    path: str = OWN_PATH
    field: str = LEARNED
    count: int = 2_000
    seed: int = 0
    tails: int = 6
    colour: str = PLAIN
    space_time: bool = True
    follow: bool = False
