"""Tagging and training inside other tools; each needs an extra."""
