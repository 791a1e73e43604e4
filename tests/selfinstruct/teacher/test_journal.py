import json
import resource

import pytest

from herdwick.selfinstruct.teacher.journal import DecisionLine, Journal, ReplyLine
from herdwick.tools.errors import DataError


def reply(number: int, text: str = "hello") -> ReplyLine:
    return ReplyLine(number=number, form="json", text=text)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "run.journal.jsonl"
    with Journal.open(path, "f") as journal:
        journal.append(reply(1))
        journal.append(reply(0))
        journal.append(DecisionLine(number=0, items=(), drops=()))
    return path


def test_what_was_written_is_there_again(path):
    with Journal.open(path, "f") as journal:
        assert (sorted(journal.replies), [line.number for line in journal.decisions]) == ([0, 1], [0])


def test_every_cut_of_the_last_line_loses_that_line_only(path):
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        with Journal.open(path, "f") as journal:
            assert (sorted(journal.replies), journal.decisions) == ([0, 1], [])
        assert path.read_bytes() == whole[:last]


def test_a_journal_of_another_configuration_is_refused(path):
    with pytest.raises(DataError) as caught:
        Journal.open(path, "other")
    assert caught.value.kind == "other_config"


def test_a_damaged_line_is_told_with_its_number(path):
    lines = path.read_bytes().split(b"\n")
    lines[2] = lines[2][:-5]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(DataError, match="line 3") as caught:
        Journal.open(path, "f")
    assert caught.value.kind == "bad_journal"


def test_a_file_that_is_no_journal_is_left_alone(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"question": "mine"}\n')
    with pytest.raises(DataError):
        Journal.open(path, "f")
    assert path.read_text() == '{"question": "mine"}\n'


@pytest.mark.parametrize("text", ["mine", '{"question": "mine"}', '{"line":"reply"'])
def test_nor_is_one_cut_off_that_has_not_even_a_whole_line(tmp_path, text):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        Journal.open(path, "f")
    assert caught.value.kind == "bad_journal"
    assert path.read_text() == text


@pytest.mark.parametrize(
    "order", ["run reply1 decision0", "run reply0 reply0", "run reply0 run", "run decision0"]
)
def test_lines_that_cannot_follow_each_other_are_damaged(path, order):
    names = ("run", "reply1", "reply0", "decision0")
    written = dict(zip(names, path.read_bytes().splitlines(keepends=True), strict=True))
    path.write_bytes(b"".join(written[name] for name in order.split()))
    with pytest.raises(DataError, match=f"line {len(order.split())}") as caught:
        Journal.open(path, "f")
    assert caught.value.kind == "bad_journal"


def test_two_processes_cannot_write_one_journal(path):
    with Journal.open(path, "f"), pytest.raises(DataError) as caught:
        Journal.open(path, "f")
    assert caught.value.kind == "in_use"


def test_a_full_disk_leaves_the_journal_as_it_was(path):
    before = path.read_bytes()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal.open(path, "f") as journal:
        # The kernel then writes what fits, and fails for the rest, as on a disk with little room.
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, unlimited[1]))
        try:
            with pytest.raises(DataError) as caught:
                journal.append(reply(2, "x" * 1000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        assert caught.value.kind == "disk_full"
        assert path.read_bytes() == before
        journal.append(reply(2))
    assert json.loads(path.read_bytes().splitlines()[-1])["number"] == 2
