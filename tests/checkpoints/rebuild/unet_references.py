"""The two well-known U-Nets as plain functions of a dict of tensors, written down from their papers and layouts."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as f

Weights = Mapping[str, Tensor]


def _conv(w: Weights, name: str, x: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    return f.conv2d(x, w[f"{name}.weight"], w.get(f"{name}.bias"), stride, padding)


def _linear(w: Weights, name: str, x: Tensor) -> Tensor:
    return f.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def _rms(x: Tensor, gain: Tensor) -> Tensor:
    return x / x.square().sum(dim=1, keepdim=True).sqrt() * math.sqrt(x.shape[1]) * gain


def lucidrains(w: Weights, x: Tensor, t: Tensor, mults: int, heads: int = 4, width: int = 32) -> Tensor:
    """denoising_diffusion_pytorch's Unet, version 2."""

    def block(name: str, x: Tensor, told: Tensor) -> Tensor:
        scale, shift = _linear(w, f"{name}.mlp.1", f.silu(told))[:, :, None, None].chunk(2, dim=1)
        h = _rms(_conv(w, f"{name}.block1.proj", x, padding=1), w[f"{name}.block1.norm.g"]) * (scale + 1) + shift
        h = f.silu(_rms(_conv(w, f"{name}.block2.proj", f.silu(h), padding=1), w[f"{name}.block2.norm.g"]))
        return h + (_conv(w, f"{name}.res_conv", x) if f"{name}.res_conv.weight" in w else x)

    def attention(name: str, x: Tensor) -> Tensor:
        n, _, height, side = x.shape
        q, k, v = _conv(w, f"{name}.to_qkv", _rms(x, w[f"{name}.norm.g"])).chunk(3, dim=1)
        q, k, v = (one.reshape(n, heads, width, height * side) for one in (q, k, v))
        memory, rows = w[f"{name}.mem_kv"], []
        full = f"{name}.to_out.weight" in w
        for example in range(n):
            each = []
            for head in range(heads):
                mk, mv = (one[head].T if full else one[head] for one in memory)
                keys, values = torch.cat([mk, k[example, head]], 1), torch.cat([mv, v[example, head]], 1)
                query = q[example, head]
                if full:
                    each.append(values @ (query.T @ keys / math.sqrt(width)).softmax(-1).T)
                else:
                    context = torch.einsum("dn,en->de", keys.softmax(-1), values)
                    each.append(torch.einsum("de,dn->en", context, query.softmax(0) / math.sqrt(width)))
            rows.append(torch.cat(each))
        seen = torch.stack(rows).reshape(n, heads * width, height, side)
        if full:
            return x + _conv(w, f"{name}.to_out", seen)
        return x + _rms(_conv(w, f"{name}.to_out.0", seen), w[f"{name}.to_out.1.g"])

    half = w["time_mlp.1.weight"].shape[1] // 2
    angles = t[:, None] * torch.exp(-math.log(10_000) * torch.arange(half) / (half - 1))
    told = _linear(w, "time_mlp.1", torch.cat([angles.sin(), angles.cos()], dim=1))
    told = _linear(w, "time_mlp.3", f.gelu(told))
    x = _conv(w, "init_conv", x, padding=3)
    first, kept = x, []
    for k in range(mults):
        x = block(f"downs.{k}.0", x, told)
        kept.append(x)
        x = attention(f"downs.{k}.2", block(f"downs.{k}.1", x, told))
        kept.append(x)
        if k == mults - 1:
            x = _conv(w, f"downs.{k}.3", x, padding=1)
        else:
            n, c, h, s = x.shape
            four = x.reshape(n, c, h // 2, 2, s // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(n, 4 * c, h // 2, s // 2)
            x = _conv(w, f"downs.{k}.3.1", four)
    x = block("mid_block2", attention("mid_attn", block("mid_block1", x, told)), told)
    for k in range(mults):
        x = block(f"ups.{k}.0", torch.cat([x, kept.pop()], 1), told)
        x = attention(f"ups.{k}.2", block(f"ups.{k}.1", torch.cat([x, kept.pop()], 1), told))
        if k == mults - 1:
            x = _conv(w, f"ups.{k}.3", x, padding=1)
        else:
            x = _conv(w, f"ups.{k}.3.1", x.repeat_interleave(2, 2).repeat_interleave(2, 3), padding=1)
    return _conv(w, "final_conv", block("final_res_block", torch.cat([x, first], 1), told))


def guided(w: Weights, x: Tensor, t: Tensor, labels: Tensor | None, heads: int, split_first: bool = True) -> Tensor:
    """guided-diffusion's UNetModel; every place's modules are told apart by the names of their tensors."""

    def norm(name: str, x: Tensor) -> Tensor:
        return f.group_norm(x, 32, w[f"{name}.weight"], w[f"{name}.bias"])

    def through(place: str, x: Tensor) -> Tensor:
        k = 0
        while any(name.startswith(f"{place}.{k}.") for name in w):
            at = f"{place}.{k}"
            if f"{at}.in_layers.0.weight" in w:
                h = _conv(w, f"{at}.in_layers.2", f.silu(norm(f"{at}.in_layers.0", x)), padding=1)
                change = _linear(w, f"{at}.emb_layers.1", f.silu(told))[:, :, None, None]
                if change.shape[1] == 2 * h.shape[1]:
                    scale, shift = change.chunk(2, 1)
                    h = norm(f"{at}.out_layers.0", h) * (1 + scale) + shift
                else:
                    h = norm(f"{at}.out_layers.0", h + change)
                h = _conv(w, f"{at}.out_layers.3", f.silu(h), padding=1)
                x = h + (_conv(w, f"{at}.skip_connection", x) if f"{at}.skip_connection.weight" in w else x)
            elif f"{at}.qkv.weight" in w:
                x = attend(at, x)
            elif f"{at}.op.weight" in w:
                x = _conv(w, f"{at}.op", x, 2, 1)
            elif f"{at}.conv.weight" in w:
                x = _conv(w, f"{at}.conv", x.repeat_interleave(2, 2).repeat_interleave(2, 3), padding=1)
            else:
                x = _conv(w, at, x, padding=1)
            k += 1
        return x

    def attend(at: str, x: Tensor) -> Tensor:
        n, width = x.shape[:2]
        flat = x.reshape(n, width, -1)
        rows = f.conv1d(norm(f"{at}.norm", flat), w[f"{at}.qkv.weight"], w[f"{at}.qkv.bias"])
        each, out = width // heads, []
        for head in range(heads):
            if split_first:
                q, k, v = rows[:, 3 * each * head : 3 * each * (head + 1)].chunk(3, 1)
            else:
                q, k, v = (part[:, each * head : each * (head + 1)] for part in rows.chunk(3, 1))
            share = (q.transpose(1, 2) @ k / math.sqrt(each)).softmax(-1)
            out.append(v @ share.transpose(1, 2))
        return (flat + f.conv1d(torch.cat(out, 1), w[f"{at}.proj_out.weight"], w[f"{at}.proj_out.bias"])).view_as(x)

    width = w["time_embed.0.weight"].shape[1]
    angles = t[:, None] * torch.exp(-math.log(10_000) * torch.arange(width // 2) / (width // 2))
    told = _linear(w, "time_embed.2", f.silu(_linear(w, "time_embed.0", torch.cat([angles.cos(), angles.sin()], 1))))
    if labels is not None:
        told = told + w["label_emb.weight"][labels]
    kept, k = [], 0
    while any(name.startswith(f"input_blocks.{k}.") for name in w):
        x = through(f"input_blocks.{k}", x)
        kept.append(x)
        k += 1
    x = through("middle_block", x)
    for k in range(len(kept)):
        x = through(f"output_blocks.{k}", torch.cat([x, kept.pop()], 1))
    return _conv(w, "out.2", f.silu(norm("out.0", x)), padding=1)
