"""Drawing and writing that both towers share: dots as numpy pixels, films as GIF, PNG and NPZ files.

Lives here: numpy and Pillow code that ends in pixels or in a file. May not live here: torch, Qt, models.
To add a format: one file with a generator that yields `Progress` and returns the path it wrote.
"""
