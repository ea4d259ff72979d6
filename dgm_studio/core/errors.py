"""The failures a person can do something about, each one sentence: what it is, what is wrong, what to do."""

from __future__ import annotations


class Refused(Exception):
    """Something asked for cannot be done; the text is one sentence for the person, with what to do instead."""


class Diverged(Refused):
    """Training met its first non-finite loss; the weights kept are those of the last good keyframe."""

    def __init__(self, step: int, value: float, kept_step: int) -> None:
        super().__init__(
            f"Training diverged: the loss became {value:.3g} at step {step:,}. The weights of step {kept_step:,} are "
            "kept. Go back and halve the learning rate."
        )
        self.step = step
        self.value = value
        self.kept_step = kept_step
