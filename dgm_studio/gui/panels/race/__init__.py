"""The Race panel: two to six runs side by side on the same data.

Lives here: the grid of stages, the list of entrants, the table of scores. May not live here: numbers (the worker
measures them, lab/views/scores.py).
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("race", "Race", "race", 3, "Train two to six models side by side on the same data")
