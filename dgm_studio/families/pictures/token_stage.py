"""Second stages that draw tokens: what a frozen first stage and a token network have in common with each other."""

from __future__ import annotations

from torch import Tensor

from dgm_studio.families.fit import Fit
from dgm_studio.families.pictures.token_pictures import TokenPictures
from dgm_studio.families.pictures.two_stage import TwoStage


class TokenStage(TwoStage, TokenPictures):
    """Tokens are the codes of the first stage; the clock of the learning rate begins with the second."""

    def start_second(self) -> None:
        """The codes are settled; the network begins as it was filled."""

    def second_beat(self, fit: Fit) -> dict[str, Tensor]:
        """One step of the prior."""
        told = self.token_beat(fit, int(self.clock))
        self.clock.add_(1)
        return told
