"""The Checkpoints panel: what a file that others wrote is, what is in it, and what it makes.

Lives here: the modes over one opened file (inspect, difference, film, gallery). May not live here: reading (the reader
process does it, gui.reader_link asks), running (lab.checkpoints), and a word about any one format or architecture.
"""

from dgm_studio.gui.panels.sign import Sign

SIGN = Sign(
    "checkpoints", "Checkpoints", "checkpoints", 7, "Open any checkpoint, see what it is, and watch it generate"
)
