"""The command line. Thin: options in, calls, output; the work is done elsewhere."""

from __future__ import annotations
