"""Parts: what the scenes are built of; none is a scene itself.

Lives here: laws and sequences of laws, optimisers' races, plans, running moments, what several plots share; one idea a
file. May not live here: a card, knobs that only one scene has, anything of the window.
"""
