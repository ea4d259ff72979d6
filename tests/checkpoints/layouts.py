"""Names and shapes of well-known U-Nets, as random tensors: lucidrains' and guided-diffusion's, small."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from torch import Tensor

from tests.checkpoints.fixtures_torch_files import drawn

Put = Callable[..., None]


def _putting(found: dict[str, Tensor], seed: int) -> Put:
    def put(name: str, *shape: int, bias: bool = True) -> None:
        found[f"{name}.weight"] = drawn(*shape, seed=seed)
        if bias:
            found[f"{name}.bias"] = drawn(shape[0], seed=seed)

    return put


def lucidrains_unet(
    dim: int = 8, mults: tuple[int, ...] = (1, 2), channels: int = 1, seed: int = 0
) -> dict[str, Tensor]:
    """denoising_diffusion_pytorch's Unet of version 2: linear attention but in the last level, RMSNorm with `g`."""
    found: dict[str, Tensor] = {}
    put = _putting(found, seed)
    time, heads, width = 4 * dim, 4, 32
    hidden = heads * width

    def block(name: str, wide: int, out: int) -> None:
        put(f"{name}.mlp.1", 2 * out, time)
        for at, inputs in (("block1", wide), ("block2", out)):
            put(f"{name}.{at}.proj", out, inputs, 3, 3)
            found[f"{name}.{at}.norm.g"] = drawn(1, out, 1, 1, seed=seed)
        if wide != out:
            put(f"{name}.res_conv", out, wide, 1, 1)

    def attention(name: str, wide: int, full: bool) -> None:
        found[f"{name}.mem_kv"] = drawn(2, heads, 4, width, seed=seed) if full else drawn(2, heads, width, 4, seed=seed)
        found[f"{name}.norm.g"] = drawn(1, wide, 1, 1, seed=seed)
        put(f"{name}.to_qkv", 3 * hidden, wide, 1, 1, bias=False)
        put(f"{name}.to_out" if full else f"{name}.to_out.0", wide, hidden, 1, 1)
        if not full:
            found[f"{name}.to_out.1.g"] = drawn(1, wide, 1, 1, seed=seed)

    put("init_conv", dim, channels, 7, 7)
    put("time_mlp.1", time, dim)
    put("time_mlp.3", time, time)
    sizes = [dim, *(dim * one for one in mults)]
    levels = list(pairwise(sizes))
    for at, (wide, out) in enumerate(levels):
        last = at == len(levels) - 1
        block(f"downs.{at}.0", wide, wide)
        block(f"downs.{at}.1", wide, wide)
        attention(f"downs.{at}.2", wide, last)
        if last:
            put(f"downs.{at}.3", out, wide, 3, 3)
        else:
            put(f"downs.{at}.3.1", out, 4 * wide, 1, 1)
    for name in ("mid_block1", "mid_block2"):
        block(name, sizes[-1], sizes[-1])
    attention("mid_attn", sizes[-1], True)
    for at, (wide, out) in enumerate(reversed(levels)):
        block(f"ups.{at}.0", out + wide, out)
        block(f"ups.{at}.1", out + wide, out)
        attention(f"ups.{at}.2", out, at == 0)
        put(f"ups.{at}.3" if at == len(levels) - 1 else f"ups.{at}.3.1", wide, out, 3, 3)
    block("final_res_block", 2 * dim, dim)
    put("final_conv", channels, dim, 1, 1)
    return found


def guided_unet(
    width: int = 32,
    mults: tuple[int, ...] = (1, 2),
    channels: int = 3,
    *,
    learn_sigma: bool = False,
    classes: int = 0,
    seed: int = 0,
) -> dict[str, Tensor]:
    """guided-diffusion's UNetModel: one residual block a level, attention in the second, no scale-shift norm."""
    found: dict[str, Tensor] = {}
    put = _putting(found, seed)
    time = 4 * width

    def block(name: str, wide: int, out: int) -> None:
        put(f"{name}.in_layers.0", wide)
        put(f"{name}.in_layers.2", out, wide, 3, 3)
        put(f"{name}.emb_layers.1", out, time)
        put(f"{name}.out_layers.0", out)
        put(f"{name}.out_layers.3", out, out, 3, 3)
        if wide != out:
            put(f"{name}.skip_connection", out, wide, 1, 1)

    def attention(name: str, wide: int) -> None:
        put(f"{name}.norm", wide)
        put(f"{name}.qkv", 3 * wide, wide, 1)
        put(f"{name}.proj_out", wide, wide, 1)

    put("time_embed.0", time, width)
    put("time_embed.2", time, time)
    if classes:
        put("label_emb", classes, time, bias=False)
    put("input_blocks.0.0", width, channels, 3, 3)
    kept, now, place = [width], width, 1
    for level, mult in enumerate(mults):
        block(f"input_blocks.{place}.0", now, width * mult)
        now = width * mult
        if level == 1:
            attention(f"input_blocks.{place}.1", now)
        kept.append(now)
        place += 1
        if level < len(mults) - 1:
            put(f"input_blocks.{place}.0.op", now, now, 3, 3)
            kept.append(now)
            place += 1
    block("middle_block.0", now, now)
    attention("middle_block.1", now)
    block("middle_block.2", now, now)
    place = 0
    for level, mult in reversed(list(enumerate(mults))):
        for again in range(2):
            block(f"output_blocks.{place}.0", now + kept.pop(), width * mult)
            now = width * mult
            if level == 1:
                attention(f"output_blocks.{place}.1", now)
            if level and again == 1:
                put(f"output_blocks.{place}.{2 if level == 1 else 1}.conv", now, now, 3, 3)
            place += 1
    put("out.0", width)
    put("out.2", (2 if learn_sigma else 1) * channels, width, 3, 3)
    return found
