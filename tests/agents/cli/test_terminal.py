import io
import os
import sys
from pathlib import Path

import pytest

from herdwick.agents.cli.terminal import diagnostics, printable, results, short_path


def test_control_characters_become_visible():
    assert printable("a\x1b[31mb\x07c\x9bd\re") == "a\ufffd[31mb\ufffdc\ufffdd\ufffde"


def test_letters_of_every_script_lines_and_tabs_stay():
    assert printable("林晓丽\n\tØstergaard") == "林晓丽\n\tØstergaard"


def test_a_path_below_home_is_shown_relative_to_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert short_path(tmp_path / "a" / "b") == "~/a/b"
    assert short_path(Path("/usr/lib")) == "/usr/lib"


@pytest.mark.parametrize("open_console", [results, diagnostics])
def test_a_reader_that_has_gone_is_an_error_for_the_caller(monkeypatch, open_console):
    reading, writing = os.pipe()
    os.close(reading)
    name = "stdout" if open_console is results else "stderr"
    # Unbuffered, so that closing it has nothing left to write.
    with io.TextIOWrapper(open(writing, "wb", buffering=0), write_through=True) as gone:
        monkeypatch.setattr(sys, name, gone)
        with pytest.raises(BrokenPipeError):
            open_console().print("anything")
