from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from responsetag.lookup import KeyTable

KEYS = st.integers(0, 2**64 - 2)


@given(st.sets(KEYS, max_size=60), st.lists(KEYS, max_size=40))
def test_keys_are_found_and_others_are_not(keys: set[int], others: list[int]) -> None:
    ordered = sorted(keys)
    table = KeyTable(np.array(ordered, dtype=np.uint64))
    wanted = [*others, *ordered, *others]
    places, which = table.find(np.array(wanted, dtype=np.uint64))
    assert which.tolist() == [i for i, key in enumerate(wanted) if key in keys]
    assert places.tolist() == [ordered.index(wanted[i]) for i in which]


def test_keys_that_share_a_slot() -> None:
    # Keys that differ in their lowest bit times 2**60 hash far apart; small multiples crowd together.
    keys = np.arange(5000, dtype=np.uint64) * np.uint64(2**40)
    places, which = KeyTable(keys).find(np.concatenate((keys[::-1], keys + np.uint64(1))))
    assert which.tolist() == list(range(5000))
    assert places.tolist() == list(range(4999, -1, -1))
