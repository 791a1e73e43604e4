"""The host's own measure of what a sandbox writes."""

import json

import pytest

from herdwick.tools.sandbox.border import read_json


def read(text: str, max_bytes: int = 1_000, max_depth: int = 20) -> object:
    return read_json(text, "the text", max_bytes=max_bytes, max_depth=max_depth)


@pytest.mark.parametrize("value", ["null", "1.5", '"牧"', "[]", '{"a": [1, {"b": null}]}', str(10**30)])
def test_json_is_read(value):
    assert read(value) == eval(value, {"null": None})


def test_size_is_counted_in_bytes_of_utf8():
    assert read('"牧牧"', max_bytes=8) == "牧牧"
    with pytest.raises(OverflowError, match="the text has too many values or too much text: over 7 bytes"):
        read('"牧牧"', max_bytes=7)


@pytest.mark.parametrize(
    ("text", "depth"), [("1", 0), ("[]", 1), ("[1]", 1), ("[[]]", 2), ('{"a": [1]}', 2), ("[1, [[2]]]", 3)]
)
def test_depth_counts_lists_and_dicts(text, depth):
    assert read(text, max_depth=depth) == json.loads(text)
    if depth:
        with pytest.raises(OverflowError, match="the text is nested too deeply"):
            read(text, max_depth=depth - 1)


@pytest.mark.parametrize("depth", [195, 5_000])
def test_any_depth_is_refused_alike(depth):
    with pytest.raises(OverflowError, match="nested too deeply"):
        read("[" * depth + "]" * depth, max_bytes=100_000)


@pytest.mark.parametrize("text", ["", "[1", "NaN", "[Infinity]", '"\\ud800"', "9" * 5_000, "1 2"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):
        read(text, max_bytes=10_000)
