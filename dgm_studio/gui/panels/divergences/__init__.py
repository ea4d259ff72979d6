"""The Divergences panel: how far is p from q, by every measure, and what does minimising one of them do.

Lives here: the list of scenes, their plots, the table of measured numbers and the reading that is pinned beside them.
May not live here: what is computed (lab/scenes, measures), and a word about any one scene.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign("divergences", "Divergences", "divergences", 4, "How far p is from q: KL, JSD, Wasserstein and the others")
