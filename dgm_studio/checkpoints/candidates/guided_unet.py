"""guided-diffusion's, improved-diffusion's and torchcfm's U-Net: time_embed, input_blocks, middle_block, out."""

from __future__ import annotations

import re
from typing import NamedTuple

from dgm_studio.checkpoints.candidates.answers import broken, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.predictions import NOISE_TO_DATA, VELOCITY
from dgm_studio.checkpoints.candidates.unet_settings import (
    prediction_setting,
    range_settings,
    schedule_settings,
    size_setting,
)
from dgm_studio.core.inspection import MATCH, PICTURES, Candidate, Conclusion

ID, TITLE = "guided-unet", "U-Net of guided-diffusion"
TELLING = ("time_embed.0.weight", "input_blocks.0.0.weight", "middle_block.0.in_layers.2.weight", "out.2.weight")
GROUPS = 32
CONV, RESIDUAL, ATTENTION, DOWN, UP = "conv", "residual", "attention", "down", "up"
POOLED = "pooled"
HEADS = ("1 head", "2 heads", "4 heads", "8 heads", "32 channels a head", "64 channels a head")
ORDERS = ("heads first", "query, key, value first")
CHAIN, PATH = "diffusion chain", "straight path"
_PLACE = re.compile(r"(input_blocks|output_blocks)\.(\d+)\.(\d+)\.")


class Part(NamedTuple):
    """One module at its place: what it is, channels in and out; `resize` -1 halves, 1 doubles, 0 keeps the size;
    `kernel` of a residual block's own shortcut (0: it has none)."""

    kind: str
    inputs: int
    outputs: int
    resize: int = 0
    kernel: int = 0


class Layout(NamedTuple):
    """The network by its shapes."""

    width: int
    inputs: int
    outputs: int
    classes: int
    scaled: bool
    levels: int
    down: tuple[tuple[Part, ...], ...]
    middle: tuple[Part, ...]
    up: tuple[tuple[Part, ...], ...]


class Unfit(Exception):
    """The tensors make no such network; the text says where."""


