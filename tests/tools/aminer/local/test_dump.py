"""Lines of dump files."""

import gzip
import tempfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.aminer.local.dump import MAX_LINE_BYTES, BadLine, DumpLine, read_lines
from herdwick.tools.errors import DataError

LINES = b'{"id": 1}\n\n{"id": 2}\n{"id": 3}'


def reason(raw: bytes) -> str:
    with pytest.raises(BadLine) as bad:
        DumpLine(1, raw, 0).content()
    return bad.value.reason


@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress])
def test_plain_gzip_and_zstandard_files_have_the_same_lines(tmp_path, compress):
    path = tmp_path / "dump"
    path.write_bytes(compress(LINES))
    assert [(line.number, line.content()) for line in read_lines(path)] == [
        (1, {"id": 1}),
        (3, {"id": 2}),
        (4, {"id": 3}),
    ]


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_a_file_that_is_cut_short_is_an_error(tmp_path, compress):
    path = tmp_path / "papers.jsonl.z"
    path.write_bytes(compress(LINES * 1000)[:-6])
    with pytest.raises(DataError, match=r"papers\.jsonl\.z is damaged or cut short") as caught:
        list(read_lines(path))
    assert caught.value.kind == "damaged_dump"
    assert caught.value.hint


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        list(read_lines(tmp_path / "nowhere.jsonl"))
    assert caught.value.kind == "missing_dump"


def test_a_folder_is_an_error(tmp_path):
    with pytest.raises(DataError) as caught:
        list(read_lines(tmp_path))
    assert caught.value.kind == "unreadable_dump"


def test_a_line_that_is_too_long_is_skipped_without_losing_the_next(tmp_path):
    path = tmp_path / "dump"
    path.write_bytes(b"x" * (MAX_LINE_BYTES * 2 + 5) + b"\n" + b'{"id": 2}\n')
    long, following = read_lines(path)
    with pytest.raises(BadLine, match="longer than"):
        long.content()
    assert (following.number, following.content()) == (2, {"id": 2})


def test_a_byte_order_mark_is_no_part_of_the_line():
    assert DumpLine(1, b'\xef\xbb\xbf{"id": 1}', 0).content() == {"id": 1}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"id": ', "not JSON"),
        (b'{"name": "\xff\xfe"}', "not UTF-8 at byte 10"),
        (b"[1, 2]", "a JSON object expected, not a list"),
        (b"null", "a JSON object expected, not null"),
        (b'{"year": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"year": ' + b"9" * 5_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_object_is_refused_with_the_reason(raw, expected):
    assert expected in reason(raw)


def test_an_excerpt_is_short_and_shows_broken_bytes():
    excerpt = DumpLine(1, b"\xff" + b"a" * 10_000 + b"\n", 0).excerpt()
    assert excerpt.startswith("\\xffaaa")
    assert len(excerpt) < 600


@given(st.binary())
def test_any_bytes_are_an_object_or_refused(raw):
    try:
        outcome = DumpLine(1, raw, 0).content()
    except BadLine as bad:
        outcome = bad.reason
    assert isinstance(outcome, dict) or (isinstance(outcome, str) and outcome)


@given(st.lists(st.binary().filter(lambda raw: b"\n" not in raw and not raw.isspace() and raw)))
def test_every_line_is_read_once(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dump"
        path.write_bytes(b"plain\n" + b"\n".join(lines))
        assert [line.raw for line in read_lines(path)] == [b"plain", *(line.rstrip(b"\r") for line in lines)]
