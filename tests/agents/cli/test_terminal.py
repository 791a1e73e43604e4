from pathlib import Path

from herdwick.agents.cli.terminal import printable, short_path


def test_control_characters_become_visible():
    assert printable("a\x1b[31mb\x07c\x9bd\re") == "a\ufffd[31mb\ufffdc\ufffdd\ufffde"


def test_letters_of_every_script_lines_and_tabs_stay():
    assert printable("林晓丽\n\tØstergaard") == "林晓丽\n\tØstergaard"


def test_a_path_below_home_is_shown_relative_to_it(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert short_path(tmp_path / "a" / "b") == "~/a/b"
    assert short_path(Path("/usr/lib")) == "/usr/lib"
