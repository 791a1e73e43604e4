import pytest

from herdwick.agents.cli.list_options import spread

FLAGS = {"--files"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--files", "a", "b"], ["--files", "a", "--files", "b"]),
        (["--files=a", "b"], ["--files=a", "--files", "b"]),
        (["--files", "a", "--out", "o", "b"], ["--files", "a", "--out", "o", "b"]),
        (["--files", "a", "--files", "b", "c"], ["--files", "a", "--files", "b", "--files", "c"]),
        (["--files", "a", "--", "b", "--files"], ["--files", "a", "--", "b", "--files"]),
        (["--out", "o", "b"], ["--out", "o", "b"]),
        (["--files", "-", "b"], ["--files", "-", "--files", "b"]),
        (["--files"], ["--files"]),
        ([], []),
    ],
)
def test_each_value_gets_the_option_it_belongs_to(typed, meant):
    assert spread(typed, FLAGS) == meant


def test_a_question_after_the_values_is_not_one_of_them():
    typed = ["--files", "a", "b", "How many routes are there?", "c"]
    assert spread(typed, FLAGS) == ["--files", "a", "--files", "b", "How many routes are there?", "c"]


def test_a_first_value_may_have_spaces():
    assert spread(["--files", "my dump.mrt"], FLAGS) == ["--files", "my dump.mrt"]


def test_a_later_value_with_spaces_is_taken_when_there_is_such_a_file(tmp_path):
    path = tmp_path / "my dump.mrt"
    path.touch()
    assert spread(["--files", "a", str(path)], FLAGS) == ["--files", "a", "--files", str(path)]


def test_a_very_long_question_after_the_values_is_no_file():
    question = "why " * 10_000
    assert spread(["--files", "a", question], FLAGS) == ["--files", "a", question]
