"""Texts: corpora that ship, a person's own .txt, and the tokens they are cut into. numpy and the standard library.

Lives here: reading text, cutting it into pieces, vocabularies, windows of tokens, and looking up what a model wrote
(concordance, quality). May not live here: torch, models.
To add a corpus: a compressed text in resources/corpora/ with its provenance (packaging/make_corpora.py makes both), and
a row in `corpus.CORPORA`.
"""
