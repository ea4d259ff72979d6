"""Train the classifiers of pictures that ship: resources/checkpoints/NAME.safetensors.

    python packaging/train_classifiers.py                     both of them, about two minutes of one core
    python packaging/train_classifiers.py fashion-classifier [--steps N] [--to FOLDER]

Seeds are fixed and one thread computes. They learn from the pictures that families learn from and are judged by those
held out; the accuracy travels in the file.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.lab.picture_data import resolve_pictures
from dgm_studio.lab.pictures.classifier import SHIPPED, Classifier, open_classifier, save_classifier
from dgm_studio.lab.pictures.teaching_classifier import teaching

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "checkpoints"
SEED = 0
STEPS = 1_600


def train(data_id: str, name: str, steps: int, folder: Path) -> None:
    """One of them; what is judged is the file as it was written, in half precision."""
    data = resolve_pictures(DataSpec(data_id))
    points, labels = torch.tensor(data.points), torch.tensor(data.labels)
    learning = teaching(points, labels, data.shape, steps, torch.Generator().manual_seed(SEED))
    start, target = time.process_time(), folder / f"{name}.safetensors"
    for step in range(steps + 1):
        try:
            loss = next(learning)
        except StopIteration as end:
            net = end.value
            break
        if step % 200 == 0:
            say(f"{name} step {step:,} of {steps:,}, {time.process_time() - start:,.0f} s: loss {loss:.3f}")
    save_classifier(Classifier(net, data_id, data.names), target)
    read = open_classifier(target)  # in half precision, as it will be used
    right = (read.classes_of(torch.tensor(data.held_out)) == torch.tensor(data.held_labels)).double()
    figures = {"steps": steps, "held-out accuracy": round(float(right.mean()), 4), "held out": len(right)}
    save_classifier(replace(read, figures=figures), target)
    say(f"{name}: {target} {figures}")


def say(line: str) -> None:
    """A line at once, also into a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """See the file's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[[], *SHIPPED.values()], metavar="NAME")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--to", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.to.mkdir(parents=True, exist_ok=True)
    for data_id, name in SHIPPED.items():
        if not options.names or name in options.names:
            train(data_id, name, options.steps, options.to)


if __name__ == "__main__":
    main()
