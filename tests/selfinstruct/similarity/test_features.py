import pytest

from herdwick.selfinstruct.similarity.features import instruction_features, program_features

PROGRAM = """
import pybgpstream

stream = pybgpstream.BGPStream(from_time="2015-04-01 00:00", collectors=["rrc00"])
counts = {}
for elem in stream:
    counts[elem.peer_asn] = counts.get(elem.peer_asn, 0) + 1
print(counts)
"""


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(PROGRAM.replace("counts", "by_peer").replace("elem", "e"), id="other names"),
        pytest.param("# counts\n" + PROGRAM.replace("\n\n", "\n\n\n"), id="comments and blank lines"),
        pytest.param(PROGRAM.replace('"', "'"), id="other quotes"),
        pytest.param('"""Counts."""' + PROGRAM, id="a docstring"),
        pytest.param(PROGRAM.replace("counts = {}", "counts: dict[int, int] = {}"), id="annotations"),
        pytest.param(
            PROGRAM.replace("pybgpstream", "pb").replace("import pb", "import pybgpstream as pb"),
            id="an import under another name",
        ),
        pytest.param(
            PROGRAM.replace("import pybgpstream", "from pybgpstream import BGPStream").replace(
                "pybgpstream.BGPStream(", "BGPStream("
            ),
            id="an import of the class",
        ),
    ],
)
def test_how_a_program_is_written_does_not_count(other: str) -> None:
    assert other != PROGRAM
    assert program_features(other) == program_features(PROGRAM)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("peer_asn", "peer_address"),
        ("+ 1", "+ 2"),
        ("rrc00", "rrc06"),
        ("print", "len"),
        ("from_time", "until_time"),
    ],
)
def test_what_a_program_does_counts(old: str, new: str) -> None:
    assert program_features(PROGRAM.replace(old, new)) != program_features(PROGRAM)


def test_names_of_functions_parameters_classes_and_exceptions_do_not_count() -> None:
    one = """
class Counter:
    def add(self, prefix: str) -> None:
        try:
            return len(prefix)
        except ValueError as error:
            raise error
"""
    other = """
class Tally:
    def put(this, network):
        try:
            return len(network)
        except ValueError as problem:
            raise problem
"""
    assert program_features(one) == program_features(other)


def test_the_order_of_a_programs_tokens_counts() -> None:
    assert program_features("print(1); len(2)") != program_features("len(2); print(1)")


def test_what_a_program_does_twice_is_there_twice() -> None:
    assert len(program_features("len(2)\nlen(2)\n")) > len(program_features("len(2)\n"))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("for x in", id="broken off"),
        pytest.param("print 'x'", id="Python 2"),
        pytest.param("x = '\ud800'", id="half a character"),
        pytest.param("x\0", id="NUL"),
        pytest.param("-" * 200_000 + "1", id="nested too deeply"),
    ],
)
def test_what_is_no_python_is_compared_as_it_is_written(source: str) -> None:
    assert program_features(source)
    assert program_features(source) == program_features(source + " ")
    assert program_features(source) != program_features("unlike " + source)


def test_a_program_shorter_than_a_shingle_has_one_feature() -> None:
    assert len(program_features("x")) == 1


@pytest.mark.parametrize("source", ["", "\n", "# nothing\n", "import re\n"])
def test_a_program_that_does_nothing_has_no_features(source: str) -> None:
    assert program_features(source) == frozenset()


def test_case_punctuation_and_order_of_words_do_not_count() -> None:
    assert instruction_features("Using rrc00, count the prefixes.") == instruction_features(
        "count THE prefixes using RRC00"
    )


def test_words_and_how_often_they_occur_count() -> None:
    assert instruction_features("count the prefixes") != instruction_features("count the peers")
    assert instruction_features("count the peers of the peers") != instruction_features("count the of peers")


def test_each_chinese_character_is_a_word() -> None:
    assert len(instruction_features("前缀有哪些")) == 5
