"""StyleGAN's pickles (Karras et al. 2019 to 2021): generators, discriminators and averages, for inspection only."""

from __future__ import annotations

from dgm_studio.checkpoints.candidates.answers import inspected, not_mine, told
from dgm_studio.checkpoints.candidates.asked import Architecture, Asked
from dgm_studio.checkpoints.candidates.persistent import bars, persistent
from dgm_studio.checkpoints.candidates.plain_tree import stubs
from dgm_studio.core.inspection import Candidate

ID, TITLE = "stylegan", "StyleGAN pickle"
CLASSES = ("Generator", "Discriminator", "MappingNetwork", "SynthesisNetwork")
TENSORFLOW = "dnnlib.tflib."

WANTED = {
    "z_dim": "Latent dimension",
    "w_dim": "Style dimension",
    "c_dim": "Classes",
    "img_resolution": "Pixels a side",
    "img_channels": "Channels",
    "channel_base": "Width (base)",
    "channel_max": "Width (most)",
}


def judge(asked: Asked) -> Candidate:
    """By the classes' names in the pickle; the TensorFlow ones of StyleGAN 1 and 2 have their weights in objects."""
    tree = asked.opened.tree
    own = next((one for one in persistent(tree) if one.class_name in CLASSES), None)
    if own is None:
        old = next((one for one in stubs(tree) if one.name.startswith(TENSORFLOW)), None)
        if old is None:
            return not_mine(ID, TITLE, "It names no class of StyleGAN's networks.")
        text = "A StyleGAN pickle of the TensorFlow version. StyleGAN3's legacy.py converts it to one of PyTorch."
        return inspected(ID, TITLE, 0.9, (text,))
    settings = tuple(told(own.settings, "from the object's _init_kwargs", WANTED))
    return inspected(ID, TITLE, 0.9, (bars("a StyleGAN", len(asked.opened.tensors)),), settings)


CANDIDATE = Architecture(ID, TITLE, judge)
