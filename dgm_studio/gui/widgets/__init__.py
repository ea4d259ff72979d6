"""The parts every panel is built from: rows, forms, chips, pickers, read-outs, the transport bar.

Lives here: one widget a file, with tooltip, accessible name, keyboard and a visible focus ring; it asks the
Theme for
colours and sizes and follows its `changed`. May not live here: panels, layers, torch, anything that knows the
worker.
To add one: a file named after it, and a line in tests/gui/widgets/gallery.py, which the layout contract
reads.
"""
