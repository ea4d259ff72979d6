"""Restoring tokens step by step: orders, re-masking, choice of tokens, blocks, infilling, branches (lectures 13, 14).

Lives here: samplers of chains over tokens, and noise for a sentence. They know a model only by `model.TokenModel`. May
not live here: networks, training, texts and words.
To add an order: its id in core.unmasking.ORDERS, its rule in `orders.chosen`. A re-masking likewise, in `remasking`.
"""

from __future__ import annotations

from dgm_studio.solvers.unmasking.corruption import corruption
from dgm_studio.solvers.unmasking.film import TokenFilm
from dgm_studio.solvers.unmasking.model import TokenModel
from dgm_studio.solvers.unmasking.together import advance_together

__all__ = ["TokenFilm", "TokenModel", "advance_together", "corruption"]
