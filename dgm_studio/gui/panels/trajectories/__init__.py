"""The Trajectories panel: a solver laboratory of four modes, Film, Compare, Likelihood and Scenes.

Lives here: ONE FILE, ONE MODE (`x_mode.py` with its class XMode; the others of its name's beginning are its parts), and
what a film is shown with: forms, read-outs, hands on the stage, the shelf of pictures that makes scrubbing back
instant. May not live here: painting, numbers.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("trajectories", "Trajectories", "trajectories", 2, "Watch noise become data, frame by frame, both ways")
