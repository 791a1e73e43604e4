import io

import pytest

from herdwick.agents.cli.source_files import read_source
from herdwick.agents.errors import UsageError


def test_of_an_endless_program_only_as_much_is_read_as_shows_it_is_too_long():
    assert len(read_source(io.BytesIO("é".encode() * 100_000), 20_000)) == 20_001


def test_a_program_is_read_to_the_letter():
    assert read_source(io.BytesIO("\ufeffa\r\né".encode()), 10) == "a\r\né"


def test_a_program_that_is_no_text_is_refused_by_name(tmp_path):
    path = tmp_path / "program.py"
    path.write_bytes(b"\xff\xfe\x00")
    with path.open("rb") as program, pytest.raises(UsageError) as refused:
        read_source(program, 10)
    assert (refused.value.kind, refused.value.message) == ("not_text", "program.py is not UTF-8 text.")
