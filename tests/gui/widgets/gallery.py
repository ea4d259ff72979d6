"""Every widget in one window, laid out as the Train panel is.

What the layout contract and the screenshots look at.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import DataEntry, FamilyEntry, Preset
from dgm_studio.core.knobs import Choice, Knob
from dgm_studio.gui.widgets.banner import Banner
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack, Surface
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.column import Column
from dgm_studio.gui.widgets.data_picker import DataPicker
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.family_picker import FamilyPicker
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.rail import Rail
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.status_line import StatusLine
from dgm_studio.gui.widgets.transport_bar import TransportBar

WIDTH = Knob("width", int, 128, "Width", "Hidden units per layer.", 4, 512, True, "units")
RATE = Knob("learning_rate", float, 2e-3, "Learning rate", "Adam's step size.", 1e-5, 1.0, True)
LAYERS = Knob("layers", int, 3, "Layers", "Hidden layers.", 1, 6)
GUIDANCE = Knob("guidance", float, 1.0, "Guidance scale γ", "0 unconditional, 1 conditional.", 0.0, 8.0)
PATH = Knob(
    "path", str, "straight", "Path", "From noise to data.",
    choices=(Choice("straight", "straight"), Choice("vp", "VP"), Choice("ve", "VE")),
)  # fmt: skip
TARGET = Knob(
    "target", str, "velocity", "Network predicts", "What the loss compares.",
    choices=tuple(Choice(k, k, f"Predicts {k}.") for k in ("x", "epsilon", "v", "score", "velocity")),
)  # fmt: skip
TIMES = Knob(
    "times", str, "uniform", "Time sampling", "How training times are drawn.",
    choices=tuple(Choice(k, k) for k in ("uniform", "logit-normal", "discrete")),
)  # fmt: skip
SPREAD = Knob(
    "spread", float, 1.0, "Logit-normal spread", "Standard deviation of the logit of t.", 0.1, 3.0,
    when=("times", ("logit-normal",)),
)  # fmt: skip
CONDITION = Knob("conditional", bool, False, "Class condition", "Feed the label to the network.")
CLIP = Knob("clip", float, 1.0, "Gradient clip", "Largest norm of the gradient; 0 for off.", 0.0)
DESIGN = (WIDTH, LAYERS, PATH, TARGET, CONDITION)
TRAINING = (RATE, TIMES, SPREAD, CLIP)
SAMPLING = (GUIDANCE,)


def ring(n: int = 300, modes: int = 8) -> np.ndarray:
    rng = np.random.default_rng(3)
    turn = 2 * np.pi * rng.integers(0, modes, n) / modes
    return 2 * np.stack([np.cos(turn), np.sin(turn)], 1) + 0.2 * rng.standard_normal((n, 2))


def spiral(n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(4)
    u = 3 * np.pi * np.sqrt(rng.random(n))
    return np.stack([u * np.cos(u), u * np.sin(u)], 1) + 0.2 * rng.standard_normal((n, 2))


def data_entries() -> dict[str, DataEntry]:
    names = ("Eight Gaussians", "Spirals", "Two Gaussians", "Moons", "Checkerboard", "Pinwheel")
    out = {}
    for i, title in enumerate(names):
        key = title.lower().replace(" ", "-")
        points = spiral() if i % 2 else ring(modes=8 - i)
        facts = (("density", "closed form"),) if i % 2 == 0 else ()
        card = Card(key, title, f"{title} on the plane", facts=facts)
        out[key] = DataEntry(card, (), points.astype(np.float32), np.zeros(len(points), dtype=np.int64))
    return out


def family_entries() -> dict[str, FamilyEntry]:
    diffusion = FamilyEntry(
        Card("diffusion", "Diffusion and flow", "One generalized diffusion", "12", "Song et al., 2021"),
        DESIGN, TRAINING, SAMPLING,
        (
            Preset("flow-matching", "Flow matching", "Straight paths", "12", "Lipman et al., 2023"),
            Preset("ddpm", "DDPM", "Discrete chain", "11", "Ho et al., 2020"),
        ),
    )  # fmt: skip
    gan = FamilyEntry(
        Card("gan", "Adversarial", "Two players", "7", "Goodfellow et al., 2014"),
        (WIDTH,), (RATE,), (),
        (Preset("non-saturating", "Non-saturating GAN", "log D trick"),),
    )  # fmt: skip
    return {"diffusion": diffusion, "gan": gan}


class Gallery(QWidget):
    """The parts, named as attributes."""

    def __init__(self) -> None:
        super().__init__()
        whole = Row(self, gap=0)
        self.rail = Rail()
        for key in ("train", "trajectories", "divergences", "text", "latents", "checkpoints"):
            self.rail.add(key, key.title(), key, f"{key.title()} (Ctrl+{len(self.rail.buttons) + 1})")
        whole.addWidget(self.rail)
        self.form = Column(296)
        self.data = DataPicker()
        self.data.set_entries(data_entries())
        self.data.set_current("eight-gaussians")
        self.family = FamilyPicker()
        self.family.set_families(family_entries())
        self.design = KnobForm("Design", "rebuilds the model", DESIGN)
        self.training = KnobForm("Training", "takes effect at the next step", TRAINING)
        self.sampling = KnobForm("Sampling", "resamples only", SAMPLING)
        self.form.add(self.data)
        self.form.add_line()
        for part in (self.family, self.design, self.training, self.sampling):
            self.form.add(part)
        self.form.finish()
        whole.addWidget(self.form)
        centre = Stack(gap=0)
        whole.addLayout(centre, 1)
        self._stage(centre)
        self.read = Column(322, line_left=True)
        self._read_outs()
        whole.addWidget(self.read)

    def _stage(self, centre: Stack) -> None:
        ground = Surface("bg")
        stack = Stack(ground, gap=12, pad=(24, 18, 24, 16))
        head = Row(gap=12)
        head.addWidget(Label("Train", 20, 600))
        head.addWidget(Label("what the model has learned after 2,140 steps", 13.5, 400, "dim", elide=True), 1)
        stack.addLayout(head)
        self.chips = ChipRow()
        tones = ("data", "sample", "accent", "text", "band", "dim", "exact", "error")
        names = ("Data", "Samples", "Density", "Velocity", "Grid", "Paths", "Exact", "Error")
        for i, (word, tone) in enumerate(zip(names, tones, strict=True)):
            self.chips.add(word.lower(), word, tone, str(i + 1), on=i < 4)
        self.chips.set_reason("paths", "Paths need a deterministic sampler; this solver adds noise.")
        stack.addWidget(self.chips)
        self.failure = Banner()
        self.failure.fail(
            "Training diverged: the loss became nan at step 412. The weights of step 400 are kept. "
            "Go back and halve the learning rate.",
            (("halve", "Go back and halve the learning rate", "Return to step 400"),),
            "Traceback (most recent call last):\n  File ...\nFloatingPointError: nan",
        )
        self.notice = Banner()
        self.notice.tell("The session of yesterday was restored.", (("new", "Start anew", "Forget it"),))
        stack.addWidget(self.notice)
        stack.addWidget(self.failure)
        self.empty = EmptyState("No points yet. Paint some, or import a file.", "Paint points", "Open the brush")
        stack.addWidget(self.empty, 1)
        centre.addWidget(ground, 1)
        self.transport = TransportBar()
        training = self.transport.add_track("training", "Training", "accent")
        training.set_ticks((0.25, 0.5, 0.75))
        self.transport.add_track("sampling", "Sampling", "sample")
        self.transport.set_track("training", "Training", "step 2,140", 0.7)
        self.transport.set_track("sampling", "Sampling", "t = 0.82  ·  frame 33 / 40", 32, 40)
        self.transport.set_playing(True)
        centre.addWidget(self.transport)
        self.status = StatusLine()
        for key, text in (("device", "CPU · 1 thread"), ("steps", "236 steps/s"), ("frames", "62 frames/s"),
                          ("memory", "214 MB"), ("seed", "seed 7")):  # fmt: skip
            self.status.set_field(key, text)
        self.status.set_state("training")
        centre.addWidget(self.status)

    def _read_outs(self) -> None:
        rng = np.random.default_rng(0)
        steps = np.arange(2140)
        self.loss = LossPlot()
        curve = 0.305 + 1.2 * np.exp(-steps / 260) * np.exp(0.1 * rng.standard_normal(2140))
        self.loss.append("loss", steps, curve + 0.02 * np.abs(rng.standard_normal(2140)))
        self.loss.set_best(0.305)
        self.read.add(self.loss)
        self.read.add(SectionHeader("Distance to data", "grey band: noise floor"))
        self.sliced = Readout("Sliced W₂", "", "Sliced Wasserstein distance between samples and data")
        self.sliced.set_value(0.041, doubt=0.006, floor=0.026, high=0.12)
        self.jsd = Readout("JSD", "nats", "Jensen-Shannon divergence")
        self.jsd.set_value(0.018, floor=0.012, high=0.07)
        self.modes = Readout("Mode coverage", "", "Modes that hold a fifth of their share", tone="exact")
        self.modes.set_value(8, high=8, text="8 of 8")
        for part in (self.sliced, self.jsd, self.modes):
            self.read.add(part)
        self.read.add(SectionHeader("Learned against exact"))
        self.big = BigNumber("Velocity, relative error over pₜ", "Relative L2 error of the velocity")
        self.big.set_value("6.3 %", "was 9.8 % 500 steps ago", "exact")
        self.read.add(self.big)
        self.read.add(SectionHeader("Model"))
        self.facts = KeyValueList()
        self.facts.set_items((("Parameters", "50,306"), ("Solver", "Heun, order 2"), ("Evaluations", "80")))
        self.read.add(self.facts)
        self.read.finish()
