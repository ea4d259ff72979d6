"""The Train panel: data | family | knobs | stage | losses and read-outs, trained live.

Lives here: the panel's composition, its form, its read-outs. May not live here: painting, numbers.
"""

from dgm_studio.gui.panels.train.panel import TrainPanel

PANEL = TrainPanel
