"""Fitting and measuring models. Needs the extra ``train``; nothing on the tagging path imports it."""
