"""The panel's modes as they stand over it. What a mode is made of is read when it is wanted: reading all of them takes
as long as building one."""

from __future__ import annotations

from dgm_studio.gui.panels.mode import ModeSign

SCRUB = ModeSign("scrub", "Scrub", "Scrub between places of the latent space, and drag through it")
CODES = ModeSign("codes", "Codes", "See a picture as a table of codebook entries, and change them by hand")
STYLES = ModeSign("styles", "Styles", "Mix the styles of a generator layer by layer, and see its activations")
DENOISE = ModeSign("denoise", "Denoise", "Watch pictures come out of noise, with and without guidance")
TRAIN = ModeSign("train", "Train", "Train a model of pictures live, and watch what it makes")
MEASURE = ModeSign("measure", "Measure", "Figures of the model, and its nearest training pictures")
