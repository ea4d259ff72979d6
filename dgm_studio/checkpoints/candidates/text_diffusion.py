"""MDLM and SEDD (Sahoo et al. 2024; Lou et al. 2024): diffusion transformers over tokens, for inspection only."""

from __future__ import annotations

import re

from dgm_studio.checkpoints.candidates.answers import broken, inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate, Conclusion

ID, TITLE = "text-diffusion", "Masked text diffusion (MDLM, SEDD)"
TABLE, TIME, QKV = "vocab_embed.embedding", "sigma_map.mlp.0.weight", "blocks.0.attn_qkv.weight"

WANTED = {
    "parameterization": "Parameterization",
    "T": "Steps (0: continuous time)",
    "graph": "Forward process",
    "length": "Length",
    "n_heads": "Attention heads",
    "noise": "Noise schedule",
}

_BLOCK = re.compile(r"blocks\.(\d+)\.")


def judge(asked: Asked) -> Candidate:
    """By the names both programs share."""
    table = asked.shape(TABLE)
    if table is None or asked.shape(QKV) is None:
        return not_mine(ID, TITLE, f"There are no tensors {TABLE} and {QKV}.")
    qkv = asked.shape(QKV)
    if len(table) != 2 or qkv != (3 * table[1], table[1]):
        return broken(ID, TITLE, f"{QKV} has the shape {qkv}, {TABLE} {table}: they do not belong together.")
    layers = {found.group(1) for name in asked.tensors if (found := _BLOCK.match(name))}
    rows = (
        Conclusion("tokens", "Tokens", table[0], f"by shape of {TABLE}"),
        Conclusion("mask", "Mask's id", table[0] - 1, "assumed: the last token"),
        Conclusion("width", "Width", table[1], f"by shape of {TABLE}"),
        Conclusion("layers", "Layers", len(layers), "by the names of the tensors"),
        *told(asked.config, "from the file's settings", WANTED),
    )
    reasons = (
        f"It has {TABLE} and {len(layers)} blocks with {QKV.partition('.0.')[2]}.",
        "The settings and every tensor can be looked at; this network cannot be run here.",
    )
    return inspected(ID, TITLE, 0.8, reasons, rows)


CANDIDATE = Architecture(ID, TITLE, judge)
