"""Paint: draw a two-dimensional data set by hand, also while a model trains on it.

Lives here: the canvas and the tools (both without Qt), the view that draws them, the window around.
May not live here: anything about models or files. To add a tool: one class in tools.py and its line in TOOLS.
"""
