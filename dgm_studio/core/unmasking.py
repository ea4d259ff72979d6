"""Words of a token film: how text is restored step by step, as plain data that both towers share."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.reports import Report

MASKED, UNIFORM, AUTOREGRESSIVE = "masked", "uniform", "autoregressive"
"""Kinds of chain: tokens are masked, are replaced by random ones, or are written left to right."""

ANCESTRAL, RANDOM, CONFIDENCE, MARGIN, ENTROPY = "ancestral", "random", "confidence", "margin", "entropy"
LEFT_TO_RIGHT, THRESHOLD, ENTROPY_BOUND, MANUAL = "left-to-right", "threshold", "entropy-bound", "manual"

ORDERS = (
    Choice(ANCESTRAL, "Ancestral", "Each mask is lifted with probability (λ_t − λ_s) / λ_t: exact MDLM sampling."),
    Choice(RANDOM, "Random", "A fixed number of masks, drawn at random, at each step."),
    Choice(CONFIDENCE, "Confidence", "Where the likeliest token is likeliest (MaskGIT); repeats itself when strict."),
    Choice(MARGIN, "Margin", "Where the likeliest token leads the second by most (Kim et al., 2025)."),
    Choice(ENTROPY, "Entropy", "Where the distribution has least entropy (Dream)."),
    Choice(LEFT_TO_RIGHT, "Left to right", "As an autoregressive model reads."),
    Choice(THRESHOLD, "Threshold", "All positions whose likeliest token passes a probability (Fast-dLLM)."),
    Choice(ENTROPY_BOUND, "Entropy bound", "As many as keep the joint error under a bound (Ben-Hamu et al., 2025)."),
    Choice(MANUAL, "By hand", "The position that is clicked."),
)
"""Which masks are lifted first."""

NO_REMASK, CAP, RESCALE, BY_CONFIDENCE, LOOP, WORST = "none", "cap", "rescale", "confidence", "loop", "worst"

REMASKING = (
    Choice(NO_REMASK, "None", "What is restored stays."),
    Choice(CAP, "ReMDM cap", "Each restored token is masked again with probability min(η, its bound)."),
    Choice(RESCALE, "ReMDM rescale", "Each restored token is masked again with η times its bound."),
    Choice(BY_CONFIDENCE, "ReMDM confidence", "As rescale, the least certain tokens more often."),
    Choice(LOOP, "ReMDM loop", "In a window of time tokens are masked again and restored at a constant mask rate."),
    Choice(WORST, "Worst n", "The n restored tokens of least probability are masked again at each step."),
)
"""Which restored tokens are masked again (Wang et al., 2025)."""

CONSTANT, COSINE, GROWING = "constant", "cosine", "growing"
PACES = (
    Choice(CONSTANT, "Constant", "The same number at each step."),
    Choice(COSINE, "Cosine", "Few at first, more at the end: MaskGIT's schedule."),
    Choice(GROWING, "Growing", "In proportion to the step."),
)
"""How many masks are lifted at each step."""


@dataclass(frozen=True)
class Unmasking:
    """How tokens are restored; nothing of the training changes."""

    order: str = knob(MARGIN, "Which tokens first", "The order in which masks are lifted.", choices=ORDERS)
    steps: int = knob(64, "Steps", "Network calls from all masked to all restored.", low=1, high=1024, log=True)
    pace: str = knob(CONSTANT, "Number per step", "How many masks are lifted at each step.", choices=PACES)
    temperature: float = knob(0.8, "Temperature", "Divides the logits; below 1 likely tokens get likelier.",
                              low=0.0, high=2.0)  # fmt: skip
    top_k: int = knob(0, "Top k", "Only the k likeliest tokens are drawn from; 0 is all.", low=0, high=1000)
    top_p: float = knob(1.0, "Top p", "Only the likeliest tokens that together reach p.", low=0.01, high=1.0)
    order_temperature: float = knob(
        0.0, "Order temperature", "Gumbel noise on the order itself: 0 is strict, more is looser.", low=0.0, high=5.0,
        when=("order", (CONFIDENCE, MARGIN, ENTROPY)),
    )  # fmt: skip
    threshold: float = knob(0.9, "Probability to pass", "Positions above it are restored together.",
                            low=0.05, high=1.0, when=("order", (THRESHOLD,)))  # fmt: skip
    bound: float = knob(0.5, "Entropy bound γ", "Entropies summed, but for the largest, stay under it, in nats.",
                        low=0.0, high=10.0, when=("order", (ENTROPY_BOUND,)))  # fmt: skip
    remasking: str = knob(NO_REMASK, "Re-masking", "Which restored tokens are masked again.", choices=REMASKING)
    eta: float = knob(0.02, "Re-mask rate η", "How much is masked again.", low=0.0, high=1.0,
                      when=("remasking", (CAP, RESCALE, BY_CONFIDENCE, LOOP)))  # fmt: skip
    worst: int = knob(1, "Masked again per step", "n, the worst tokens that are masked again.", low=1, high=64,
                      when=("remasking", (WORST,)))  # fmt: skip
    block: int = knob(0, "Block length", "Blocks of this length are finished left to right; 0 is one block.",
                      low=0, high=1024)  # fmt: skip


@dataclass(frozen=True, eq=False)
class TokenStep(Report):
    """One moment of a token film, after `step` network rounds (0 is the start, before any).

    `ids` (L,) are the tokens now (the mask id where masked). `revealed`, `remasked`: positions (k,) that changed in
    this step (for a chain without masks `revealed` are the changed ones). Of the network at the state BEFORE this
    step's change: `probability` (L,) of the token that now stands there (of the likeliest where masked), `entropy` (L,)
    in nats, `top_ids` and `top_probabilities` (L, 5), all after temperature, top-k and top-p. A masked model is trained
    at masks only: where none stood before the step, these are as they were when the token was restored; where nothing
    was asked yet 0, 0, -1 and 0; a locked token has probability 1. `mask_rate` is the share of unlocked positions that
    are masked now (the noise rate of the schedule, for a uniform chain); `calls` the network calls so far; `note` one
    sentence where something must be said ("23 tokens at once in the last step"), else "".
    """

    step: int
    ids: Array
    mask_rate: float
    revealed: Array
    remasked: Array
    probability: Array
    entropy: Array
    top_ids: Array
    top_probabilities: Array
    calls: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class TokenFilmReport(Report):
    """What a token film is of, before its first step: everything the window needs to write ids as words.

    `words` (V + mask, if any) are the tokens as shown, by id; `glue` says of each whether no blank stands before it
    (punctuation, characters). `locked` (L,) positions never change; `mask` is the mask's id or -1; `kind` is "masked",
    "uniform" or "autoregressive". `branch` is the step this film was forked at, -1 for none.
    """

    title: str
    kind: str
    words: tuple[str, ...]
    glue: Array
    mask: int
    locked: Array
    settings: Unmasking
    seed: int
    steps: int
    parameters: int = 0
    branch: int = -1
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SweepPoint(Report):
    """One point of a sweep: an order at a number of steps, averaged over `samples` films.

    `entropy` is the mean over tokens of the network's entropy when each was restored (nats, before temperature),
    `distinct` the share of distinct words, `pairs` that of adjacent pairs found in the corpus (NaN where there is
    none), `calls` the network calls of a film. `done` of `total` points are told with this one.
    """

    order: str
    steps: int
    entropy: float
    distinct: float
    pairs: float
    calls: float
    samples: int
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class Corruption:
    """Noise for one sentence, coupled over time: dragging the time back and forth shows one course of each chain.

    `clean` (L,) ids; `threshold` (L,) uniform in (0, 1): a token is as it was while the keep rate alpha is above it;
    `noise` (L,) uniform tokens that stand in its place in the uniform chain, `mask` (-1 where the model has none) in
    the absorbing one. `keep` is alpha by schedule on the grid t = 0, ..., 1 (1 is clean), (201,) each.
    """

    clean: Array
    threshold: Array
    noise: Array
    mask: int
    keep: dict[str, Array]

    def at(self, t: float, schedule: str = "linear") -> tuple[Array, Array]:
        """The ids (L,) of the absorbing and of the uniform chain at time t; marginally q(x_t | x_0) of each."""
        table = self.keep[schedule]
        kept = self.threshold < np.interp(t, np.linspace(0.0, 1.0, len(table)), table)
        absorbing = frozen(np.where(kept, self.clean, self.mask).astype(self.clean.dtype))
        return absorbing, frozen(np.where(kept, self.clean, self.noise).astype(self.clean.dtype))


@dataclass(frozen=True)
class TextQuality:
    """The tokens that stand after one step against the corpus (data.text.quality); NaN, 0 and "" where there is none.

    `distinct` is the share of distinct words among those that stand, `pairs` the share of adjacent pairs of standing
    tokens that the corpus has; `held_out_distinct`, `held_out_pairs` are the same of held-out text of that length.
    The longest run of tokens that stands in the corpus just so has `nearest` of the `compared` tokens (words and
    punctuation); `line` is the line of the corpus that holds it.
    """

    step: int
    distinct: float
    pairs: float
    nearest: int
    compared: int
    line: str
    held_out_distinct: float
    held_out_pairs: float
