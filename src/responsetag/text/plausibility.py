"""How much a string looks like Simplified Chinese: the judge between two readings of the same bytes."""

from __future__ import annotations

import math
from functools import cache

from responsetag.text.script import to_simplified

# What a Han character outside the list costs: about the rank of the last of GB18030's characters.
_RARE_RANK = 20_000


@cache
def _costs() -> dict[str, float]:
    """Character -> log of its frequency rank, by Zipf's law a negative log frequency up to a constant."""
    from importlib import resources  # takes longer to import than most files take to read

    ranked = resources.files(__package__).joinpath("common_characters.txt").read_text(encoding="utf-8")
    # The first ranks differ by accident of topic, so they cost the same.
    return {character: math.log(rank + 20) for rank, character in enumerate(ranked.strip())}


def implausibility(text: str) -> float:
    """Mean cost of the characters that are not ASCII; lower reads more like Chinese.

    Returns:
        A value between about 3 (the commonest characters) and 10 (characters that Chinese text
        does not have); 0 for text without any character outside ASCII.
    """
    costs = _costs()
    rare = math.log(_RARE_RANK)
    values = [costs.get(c, rare) for c in to_simplified(text) if ord(c) > 0x7F]
    return sum(values) / len(values) if values else 0.0
