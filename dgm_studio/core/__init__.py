"""The vocabulary both towers share: frozen plain data, standard library and numpy only.

Lives here: knobs, cards, the catalogue, recipes, requests, reports, films, asks, errors.
May not live here: torch, Qt, files on disk, threads.
To add a word: one small frozen dataclass in a file named after it, with a round trip to JSON if it is ever saved.
"""
