"""The Scenes panel: small scenes of the lectures that belong to no family alone.

Lives here: the list of scenes, their plots, their numbers. May not live here: what is computed (the worker does it,
lab/scenes), and a word about any one scene.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("scenes", "Scenes", "scenes", 8, "Small scenes of the lectures: an estimate beside the exact answer")
