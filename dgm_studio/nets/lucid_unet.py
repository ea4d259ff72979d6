"""The U-Net of denoising-diffusion-pytorch: residual blocks that are told the time, linear and full attention.

Made anew to the layout of its tensors (Phil Wang's library, MIT licence; Ho et al., 2020), whose names it has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize, pixel_unshuffle, silu

ROOT, LAYER, GROUP = "rms", "layer", "group"
"""Norms over channels: x / rms(x), (x - mean) / std, in groups of channels."""


@dataclass(frozen=True)
class Heads:
    """One attention: `full` over pixels or linear, its heads, their width, and how many learned keys it brings."""

    full: bool
    heads: int
    width: int
    memory: int


@dataclass(frozen=True)
class LucidPlan:
    """`widths` of the levels from the first convolution on (levels + 1); `folded`: four pixels become one's channels
    when it shrinks, else a strided convolution; `fourier` learned frequencies of the time (0: fixed ones)."""

    inputs: int
    outputs: int
    widths: tuple[int, ...]
    time: int
    told: int
    downs: tuple[Heads, ...]
    middle: Heads
    ups: tuple[Heads, ...]
    block_norm: str = ROOT
    attention_norm: str = ROOT
    folded: bool = True
    fourier: int = 0
    base: int = 0
    groups: int = 8
    averaged: bool = False


class _Gain(nn.Module):
    """A norm over channels with one gain each."""

    def __init__(self, width: int, kind: str) -> None:
        super().__init__()
        self.g = nn.Parameter(torch.empty(1, width, 1, 1))
        self.kind = kind

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == ROOT:
            return normalize(x, dim=1) * self.g * math.sqrt(x.shape[1])
        mean = x.mean(dim=1, keepdim=True)
        variance = x.var(dim=1, unbiased=False, keepdim=True)
        return (x - mean) * (variance + 1e-5).rsqrt() * self.g


class _Standard(nn.Conv2d):
    """A convolution with weights of mean 0 and variance 1 for each output (Qiao et al., 2019)."""

    def forward(self, x: Tensor) -> Tensor:
        over = (1, 2, 3)
        mean = self.weight.mean(dim=over, keepdim=True)
        variance = self.weight.var(dim=over, unbiased=False, keepdim=True)
        weight = (self.weight - mean) * (variance + 1e-5).rsqrt()
        return conv2d(x, weight, self.bias, padding=1)


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, plan: LucidPlan) -> None:
        super().__init__()
        grouped = plan.block_norm == GROUP
        self.groups = plan.groups
        self.proj = (_Standard if grouped else nn.Conv2d)(inputs, outputs, 3, padding=1)
        self.norm = nn.GroupNorm(plan.groups, outputs) if grouped else _Gain(outputs, plan.block_norm)

    def forward(self, x: Tensor, change: Tensor | None = None) -> Tensor:
        x = self.norm(self.proj(x))
        if change is not None:
            scale, shift = change.chunk(2, dim=1)
            x = x * (scale + 1) + shift
        return silu(x)


class _Residual(nn.Module):
    """Two blocks, the first scaled and shifted by the time (Dhariwal and Nichol, 2021), added to what went in."""

    def __init__(self, inputs: int, outputs: int, plan: LucidPlan) -> None:
        super().__init__()
        self.mlp = nn.Sequential(nn.SiLU(), nn.Linear(plan.time, 2 * outputs))
        self.block1, self.block2 = _Block(inputs, outputs, plan), _Block(outputs, outputs, plan)
        self.res_conv = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        out: Tensor = self.block2(self.block1(x, self.mlp(t)[:, :, None, None])) + self.res_conv(x)
        return out


class _Attention(nn.Module):
    """Full: softmax(q k^T / sqrt(d)) v over pixels (Vaswani et al., 2017). Linear: softmax(q) (softmax(k)^T v), whose
    cost grows with the pixels, not their square (Shen et al., 2021). Both may bring learned keys and values."""

    def __init__(self, width: int, own: Heads, plan: LucidPlan) -> None:
        super().__init__()
        self.own, self.averaged = own, plan.averaged
        inner = own.heads * own.width
        self.norm = _Gain(width, plan.attention_norm)
        self.to_qkv = nn.Conv2d(width, 3 * inner, 1, bias=False)
        out = nn.Conv2d(inner, width, 1)
        self.to_out = out if own.full else nn.Sequential(out, _Gain(width, plan.attention_norm))
        if own.memory:
            shape = (own.memory, own.width) if own.full else (own.width, own.memory)
            self.mem_kv = nn.Parameter(torch.empty(2, own.heads, *shape))

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        own = self.own
        q, k, v = self.to_qkv(self.norm(x)).view(n, 3, own.heads, own.width, height * width).unbind(1)
        if own.memory:
            memory = self.mem_kv.transpose(-1, -2) if own.full else self.mem_kv
            more_k, more_v = (one.expand(n, -1, -1, -1) for one in memory)
            k, v = torch.cat([more_k, k], dim=-1), torch.cat([more_v, v], dim=-1)
        q = q * own.width**-0.5 if own.full else q.softmax(dim=-2) * own.width**-0.5
        if own.full:
            share = (q.transpose(-1, -2) @ k).softmax(dim=-1)
            seen = v @ share.transpose(-1, -2)
        else:
            v = v / (height * width) if self.averaged else v
            seen = (v @ k.softmax(dim=-1).transpose(-1, -2)) @ q
        out: Tensor = x + self.to_out(seen.reshape(n, own.heads * own.width, height, width))
        return out


class _Fold(nn.Module):
    """Four neighbouring pixels become the channels of one: (n, c, 2h, 2w) to (n, 4c, h, w)."""

    def forward(self, x: Tensor) -> Tensor:
        return pixel_unshuffle(x, 2)


class _Frequencies(nn.Module):
    """The time itself, then sine and cosine at learned frequencies."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.empty(count))

    def forward(self, t: Tensor) -> Tensor:
        angles = t[:, None] * self.weights * 2 * math.pi
        return torch.cat([t[:, None], angles.sin(), angles.cos()], dim=1)


