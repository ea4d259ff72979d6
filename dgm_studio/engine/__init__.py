"""The engine: one worker thread that owns all compute, in lanes.

Lives here: the thread, fair scheduling, the mailbox, cancel, clean close. May not live here: torch and Qt; the roof
gives it a factory, which it calls inside the worker, and a `wake` callback.
"""
