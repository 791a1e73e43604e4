import io
import stat

import pytest

from herdwick.agents.cli.repl_reader import history_file, line_reader


def questions(text: str) -> list[str]:
    read = line_reader(io.StringIO(text))
    found = []
    while True:
        try:
            found.append(read())
        except EOFError:
            return found


@pytest.mark.parametrize(
    ("piped", "asked"),
    [
        ("one\ntwo\n", ["one", "two"]),
        ("one\r\ntwo", ["one", "two"]),
        ("Who works\\\nwith Ada?\ntwo\n", ["Who works\nwith Ada?", "two"]),
        ("unfinished\\", ["unfinished\n"]),
        ("What about O'Brien\nand \"reeds?\n", ["What about O'Brien", 'and "reeds?']),
        ("\n", [""]),
        ("", []),
    ],
)
def test_a_question_is_a_line_unless_it_ends_with_a_backslash(piped, asked):
    assert questions(piped) == asked


def test_the_history_is_for_its_user_only(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = history_file()
    assert path.is_relative_to(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
