"""File names in messages."""

import json
import os

import pytest

from herdwick.tools.aminer.local.file_names import shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"graph.sqlite", "graph.sqlite"),
        ("café 图".encode(), "café 图"),
        (b"caf\xe9", r"caf\udce9"),
    ],
)
def test_what_is_text_stays_and_the_rest_is_escaped(name, expected):
    assert shown(os.fsdecode(name)) == expected
    assert json.loads(json.dumps(shown(os.fsdecode(name)), ensure_ascii=False).encode()) == expected
