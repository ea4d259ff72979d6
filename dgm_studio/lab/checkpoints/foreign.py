"""Which family of the studio a rebuilt model becomes."""

from __future__ import annotations

from dgm_studio.checkpoints.rebuild.rebuilt import Decoder, Denoiser, Masked, Rebuilt
from dgm_studio.core.errors import Refused
from dgm_studio.lab.checkpoints.foreign_decoders import decoder_of
from dgm_studio.lab.checkpoints.foreign_denoisers import denoiser_of
from dgm_studio.lab.checkpoints.foreign_pictures import ForeignPictures


def family_of(rebuilt: Rebuilt) -> ForeignPictures:
    """The family of pictures; Refused where it makes points or text, with the panel that shows it."""
    if isinstance(rebuilt, Masked):
        raise Refused(f"{rebuilt.title} writes text, it draws no pictures. Open it in the Text panel.")
    if isinstance(rebuilt, Denoiser):
        if rebuilt.shape.height == rebuilt.shape.width == 1:
            raise Refused(f"{rebuilt.title} makes points, no pictures. Open it in the Trajectories panel.")
        return denoiser_of(rebuilt)
    if isinstance(rebuilt, Decoder):
        return decoder_of(rebuilt)
    raise Refused(f"{rebuilt.title} makes nothing that can be shown as pictures. Look at its tensors.")
