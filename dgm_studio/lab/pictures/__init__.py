"""A model of pictures looked at headless: opened, placed in, decoded, interpolated, mapped, filmed, judged.

Lives here: what the requests of core.picture_requests ask for, one idea a file. May not live here: networks and losses
(families.pictures), file formats (export), drawing (gui.panels.latents).
"""
