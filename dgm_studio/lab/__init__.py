"""The lab: runs requests headless, in a notebook, in a test, on the command line, or inside the worker.

Lives here: runs (a model being trained), native files, views (numpy pictures of a model), the desk that turns
requests into tasks for the engine. May not live here: Qt, threads.
"""
