"""A masked language model that others trained, as the studio's token films ask a model of text."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dgm_studio.checkpoints.rebuild.rebuilt import Masked
from dgm_studio.core.unmasking import MASKED
from dgm_studio.lab.checkpoints.foreign_words import real_ids


class ForeignText(nn.Module):
    """p(token i | the tokens that are not masked) over the V' tokens that can be drawn; id V' is the mask. What the
    model puts around every text (<s>, </s>) is put there and taken off again."""

    kind = MASKED
    real: Tensor
    native: Tensor

    def __init__(self, masked: Masked) -> None:
        super().__init__()
        self.masked = masked
        self.net = masked.net
        real = torch.tensor(real_ids(masked), dtype=torch.int64)
        device = next(masked.net.parameters()).device
        self.register_buffer("real", real.to(device))
        self.register_buffer("native", torch.cat([real, torch.tensor([masked.mask])]).to(device))

    @property
    def noise(self) -> int:
        """V', the id after the tokens: the mask."""
        return len(self.real)

    @property
    def mask(self) -> int:
        """The same."""
        return self.noise

    @property
    def length(self) -> int:
        """The most tokens of a text."""
        return self.masked.length

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.real.device

    def time_of(self, share: float) -> float:
        """1 - share: the model is not told it."""
        return 1 - share

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of each clean token (n, L, V') from ids (n, L); `t` is not used: the masks in sight say how much is noise."""
        before, after = (ids.new_tensor(own).expand(len(ids), -1) for own in (self.masked.before, self.masked.after))
        whole = torch.cat([before, self.native[ids], after], dim=1)
        out = self.masked.logits(whole)
        return out[:, before.shape[1] : before.shape[1] + ids.shape[1]][..., self.real].float()
