"""Candidates: ONE FILE, ONE ARCHITECTURE. Is the file mine, and why; standard library and numpy only."""
