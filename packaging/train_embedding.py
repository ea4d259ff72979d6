"""Train the joint embedding of captions and pictures that ships: resources/checkpoints/glyph-clip.safetensors.

    python packaging/train_embedding.py [--steps N] [--to FOLDER]           about five minutes of one core

The seed is fixed and one thread computes. It learns from the glyphs that families learn from and is judged by those
held out; how often it finds one by the other travels in the file.
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
from dgm_studio.lab.pictures.embedding import SHIPPED, Embedding, open_embedding, save_embedding
from dgm_studio.lab.pictures.teaching_embedding import BATCH, KEPT, RATE, teaching

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "checkpoints"
SEED = 0
STEPS = 3_000


def train(data_id: str, name: str, steps: int, folder: Path) -> None:
    """One of them; what is judged is the file as it was written, in half precision."""
    data = resolve_pictures(DataSpec(data_id))
    learning = teaching(torch.tensor(data.points), data.told, data.shape, steps, torch.Generator().manual_seed(SEED))
    start, target = time.process_time(), folder / f"{name}.safetensors"
    for step in range(steps + 1):
        try:
            loss = next(learning)
        except StopIteration as end:
            net, wording = end.value
            break
        if step % 100 == 0:
            say(f"{name} step {step:,} of {steps:,}, {time.process_time() - start:,.0f} s: loss {loss:.3f}")
    recipe = {"data": data_id, "steps": steps, "batch": BATCH, "rate": RATE, "kept": KEPT, "seed": SEED}
    save_embedding(Embedding(net, data_id, wording), target, recipe)
    read = open_embedding(target)  # in half precision, as it will be used
    figures = read.retrieval(torch.tensor(data.held_out), data.held_told)
    figures |= {"held out": len(data.held_out), "different captions": len(set(data.held_told)), "steps": steps}
    figures |= {"temperature": round(float(torch.exp(-read.net.scale)), 4)}
    save_embedding(replace(read, figures=figures), target, recipe)
    say(f"{name}: {target} {figures}")


def say(line: str) -> None:
    """A line at once, also into a file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """See the file's docstring."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--to", type=Path, default=FOLDER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.to.mkdir(parents=True, exist_ok=True)
    for data_id, name in SHIPPED.items():
        train(data_id, name, options.steps, options.to)


if __name__ == "__main__":
    main()
