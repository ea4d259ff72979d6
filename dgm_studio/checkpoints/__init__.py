"""Checkpoints: files that others wrote. Read without running anything in them, recognised, rebuilt, run.

Lives here: `formats` (one file, one format: bytes to tensors and a plain tree), `candidates` (one file, one
architecture: is it mine, and why), `reader` (the helper process that the window and the command line look through),
`rebuild` (one file, one architecture in torch). May not live here: our own checkpoint's writing (lab.native), panels.
All but `rebuild` is standard library and numpy, by a test. Nothing in here executes anything of a file: the rules R1
to R17 of the study (CHECKPOINTS.md). To add a format: a file in `formats` with a `FORMAT`; an architecture: a file in
`candidates` with a `CANDIDATE`, and one of the same name in `rebuild` with a `REBUILD`.
"""
