"""guided-diffusion's U-Net, made anew to the layout of its tensors (Dhariwal and Nichol, 2021; MIT licence)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, interpolate, scaled_dot_product_attention

GROUPS = 32
CONV, RESIDUAL, ATTENTION, DOWN, UP, POOLED = "conv", "residual", "attention", "down", "up", "pooled"


@dataclass(frozen=True)
class Piece:
    """One module of a place: channels in and out, `resize` -1 to halve, 1 to double; a shortcut's `kernel`."""

    kind: str
    inputs: int
    outputs: int
    resize: int = 0
    kernel: int = 0


@dataclass(frozen=True)
class GuidedPlan:
    """`heads` of each attention, or `head_width` channels a head (0: by heads); `scaled`: the time scales and shifts
    the second norm, else it is added; `heads_first`: channels are split into heads, then each head into q, k, v."""

    width: int
    inputs: int
    outputs: int
    down: tuple[tuple[Piece, ...], ...]
    middle: tuple[Piece, ...]
    up: tuple[tuple[Piece, ...], ...]
    classes: int = 0
    scaled: bool = False
    heads: int = 4
    head_width: int = 0
    heads_first: bool = True


class _Residual(nn.Module):
    """norm, SiLU, 3 x 3, the time, norm, SiLU, 3 x 3, added to what went in; both may halve or double the size."""

    def __init__(self, own: Piece, plan: GuidedPlan) -> None:
        super().__init__()
        self.resize, self.scaled = own.resize, plan.scaled
        self.in_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, own.inputs), nn.SiLU(), nn.Conv2d(own.inputs, own.outputs, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(4 * plan.width, (1 + plan.scaled) * own.outputs))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(GROUPS, own.outputs), nn.SiLU(), nn.Identity(),
            nn.Conv2d(own.outputs, own.outputs, 3, padding=1),
        )  # fmt: skip
        if own.kernel:
            self.skip_connection: nn.Module = nn.Conv2d(own.inputs, own.outputs, own.kernel, padding=own.kernel // 2)
        else:
            self.skip_connection = nn.Identity()

    def forward(self, x: Tensor, told: Tensor) -> Tensor:
        norm, activation, convolution = self.in_layers
        h: Tensor = convolution(_resized(activation(norm(x)), self.resize))
        x = _resized(x, self.resize)
        change: Tensor = self.emb_layers(told)[:, :, None, None]
        norm, *rest = self.out_layers
        if self.scaled:
            scale, shift = change.chunk(2, dim=1)
            h = norm(h) * (1 + scale) + shift
        else:
            h = norm(h + change)
        for layer in rest:
            h = layer(h)
        out: Tensor = self.skip_connection(x) + h
        return out


class _Attention(nn.Module):
    """x + W softmax(q k^T / sqrt(d)) v over the pixels of the normed x (Vaswani et al., 2017)."""

    def __init__(self, width: int, plan: GuidedPlan) -> None:
        super().__init__()
        self.heads = width // plan.head_width if plan.head_width else plan.heads
        self.heads_first = plan.heads_first
        self.norm = nn.GroupNorm(GROUPS, width)
        self.qkv, self.proj_out = nn.Conv1d(width, 3 * width, 1), nn.Conv1d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        n, width, *_ = x.shape
        flat = x.flatten(2)
        rows = self.qkv(self.norm(flat))
        each = width // self.heads
        if self.heads_first:
            q, k, v = rows.view(n, self.heads, 3, each, -1).unbind(2)
        else:
            q, k, v = rows.view(n, 3, self.heads, each, -1).unbind(1)
        seen = scaled_dot_product_attention(*(one.transpose(-1, -2) for one in (q, k, v)))
        out: Tensor = flat + self.proj_out(seen.transpose(-1, -2).reshape(n, width, -1))
        return out.view_as(x)


class _Named(nn.Module):
    """A convolution under the name that the file has for it, before or after a change of size."""

    def __init__(self, own: Piece) -> None:
        super().__init__()
        if own.kind == DOWN:
            self.op = nn.Conv2d(own.inputs, own.outputs, 3, 2, 1)
        elif own.kind == UP:
            self.conv = nn.Conv2d(own.inputs, own.outputs, 3, padding=1)
        self.kind = own.kind

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == POOLED:
            return _resized(x, -1)
        out: Tensor = self.op(x) if self.kind == DOWN else self.conv(_resized(x, 1))
        return out


class GuidedUNet(nn.Module):
    """(x (n, c, h, w), t (n,), labels (n,) or None) to (n, c', h, w); h and w divide by 2^(levels - 1). `t` may be any
    number: an index of a chain, or a time from 0 to 1. A label of -1 is no class: its row of the table is left out."""

    def __init__(self, plan: GuidedPlan) -> None:
        super().__init__()
        self.plan = plan
        time = 4 * plan.width
        self.time_embed = nn.Sequential(nn.Linear(plan.width, time), nn.SiLU(), nn.Linear(time, time))
        if plan.classes:
            self.label_emb = nn.Embedding(plan.classes, time)
        self.input_blocks = nn.ModuleList(_place(parts, plan) for parts in plan.down)
        self.middle_block = _place(plan.middle, plan)
        self.output_blocks = nn.ModuleList(_place(parts, plan) for parts in plan.up)
        last = plan.up[-1][-1].outputs
        self.out = nn.Sequential(nn.GroupNorm(GROUPS, last), nn.SiLU(), nn.Conv2d(last, plan.outputs, 3, padding=1))

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        """What it predicts."""
        told = self.time_embed(waves(t, self.plan.width))
        if labels is not None and self.plan.classes:
            told = told + torch.where(labels[:, None] >= 0, self.label_emb(labels.clamp(min=0)), 0.0)
        kept = []
        for place in self.input_blocks:
            x = _through(place, x, told)
            kept.append(x)
        x = _through(self.middle_block, x, told)
        for place in self.output_blocks:
            x = _through(place, torch.cat([x, kept.pop()], dim=1), told)
        out: Tensor = self.out(x)
        return out


def waves(t: Tensor, width: int) -> Tensor:
    """Cosine, then sine of t 10000^(-k / (width / 2)), (n, width); an odd width ends in a zero."""
    half = width // 2
    powers = torch.arange(half, device=t.device, dtype=torch.float32) / half
    angles = t[:, None].float() * torch.exp(-math.log(10_000) * powers)
    found = torch.cat([angles.cos(), angles.sin()], dim=1)
    return torch.nn.functional.pad(found, (0, width - 2 * half))


def _place(parts: Sequence[Piece], plan: GuidedPlan) -> nn.ModuleList:
    return nn.ModuleList(_made(one, plan) for one in parts)


def _made(own: Piece, plan: GuidedPlan) -> nn.Module:
    if own.kind == RESIDUAL:
        return _Residual(own, plan)
    if own.kind == ATTENTION:
        return _Attention(own.inputs, plan)
    if own.kind == CONV:
        return nn.Conv2d(own.inputs, own.outputs, 3, padding=1)
    return _Named(own)


def _through(place: nn.Module, x: Tensor, told: Tensor) -> Tensor:
    for module in place.children():
        x = module(x, told) if isinstance(module, _Residual) else module(x)
    return x


def _resized(x: Tensor, resize: int) -> Tensor:
    if resize > 0:
        return interpolate(x, scale_factor=2.0, mode="nearest")
    return avg_pool2d(x, 2) if resize < 0 else x
