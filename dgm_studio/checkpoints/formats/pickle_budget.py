"""What one file may cost while its pickles are read; shared by all of them, so that none is paid for twice (R6)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from dgm_studio.checkpoints.formats.dtypes import MOST_TENSORS, too_large
from dgm_studio.core.inspection import RefusedFile

MOST_STEPS = 1_500_000
"""Opcodes, and entries that are copied; those that go into tensors are not counted."""
MOST_OBJECTS = 400_000
STEPS_A_TENSOR, OBJECTS_A_TENSOR = 40, 10
"""torch.save takes 32 opcodes and 7 objects for one [M]."""
ALL_TEXT = 32 * 2**20
"""Bytes; as texts up to four times as many."""
PIECE = 65_536
"""Opcodes between two looks at what is left."""
SECONDS = 20.0
UNAFFECTED = "The rest of the app is unaffected."


@dataclass
class Budget:
    """What is left of steps, objects, bytes of text, tensors and seconds; RefusedFile E26 and E22 where one is spent.

    A file with 100,000 tensors needs 3.2 million opcodes, one with few tensors nothing near: what goes into a tensor is
    not counted.
    """

    steps: int = field(default_factory=lambda: MOST_STEPS)
    objects: int = field(default_factory=lambda: MOST_OBJECTS)
    text: int = field(default_factory=lambda: ALL_TEXT)
    tensors: int = 0
    deadline: float = field(default_factory=lambda: time.thread_time() + SECONDS)
    """In seconds of this thread: a busy machine is no sign of a bad file."""

    def take_steps(self, count: int) -> None:
        """Count opcodes, or the entries of a copy."""
        self.steps -= count
        if self.steps < 0:
            raise too_large(f"a pickle in it has more than {MOST_STEPS:,} steps beside those of tensors")

    def take_text(self, nbytes: int) -> None:
        """Count the bytes of a text, or of its copy."""
        self.text -= nbytes
        if self.text < 0:
            raise too_large(f"it holds texts of more than {ALL_TEXT:,} bytes")

    def settle(self, steps: int, objects: int, tensors: int) -> None:
        """Count what `steps` opcodes made: `objects` in all, `tensors` of them."""
        self.tensors += tensors
        if self.tensors > MOST_TENSORS:
            raise too_large(f"it holds more than {MOST_TENSORS:,} tensors")
        self.take_steps(max(0, steps - STEPS_A_TENSOR * tensors))
        self.objects -= max(0, objects - OBJECTS_A_TENSOR * tensors)
        if self.objects < 0:
            raise too_large(f"a pickle in it makes more than {MOST_OBJECTS:,} objects beside those of tensors")
        if time.thread_time() > self.deadline:
            raise RefusedFile("E22", f"Reading took longer than {SECONDS:.0f} s and was stopped. {UNAFFECTED}")
