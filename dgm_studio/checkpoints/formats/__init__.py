"""Formats: ONE FILE, ONE FORMAT. Bytes to tensors and a plain tree; standard library and numpy only."""
