"""Train the checkpoints of text that ship: resources/checkpoints/NAME.safetensors.

    python packaging/train_text.py                 all of them, one after the other, about 20 minutes of one core
    python packaging/train_text.py kjv-masked-word [--steps N] [--to FOLDER]

Seeds are fixed and one thread computes, so that the same machine writes the same weights again. Each file is slim:
averaged weights in half precision, the recipe, and the validation figures on the last 5 % of the corpus's lines.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value
from dgm_studio.core.starting import starting_recipe
from dgm_studio.core.unmasking import AUTOREGRESSIVE
from dgm_studio.families.text import text_families
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import TextScene

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "checkpoints"
SEED = 0
JUDGED = 16
"""Held-out windows at a time."""

PLANS: dict[str, tuple[str, str, int, Mapping[str, Value]]] = {
    "kjv-masked-word": ("masked-text", "", 14_000, {}),
    "kjv-uniform-word": ("uniform-text", "", 5_000, {}),
    "kjv-autoregressive-word": ("autoregressive-text", "", 3_000, {}),
    "kjv-masked-char": ("masked-text", "masked-characters", 7_000, {}),
}
"""Family, preset, steps, and Training values beside a learning rate that falls over all steps."""


def train(name: str, steps: int | None, folder: Path) -> None:
    """One of them, from step 0."""
    family, preset, planned, values = PLANS[name]
    steps = steps or planned
    recipe = starting_recipe(text_families()[family].entry(), preset, DataSpec("kjv"), SEED)
    training = {**recipe.training, "decay": steps, **values}
    run = Run(type(recipe)(**{**vars(recipe), "training": training}))
    start = time.process_time()
    for beat in run.steps(steps):
        if beat.step % 500 == 0:
            say(f"{name} step {beat.step:,} of {steps:,}, {time.process_time() - start:,.0f} s: {figures(run, 200)}")
    run.figures = figures(run)
    say(f"{name}: {save(run, folder / name, slim=True)} {run.figures}")


def figures(run: Run, windows: int | None = None) -> dict[str, float]:
    """Cross-entropies of held-out windows, and -log p or its bound, in nats per token."""
    scene = run.scene()
    assert isinstance(scene, TextScene)
    assert isinstance(scene.model, TextFamily)
    model, generator = scene.model, torch.Generator().manual_seed(SEED)
    held_out = scene.held_out[:windows]
    totals: dict[str, torch.Tensor] = {}
    nats = 0.0
    for start in range(0, len(held_out), JUDGED):
        part = held_out[start : start + JUDGED]
        for label, pair in model.judged(part, generator).items():
            totals[label] = totals.get(label, torch.zeros(2)) + pair
        nats += float(model.bound(part, generator).sum())
    found = {label: float(pair[0] / pair[1]) for label, pair in totals.items()}
    found["-log p" if model.kind == AUTOREGRESSIVE else "-ELBO"] = nats / float((held_out >= 0).sum())
    return {label: round(value, 3) for label, value in found.items()}


def say(line: str) -> None:
    """A line at once, also into a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """See the file's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *PLANS], metavar="NAME")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--to", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.to.mkdir(parents=True, exist_ok=True)
    for name in options.names or PLANS:
        train(name, options.steps, options.to)


if __name__ == "__main__":
    main()
