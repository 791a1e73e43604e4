from herdwick.agents.gbnf import choice, literal, longest_first, rule_name


def test_literals_are_escaped() -> None:
    assert literal('a "b" \\ c\n') == r'"a \"b\" \\ c\n"'


def test_choices() -> None:
    assert choice(["a", 1]) == '"a" | "1"'


def test_names_of_rules() -> None:
    assert rule_name("table_at") == "table-at"


def test_longer_numbers_first() -> None:
    assert longest_first([1, 12, -1, 12, 3]) == [-1, 12, 1, 3]