class _Waves(nn.Module):
    """See `sines`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, t: Tensor) -> Tensor:
        return sines(t, self.width)


def sines(t: Tensor, width: int) -> Tensor:
    """Sine, then cosine of t 10000^(-k / (width / 2 - 1)), (n, width) for times (n,) (Vaswani et al., 2017)."""
    count = width // 2
    powers = torch.arange(count, device=t.device) / max(1, count - 1)
    angles = t[:, None].float() * 10_000.0**-powers
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class LucidUNet(nn.Module):
    """(x (n, c, h, w), t (n,)) to (n, c', h, w); h and w divide by 2^(levels - 1). A network that is also told its own
    last guess (Chen et al., 2022) is told zeros, as half of the time in training."""

    def __init__(self, plan: LucidPlan) -> None:
        super().__init__()
        self.plan = plan
        first, last = plan.widths[0], plan.widths[-1]
        self.init_conv = nn.Conv2d(plan.inputs, first, 7, padding=3)
        waves: nn.Module = _Frequencies(plan.fourier) if plan.fourier else _Waves(plan.told)
        time = plan.time
        self.time_mlp = nn.Sequential(waves, nn.Linear(plan.told, time), nn.GELU(), nn.Linear(time, time))
        steps = list(zip(plan.widths[:-1], plan.widths[1:], strict=True))
        self.downs = nn.ModuleList(
            _level(a, a, a, plan.downs[k], _shrink(a, b, plan, k == len(steps) - 1), plan)
            for k, (a, b) in enumerate(steps)
        )
        self.mid_block1, self.mid_block2 = _Residual(last, last, plan), _Residual(last, last, plan)
        self.mid_attn = _Attention(last, plan.middle, plan)
        self.ups = nn.ModuleList(
            _level(a + b, b, a + b, plan.ups[k], _grow(b, a, k == len(steps) - 1), plan)
            for k, (a, b) in enumerate(reversed(steps))
        )
        self.final_res_block = _Residual(2 * first, plan.base or first, plan)
        self.final_conv = nn.Conv2d(plan.base or first, plan.outputs, 1)

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """What it predicts."""
        if self.plan.inputs > x.shape[1]:
            x = torch.cat([torch.zeros_like(x), x], dim=1)
        x = self.init_conv(x)
        kept, first, told = [], x, self.time_mlp(t)
        for level in self.downs:
            block1, block2, attention, shrink = _four(level)
            x = block1(x, told)
            kept.append(x)
            x = attention(block2(x, told))
            kept.append(x)
            x = shrink(x)
        x = self.mid_block2(self.mid_attn(self.mid_block1(x, told)), told)
        for level in self.ups:
            block1, block2, attention, grow = _four(level)
            x = block1(torch.cat([x, kept.pop()], dim=1), told)
            x = grow(attention(block2(torch.cat([x, kept.pop()], dim=1), told)))
        out: Tensor = self.final_conv(self.final_res_block(torch.cat([x, first], dim=1), told))
        return out


def _level(inputs: int, outputs: int, again: int, own: Heads, last: nn.Module, plan: LucidPlan) -> nn.ModuleList:
    """Two residual blocks, an attention, a change of size."""
    return nn.ModuleList(
        [_Residual(inputs, outputs, plan), _Residual(again, outputs, plan), _Attention(outputs, own, plan), last]
    )


def _shrink(inputs: int, outputs: int, plan: LucidPlan, last: bool) -> nn.Module:
    if last:
        return nn.Conv2d(inputs, outputs, 3, padding=1)
    if plan.folded:
        return nn.Sequential(_Fold(), nn.Conv2d(4 * inputs, outputs, 1))
    return nn.Conv2d(inputs, outputs, 4, 2, 1)


def _grow(inputs: int, outputs: int, last: bool) -> nn.Module:
    if last:
        return nn.Conv2d(inputs, outputs, 3, padding=1)
    return nn.Sequential(nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(inputs, outputs, 3, padding=1))


def _four(level: Any) -> tuple[Any, Any, Any, Any]:
    block1, block2, attention, last = level
    return block1, block2, attention, last