def layout_of(asked: Asked) -> Layout:
    """Every module from the shapes of its tensors. Unfit where one is missing or of a kind that is not known here."""

    def shape(name: str, axes: int) -> tuple[int, ...]:
        found = asked.shape(name)
        if found is None or len(found) != axes:
            raise Unfit(f"{name} is missing." if found is None else f"{name} is {found}.")
        return found

    def part(at: str) -> Part:
        if f"{at}.in_layers.2.weight" in asked.tensors:
            outputs, inputs = shape(f"{at}.in_layers.2.weight", 4)[:2]
            short = asked.shape(f"{at}.skip_connection.weight")
            return Part(RESIDUAL, inputs, outputs, 0, short[-1] if short else 0)
        if f"{at}.qkv.weight" in asked.tensors:
            rows = (asked.shape(f"{at}.qkv.weight") or (0,))[0]
            return Part(ATTENTION, rows // 3, rows // 3)
        for name, kind, resize in (("op.", DOWN, -1), ("conv.", UP, 1), ("", CONV, 0)):
            if f"{at}.{name}weight" in asked.tensors:
                outputs, inputs = shape(f"{at}.{name}weight", 4)[:2]
                return Part(kind, inputs, outputs, resize)
        raise Unfit(f"{at} is of a kind that this U-Net does not have.")

    places: dict[str, dict[int, set[int]]] = {"input_blocks": {}, "output_blocks": {}}
    for name in asked.tensors:
        if at := _PLACE.match(name):
            places[at[1]].setdefault(int(at[2]), set()).add(int(at[3]))
    down, up = (
        {k: [part(f"{side}.{k}.{j}") for j in sorted(own)] for k, own in sorted(found.items())}
        for side, found in places.items()
    )
    if sorted(up) != list(range(len(up))) or len(up) < 2:
        raise Unfit("Its output_blocks are not numbered one after another.")
    for parts in up.values():  # a second residual block of a place doubles the size (resblock_updown)
        if [one.kind for one in parts].count(RESIDUAL) == 2:
            parts[-1] = parts[-1]._replace(resize=1)
    levels = 1 + sum(parts[-1].resize == 1 for parts in up.values())
    each, rest = divmod(len(up), levels)
    if rest:
        raise Unfit(f"{len(up)} output_blocks do not make {levels} levels.")
    for k in range(1, levels):  # after the blocks of a level, but the last, comes what halves the size
        place = k * each
        if place not in down:
            down[place] = [Part(POOLED, 0, 0, -1)]
        elif down[place][0].kind == RESIDUAL:
            down[place][0] = down[place][0]._replace(resize=-1)
        elif down[place][0].kind != DOWN:
            raise Unfit(f"input_blocks.{place} does not halve the size.")
    if sorted(down) != list(range(len(up))):
        raise Unfit(f"It has {len(down)} input_blocks and {len(up)} output_blocks; they should be as many.")
    middle = [part(f"middle_block.{k}") for k in range(3) if f"middle_block.{k}" in _middles(asked)]
    width = shape("time_embed.0.weight", 2)[1]
    first = next(one for one in down[1] if one.kind == RESIDUAL) if down[1][0].kind == RESIDUAL else middle[0]
    told = shape("input_blocks.1.0.emb_layers.1.weight", 2)[0] if down[1][0].kind == RESIDUAL else 0
    return Layout(
        width, shape("input_blocks.0.0.weight", 4)[1], shape("out.2.weight", 4)[0],
        shape("label_emb.weight", 2)[0] if "label_emb.weight" in asked.tensors else 0,
        told == 2 * first.outputs, levels,
        tuple(tuple(down[k]) for k in range(len(down))), tuple(middle), tuple(tuple(up[k]) for k in range(len(up))),
    )  # fmt: skip


def _middles(asked: Asked) -> set[str]:
    return {".".join(name.split(".")[:2]) for name in asked.tensors if name.startswith("middle_block.")}


def of_torchcfm(asked: Asked) -> bool:
    """Whether the file keeps the network as torchcfm's training does, net_model beside ema_model."""
    return any(one.rstrip(".") in ("net_model", "ema_model") for one in asked.weights.stripped)


def _judge(asked: Asked) -> Candidate:
    missing = next((name for name in TELLING if name not in asked.tensors), "")
    if missing:
        return not_mine(ID, TITLE, f"There is no tensor {missing}.")
    if any(".attn2." in name for name in asked.tensors):
        return not_mine(ID, TITLE, "It attends to another sequence (a text), as latent diffusion's U-Net does.", 0.3)
    try:
        plan = layout_of(asked)
    except Unfit as misfit:
        return broken(ID, TITLE, str(misfit))
    if plan.outputs not in (plan.inputs, 2 * plan.inputs):
        return broken(ID, TITLE, f"It takes {plan.inputs} channels and predicts {plan.outputs}.")
    if any(one.inputs % GROUPS for side in (plan.down[1:], plan.up) for parts in side for one in parts):
        return broken(ID, TITLE, f"A width of it is no multiple of the {GROUPS} groups of its norms.")
    flow, learned = of_torchcfm(asked), plan.outputs == 2 * plan.inputs
    folds = any(one.kind == RESIDUAL and one.resize for parts in plan.up for one in parts)
    source = "assumed: no tensor knows it"
    attended = [one.inputs for side in (*plan.down, plan.middle, *plan.up) for one in side if one.kind == ATTENTION]
    wide = (flow or folds) and all(width % 64 == 0 for width in attended)
    settings = [
        Conclusion("process", "Noise", PATH if flow else CHAIN,
                   "from its wrapper, net_model and ema_model" if flow else "assumed", (CHAIN, PATH)),
        Conclusion("prediction", "Prediction", NOISE_TO_DATA, "from its wrapper, as torchcfm trains",
                   (NOISE_TO_DATA, VELOCITY)) if flow else prediction_setting(asked),
    ]  # fmt: skip
    if not flow:
        settings += schedule_settings(asked, "linear", 1000)
    settings += [
        size_setting(asked.config, plan.levels, 32 if flow or plan.levels < 4 else 64),
        Conclusion("heads", "Attention heads", HEADS[5] if wide else HEADS[2], source, HEADS),
        Conclusion("order", "Order inside attention", ORDERS[0], source, ORDERS),
        Conclusion("variance", "Variance", "learned_range" if learned else "fixed_large",
                   "by shape of out.2.weight" if learned else "assumed",
                   () if learned else ("fixed_small", "fixed_large")),
        Conclusion("clip", "Clean picture kept within", 0.0 if flow else 1.0, "as the library samples", ("0.0", "1.0")),
    ]  # fmt: skip
    if plan.classes:
        settings.append(Conclusion("classes", "Classes", plan.classes, "by shape of label_emb.weight"))
    widths = sorted({one.outputs for parts in plan.down for one in parts if one.kind == RESIDUAL})
    return Candidate(
        ID, f"{TITLE}, as torchcfm trains it" if flow else TITLE, MATCH, 0.95,
        (
            f"It has time_embed, {len(plan.down)} input_blocks, middle_block, output_blocks and out.",
            f"{plan.levels} levels of widths {', '.join(map(str, widths))}; {plan.inputs} channels"
            f"{', and its variance' if learned else ''}; {plan.classes or 'no'} classes.",
        ),
        PICTURES, 1, "", (*settings, *range_settings(asked)),
    )  # fmt: skip


CANDIDATE = Architecture(ID, TITLE, _judge)
