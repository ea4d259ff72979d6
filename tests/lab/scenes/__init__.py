"""The small scenes against what is known on paper."""
