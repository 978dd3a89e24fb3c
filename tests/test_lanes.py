from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from responsetag.lanes import MAX_STEPS, LaneTable, decode, encode

CODES = arrays.arrays(
    np.int8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(-127, 127)
)


@given(CODES, st.data())
def test_sums_of_rows_are_exact(codes: NDArray[np.int8], data: st.DataObject) -> None:
    table, values = LaneTable(codes), decode(codes)
    groups = data.draw(st.lists(st.lists(st.integers(0, len(values) - 1), min_size=1), max_size=8))
    numbers = np.array([number for group in groups for number in group], dtype=np.int64)
    starts = np.cumsum([0, *map(len, groups)])[:-1]
    expected = [values[group].astype(np.int64).sum(axis=0) for group in groups]
    assert table.sums(numbers, starts).tolist() == [row.tolist() for row in expected]
    assert np.array_equal(table.rows(numbers), values[numbers])
    columns = numbers % values.shape[1]
    assert np.array_equal(table.column(numbers, columns), values[numbers, columns])


@pytest.mark.parametrize("size", [64, 65, 99_999, 350_000, 9_000_000])
def test_no_lane_runs_over_into_the_next(size: int) -> None:
    table = LaneTable(np.array([[127, -127, 127, -127, 1]], dtype=np.int8))
    starts = np.array([0, 1, 40])
    sums = table.sums(np.zeros(size, dtype=np.int64), starts)
    assert np.array_equal(
        sums, table.rows(np.zeros(3, dtype=np.int64)) * np.diff(starts, append=size)[:, None]
    )


def test_codes_stand_for_the_nearest_number() -> None:
    codes = np.arange(-127, 128, dtype=np.int8)
    assert np.array_equal(encode(decode(codes).astype(np.float64)), codes)
    values = np.linspace(-MAX_STEPS, MAX_STEPS, 5000)
    every = np.unique(decode(codes)).astype(np.float64)
    nearest = np.abs(values[:, None] - every).min(axis=1)
    assert np.allclose(np.abs(decode(encode(values)) - values), nearest)
    assert np.array_equal(decode(-codes), -decode(codes))
