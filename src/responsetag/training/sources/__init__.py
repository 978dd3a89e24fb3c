"""Labelled rows in five formats, each brought to records of columns; ``columns.py`` makes rows of them."""
