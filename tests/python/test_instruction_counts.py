"""The instructions of a fixed workload do not grow unnoticed."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

import count_instructions  # noqa: E402


def test_counts_are_the_recorded_ones():
    try:
        grown = count_instructions.check()
    except count_instructions.NothingToCompare as reason:
        pytest.skip(str(reason))
    assert not grown, "the output above says how much, and how to record anew"


def test_growth_is_named():
    recorded = {"load": 1000, "tokenize": 1000, "classify_int8": 1000}
    lines, grown = count_instructions.compare(recorded, {"load": 1020, "tokenize": 1040, "classify_int8": 900})
    assert grown == ["tokenize"]
    assert "GREW" in lines[1] and "GREW" not in lines[0] + lines[2] and "record" in lines[2]
    with pytest.raises(SystemExit, match="no part 'load'"):
        count_instructions.compare(recorded, {})
