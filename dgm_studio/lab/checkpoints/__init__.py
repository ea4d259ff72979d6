"""Checkpoints of others at work: rebuilt models on the studio's lanes, galleries of their samples, the folder watch."""
