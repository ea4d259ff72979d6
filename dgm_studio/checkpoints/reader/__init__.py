"""The reader: a helper process without torch that opens, lists and measures files for whoever asks through a pipe."""
