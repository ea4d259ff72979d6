"""denoising-diffusion-pytorch's U-Net: a 7 x 7 first convolution, downs, mid_block1, ups, final_conv."""

from __future__ import annotations

from typing import Any

from dgm_studio.checkpoints.candidates.answers import broken, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.unet_settings import (
    prediction_setting,
    range_settings,
    schedule_settings,
    size_setting,
)
from dgm_studio.core.inspection import MATCH, PICTURES, Candidate, Conclusion

ID, TITLE = "lucidrains-unet", "U-Net of denoising-diffusion-pytorch"
TELLING = ("init_conv.weight", "downs.0.0.block1.proj.weight", "mid_block1.block1.proj.weight", "final_conv.weight")
DEEPEST = 12
USUAL_HEADS = 4
NORMS = {"rms": "x / rms(x)", "layer": "(x - mean) / std"}


class Unfit(Exception):
    """A tensor is missing or has another number of axes than it should; the text says which."""


def own_names(asked: Asked) -> dict[str, str]:
    """The tensors by the names of today's versions: older ones wrap each attention twice."""
    found = {}
    for name in asked.tensors:
        own = name.replace(".fn.norm.", ".norm.").replace(".fn.fn.", ".") if ".fn." in name else name
        found[own] = name
    return found


def wrapped(asked: Asked) -> bool:
    """Whether attention is wrapped in Residual(PreNorm(...)), as before version 1.9."""
    return any(".fn.fn." in name for name in asked.tensors)


def layout(asked: Asked, heads: int, norm: str) -> dict[str, Any]:
    """The fields of nets.lucid_unet.LucidPlan by the shapes; attentions as tuples (full, heads, width, memory).
    `heads` where no learned keys say it. Unfit where a tensor is missing."""
    names = own_names(asked)

    def shape(name: str, axes: int = 4) -> tuple[int, ...]:
        found = asked.shape(names.get(name, ""))
        if found is None or len(found) != axes:
            raise Unfit(f"{name} is missing." if found is None else f"{name} is {found}.")
        return found

    def attention(at: str) -> tuple[bool, int, int, int]:
        full = f"{at}.to_out.weight" in names
        inner = shape(f"{at}.to_qkv.weight")[0] // 3
        if f"{at}.mem_kv" not in names:
            if inner % heads:
                raise Unfit(f"{at}.to_qkv has {inner} channels, which {heads} heads do not divide.")
            return full, heads, inner // heads, 0
        memory = shape(f"{at}.mem_kv")
        return full, memory[1], memory[3 if full else 2], memory[2 if full else 3]

    levels = sum(f"downs.{k}.0.block1.proj.weight" in names for k in range(DEEPEST))
    if levels == 0 or any(f"{side}.{levels - 1}.3.weight" not in names for side in ("downs", "ups")):
        raise Unfit("Its levels are not numbered as they should be.")
    folded = levels > 1 and "downs.0.3.1.weight" in names
    widths = [shape("init_conv.weight")[0]]
    shrinks = [f"downs.{k}.3.1.weight" if folded and k < levels - 1 else f"downs.{k}.3.weight" for k in range(levels)]
    widths += [shape(name)[0] for name in shrinks]
    fourier = shape("time_mlp.0.weights", 1)[0] if "time_mlp.0.weights" in names else 0
    return {
        "inputs": shape("init_conv.weight")[1], "outputs": shape("final_conv.weight")[0], "widths": tuple(widths),
        "time": shape("time_mlp.1.weight", 2)[0], "told": shape("time_mlp.1.weight", 2)[1], "fourier": fourier,
        "downs": tuple(attention(f"downs.{k}.2") for k in range(levels)), "middle": attention("mid_attn"),
        "ups": tuple(attention(f"ups.{k}.2") for k in range(levels)), "folded": folded,
        "block_norm": "rms" if "mid_block1.block1.norm.g" in names else "group",
        "attention_norm": norm, "base": shape("final_conv.weight")[1],
        "averaged": wrapped(asked),
    }  # fmt: skip


def _judge(asked: Asked) -> Candidate:
    missing = next((name for name in TELLING if name not in asked.tensors), "")
    if missing:
        return not_mine(ID, TITLE, f"There is no tensor {missing}.")
    first = asked.shape("init_conv.weight") or ()
    if len(first) != 4 or first[2:] != (7, 7):
        return not_mine(ID, TITLE, f"init_conv.weight is {first}, not a 7 x 7 convolution.", 0.1)
    old = wrapped(asked)
    try:
        plan = layout(asked, USUAL_HEADS, "layer" if old else "rms")
    except Unfit as misfit:
        return broken(ID, TITLE, str(misfit))
    inputs, outputs = plan["inputs"], plan["outputs"]
    if outputs not in (inputs, 2 * inputs) and inputs != 2 * outputs:
        return broken(ID, TITLE, f"It takes {inputs} channels and predicts {outputs}: it denoises something else.")
    told_itself, learned = inputs == 2 * outputs, outputs == 2 * inputs
    known = all(one[3] for one in (*plan["downs"], plan["middle"]))
    heads = Conclusion(
        "heads", "Attention heads", plan["middle"][1], "by shape of mid_attn.mem_kv" if known else "assumed",
        () if known else ("1", "2", "4", "8"),
    )  # fmt: skip
    norm = Conclusion("norm", "Norm before attention", plan["attention_norm"], "by the version's layout", tuple(NORMS))
    clip = Conclusion("clip", "Clean picture kept within", 1.0, "as the library samples", ("0.0", "1.0"))
    variance = Conclusion(
        "variance", "Variance", "learned_range" if learned else "fixed_small",
        "by shape of final_conv.weight" if learned else "as the library samples",
        () if learned else ("fixed_small", "fixed_large"),
    )  # fmt: skip
    widths = ", ".join(map(str, plan["widths"]))
    reasons = [
        "It has init_conv (7 x 7), downs, mid_block1, mid_attn, ups and final_conv of that library.",
        f"{len(plan['downs'])} levels of widths {widths}; {outputs if not learned else inputs} channels.",
    ]
    if told_itself:
        reasons.append("It is also told its own last guess (self-conditioning); it is told zeros here.")
    return Candidate(
        ID, TITLE, MATCH, 0.95, tuple(reasons), PICTURES, 1, "",
        (
            prediction_setting(asked, "v_prediction" if known else "epsilon"),
            *schedule_settings(asked, "cosine", 1000),
            size_setting(asked.config, len(plan["downs"]), 32), heads, norm, variance, clip, *range_settings(asked),
        ),
    )  # fmt: skip


CANDIDATE = Architecture(ID, TITLE, _judge)
