"""The Trajectories panel: the film of how a model carries noise to data, streamed, then scrubbed both ways.

Lives here: the panel's composition, its form, its read-outs, the dragged start point, and the shelf of
pictures that makes scrubbing back instant. May not live here: painting, numbers.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("trajectories", "Trajectories", "trajectories", 2, "Watch noise become data, frame by frame, both ways")
