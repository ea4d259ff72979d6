"""Low-rank adapters (LoRA, Hu et al. 2022): W + (alpha / r) B A on another model's weights; for inspection only."""

from __future__ import annotations

import re

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.core.inspection import Candidate, Conclusion

ID, TITLE = "adapter", "Low-rank adapter (LoRA)"
DOWN = re.compile(r"(?:^|\.|_)(?:lora_A|lora_down|lora\.down)(?:\.\w+)?\.weight$")


def judge(asked: Asked) -> Candidate:
    """By the names of the two factors; the rank is the first one's height."""
    down = [name for name in asked.tensors if DOWN.search(name)]
    if not down:
        return not_mine(ID, TITLE, "There are no factors lora_A / lora_B (lora_down / lora_up).")
    ranks = sorted({entry.shape[0] for name in down if (entry := asked.tensors[name]).shape})
    pairs = f"{len(down):,} pair{'s' * (len(down) != 1)} of low-rank factors"
    text = (
        f"{pairs}: an adapter that is added to another model's weights. Alone it makes nothing; open the model it was "
        "made for."
    )
    rank = Conclusion("rank", "Rank", ", ".join(map(str, ranks[:8])), "by the shapes of the first factors")
    return inspected(ID, TITLE, 0.7, (text,), (rank,))


CANDIDATE = Architecture(ID, TITLE, judge)
