"""The Train panel: data | family | knobs | stage | losses and read-outs, trained live.

Lives here: the panel's composition, its form, its read-outs. May not live here: painting, numbers.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("train", "Train", "train", 1, "Train a model live on points in the plane")
