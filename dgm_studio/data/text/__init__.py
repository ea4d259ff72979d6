"""Texts: corpora that ship, a person's own .txt, and the tokens they are cut into. numpy and the standard library.

Lives here: reading text, cleaning it, vocabularies, windows of tokens. May not live here: torch, models.
To add a corpus: a compressed text in resources/corpora/ with its provenance, and a row in `corpus.CORPORA`.
"""
