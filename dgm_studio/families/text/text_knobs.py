"""The knobs that every family of text has, and the learning rate's course."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.nets.token_net import MIXER, NETWORKS

WORD, CHAR = "word", "char"
TOKENS = (
    Choice(WORD, "Words", "Words and punctuation; the most frequent ones."),
    Choice(CHAR, "Characters", "Single characters: a small vocabulary, long sequences."),
)

LEAST = 0.05
"""What is left of the learning rate at the end of its decay."""


@dataclass(frozen=True)
class TextDesign:
    """What is built."""

    tokens: str = knob(WORD, "Tokens", "What the text is cut into.", choices=TOKENS)
    vocabulary: int = knob(
        2048, "Vocabulary", "V: so many tokens, the most frequent ones; others are holes that nothing is learnt of.",
        low=8, high=8192, log=True,
    )  # fmt: skip
    length: int = knob(64, "Length", "L, tokens in a window.", low=8, high=256, log=True)
    network: str = knob(MIXER, "Network", "What sees a window and guesses its tokens.", choices=NETWORKS)
    width: int = knob(192, "Width", "Numbers at each position.", low=8, high=512, log=True)
    layers: int = knob(5, "Layers", "Convolutions of the mixer, or blocks of the transformer.", low=1, high=12)


@dataclass(frozen=True)
class TextTraining:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(3e-3)
    batch: int = knob(6, "Batch", "Windows per step.", low=1, high=256, log=True)
    warm_up: int = knob(100, "Warm-up", "Steps over which the learning rate grows from 0.", low=0, high=10_000)
    decay: int = knob(
        0, "Decay", "Steps over which the learning rate falls to a twentieth, by a cosine; 0 keeps it.",
        low=0, high=1_000_000,
    )  # fmt: skip
    clip: float = gradient_knobs.clip(1.0)
    ema: float = gradient_knobs.ema(0.998)

    def rate(self, step: int) -> float:
        """The learning rate of the step after `step` steps: rising evenly, then half a cosine down to 5 %."""
        rise = min(1.0, (step + 1) / (self.warm_up + 1))
        if not self.decay:
            return self.learning_rate * rise
        fallen = 0.5 - 0.5 * math.cos(math.pi * min(1.0, step / self.decay))
        return self.learning_rate * rise * (1 - (1 - LEAST) * fallen)
