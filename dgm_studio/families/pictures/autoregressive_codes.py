"""Autoregression on the codes of a VQ-VAE (LlamaGen's shape): each code from the class and the codes before it."""

from __future__ import annotations

from dataclasses import dataclass

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.families.pictures import vqvae
from dgm_studio.families.pictures.code_prior import CodePrior
from dgm_studio.families.pictures.token_knobs import TokenSampling, TokenTraining, network, token_layers, token_width
from dgm_studio.families.pictures.two_stage import first_steps
from dgm_studio.families.pictures.written import Written


@dataclass(frozen=True)
class Design(vqvae.Design):
    """What is built: the VQ-VAE's knobs, and the prior's."""

    network: str = network()
    token_width: int = token_width(128)
    token_layers: int = token_layers(8)


@dataclass(frozen=True)
class Training(TokenTraining):
    """How it learns; every knob is live."""

    first_steps: int = first_steps(2_000)


class AutoregressiveCodes(Written, CodePrior):
    """log p(c | y) = sum_i log p(c_i | y, c_1 .. c_{i-1}) over the codes in raster order, exact (van den Oord et al.,
    2017; Esser et al., 2021; Sun et al., 2024)."""

    card = Card(
        id="autoregressive-codes",
        title="Autoregressive codes",
        summary="A picture's codes one after another, each from the class and those before it.",
        lecture="14",
        paper="Sun et al., 2024",
        formula="log p(c | y) = Σ log p(cᵢ | y, c₁ … cᵢ₋₁)",
        shows=("tokens",),
        facts=(("kin", "VQ / AR"),),
    )
    Design, Training, Sampling = Design, Training, TokenSampling
    presets = (
        Preset(
            "autoregressive-codes", "Autoregressive codes", "LlamaGen's shape: a transformer writes the codes.",
            "14", "Sun et al., 2024",
        ),
    )  # fmt: skip


FAMILY = AutoregressiveCodes
