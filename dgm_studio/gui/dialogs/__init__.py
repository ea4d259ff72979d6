"""Dialogs: windows that ask one thing or tell one thing, and hand a plain value back.

Lives here: one dialog a file, built on `sheet.Sheet`. May not live here: files on disk, the worker.
To add one: a file named after it with a Sheet that takes plain data and gives a plain answer or a signal.
"""
