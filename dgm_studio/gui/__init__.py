"""The window tower: Qt and pyqtgraph, never torch, so that the first picture is there in about a second.

Lives here: the window, panels/, layers/, widgets/, theme/, dialogs. May not live here: torch, models, numbers that a
model should have given. It knows the compute tower only through core/ and engine/.
"""
