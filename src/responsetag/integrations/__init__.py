"""Tagging inside other tools; each needs the extra of its name."""
