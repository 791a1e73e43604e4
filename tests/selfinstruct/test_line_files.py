from pathlib import Path

import pytest
from pydantic import BaseModel

from herdwick.selfinstruct.line_files import read_lines, rejects_file
from herdwick.tools.errors import DataError


class Row(BaseModel):
    number: int


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def test_each_line_is_a_record_and_blank_ones_are_none(file: Path) -> None:
    file.write_bytes(b'{"number": 1}\r\n\n{"number": 2}')
    assert read_lines(file, Row) == [Row(number=1), Row(number=2)]


def test_an_empty_file_holds_nothing(file: Path) -> None:
    file.touch()
    assert read_lines(file, Row) == []


@pytest.mark.parametrize("line", [b'{"number": "many"}', b'{"number": ', b'{"number": "\xff"}'])
def test_a_damaged_line_is_told_with_its_number(file: Path, line: bytes) -> None:
    file.write_bytes(b'{"number": 1}\n\n' + line + b"\n")
    with pytest.raises(DataError, match=r"rows\.jsonl, line 3: ") as caught:
        read_lines(file, Row)
    assert caught.value.kind == "bad_data"


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_lines(file, Row)
    assert caught.value.kind == "no_data"


def test_rejects_lie_beside_the_file() -> None:
    assert rejects_file(Path("runs/train.jsonl")) == Path("runs/train.rejects.jsonl")
