"""The Latents panel: pictures, the latent spaces they come from, and scrubbing between two points of them.

Lives here: the modes over one open model of pictures (scrub, codes, styles, denoise, measure) and its live training.
May not live here: decoding and encoding (lab.pictures), pictures on the screen (widgets), and a word about any one
family: a mode asks for a capability (core.latents).
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("latents", "Latents", "latents", 6, "Scrub through a latent space of pictures, and look inside the models")
