"""Types of arguments and fields, checked by the real checker; and the programs it must not refuse."""

import os
import signal

import pytest

from herdwick.tools.aminer.domain import DOMAIN
from herdwick.tools.sandbox import ProgramFailure
from herdwick.tools.sandbox import typecheck as module
from herdwick.tools.sandbox.source import parse_program
from herdwick.tools.sandbox.typecheck import TypeChecker

MISTAKES = {
    "unknown parameter": (
        'searchPerson(nam="A")',
        'line 1: `searchPerson(nam="A")`: searchPerson has no parameter nam.',
        "searchPerson takes name, organization, interest.",
    ),
    "missing argument": (
        "getCoauthors()",
        "line 1: `getCoauthors()`: getCoauthors needs person_id.",
        "getCoauthors takes person_id.",
    ),
    "too many arguments": (
        'searchPublication("a", "b")',
        'line 1: `searchPublication("a", "b")`: searchPublication is given too many arguments.',
        "searchPublication takes publication_info.",
    ),
    "argument given twice": (
        'searchPerson("A", name="B")',
        'line 1: `searchPerson("A", name="B")`: searchPerson is given name twice.',
        "searchPerson takes name, organization, interest.",
    ),
    "paper for a person": (
        'p = searchPublication("a")[0]["pub_id"]\ngetCoauthors(p)',
        "line 2: `getCoauthors(p)`: getCoauthors(person_id=…) needs a PersonId, not a PubId.",
        "A PersonId comes from searchPerson or getCoauthors or getPublication.",
    ),
    "name for an id": (
        'p = searchPerson(name="A")[0]\ngetCoauthors(person_id=p["name"])',
        'line 2: `getCoauthors(person_id=p["name"])`: getCoauthors(person_id=…) needs a PersonId, '
        "not a PersonName.",
        "A PersonId comes from searchPerson or getCoauthors or getPublication.",
    ),
    "constant for an id": (
        'getCoauthors("Jie")',
        'line 1: `getCoauthors("Jie")`: getCoauthors(person_id=…) needs a PersonId, not the constant "Jie".',
        "A PersonId comes from searchPerson or getCoauthors or getPublication.",
    ),
    "id for a name": (
        'p = searchPerson(name="A")[0]\nsearchPerson(interest="x", name=p["person_id"])',
        'line 2: `searchPerson(interest="x", name=p["person_id"])`: '
        "searchPerson(name=…) needs a str, not a PersonId.",
        "Give name as it stands in the question.",
    ),
    "whole record for an id": (
        'getCoauthors(searchPerson(name="A")[0])',
        'line 1: `getCoauthors(searchPerson(name="A")[0])`: '
        "getCoauthors(person_id=…) needs a PersonId, not a Person.",
        "A PersonId comes from searchPerson or getCoauthors or getPublication.",
    ),
    "list for a name": (
        'searchPerson(name=["A", "B"])',
        'line 1: `searchPerson(name=["A", "B"])`: searchPerson(name=…) needs a str, not a list.',
        "Give name as it stands in the question.",
    ),
    "id in a set": (
        'ids = {p["pub_id"] for p in searchPublication("a")}\n[getPersonInterest(i) for i in ids]',
        "line 2: `[getPersonInterest(i) for i in ids]`: "
        "getPersonInterest(person_id=…) needs a PersonId, not a PubId.",
        "A PersonId comes from searchPerson or getCoauthors or getPublication.",
    ),
    "field of another record": (
        'p = searchPublication("a")[0]["person_id"]',
        'line 1: `p = searchPublication("a")[0]["person_id"]`: a PublicationHit has no field \'person_id\'.',
        "A PublicationHit has pub_id, title, year.",
    ),
    "field through max": (
        'b = max(searchPerson(name="A"), key=lambda p: p["num_citation"])\nb["citations"]',
        "line 2: `b[\"citations\"]`: a Person has no field 'citations'.",
        "A Person has person_id, name, interests, num_citation, num_pubs, organization.",
    ),
    "list used as record": (
        'searchPerson(name="A")["name"]',
        'line 1: `searchPerson(name="A")["name"]`: '
        'this is a list of Person, so ["name"] cannot be taken of it.',
        'Take one element first, as in x[0]["name"], or go through all of them.',
    ),
    "record used as list": (
        'getPersonBasicInfo(searchPerson(name="A")[0]["person_id"])[0]',
        'line 1: `getPersonBasicInfo(searchPerson(name="A")[0]["person_id"])[0]`: '
        "a PersonBasicInfo is one dict, not a list.",
        "Leave out [0].",
    ),
    "loop over a record": (
        'for p in searchPerson(name="A")[0]:\n    print(p["name"])',
        'line 2: `print(p["name"])`: this is a text, so ["name"] cannot be taken of it.',
        "A loop over a dict gives its keys; go through the list that holds the dicts.",
    ),
    "record used as object": (
        'searchPerson(name="A")[0].name',
        'line 1: `searchPerson(name="A")[0].name`: a Person is a dict and has no attribute name.',
        'Write ["name"] instead of .name.',
    ),
    "undefined variable": (
        "final_result = answer",
        "line 1: `final_result = answer`: answer is used but never set.",
        "Set answer before this line.",
    ),
}

NO_MISTAKES = {
    "a value that may be None": 't = None\nfor p in searchPerson(name="A"):\n    t = p\nprint(t["name"])',
    "an id that may be None": (
        't = None\nfor p in searchPerson(name="A"):\n    t = p["person_id"]\ngetCoauthors(t)'
    ),
    "an id that went through str": 'getCoauthors(str(searchPerson(name="A")[0]["person_id"]))',
    "a name chosen by a condition": 'searchPerson("A" if 1 else None)',
    "a key of the program's own": 'p = searchPerson(name="A")[0]\np["rank"] = 1\nprint(p["rank"])',
    "a key by get": 'searchPerson(name="A")[0].get("email", "")',
    "a key in a variable": 'p = searchPerson(name="A")[0]\nprint([p[k] for k in p])',
    "one of two records": (
        'a = searchPerson(name="A")\nb = getCoauthors(a[0]["person_id"])\n'
        'print([x["num_citation"] for x in (a if a else b)])'
    ),
    "a variable set on one branch": 'if searchPerson(name="A"):\n    x = 1\nprint(x)',
    "a list or its only element": (
        'r = searchPerson(name="A")\nif len(r) == 1:\n    r = r[0]\nprint(r["name"])'
    ),
    "a list or its first element": 'r = searchPerson(name="A")\nq = r[0] if r else r\nprint(q["name"])',
    "a record or a list": (
        'r = getPersonBasicInfo(searchPerson(name="A")[0]["person_id"])\nif r["email"]:\n'
        '    r = searchPerson(name="A")\nprint(r[0])'
    ),
    "sorting ids": 'print(sorted(p["person_id"] for p in searchPerson(name="A")))',
    "a mixed list": 'r = []\nfor p in searchPerson(name="A"):\n    r.append([p["name"], 1])\nr[0][1] += 1',
    "a number as text": 'p = searchPerson(name="A")[0]\nprint(p["name"] + ": " + str(p["num_pubs"]))',
    "a name that is also a builtin": 'list = searchPerson(name="A")\nprint(list[0]["name"])',
    "an id out of a dict of one's own": (
        'd = dict()\nfor p in searchPerson(name="A"):\n    d[p["name"]] = p["person_id"]\n'
        "for n, i in d.items():\n    getCoauthors(i)"
    ),
    "a basic info's id": (
        'i = getPersonBasicInfo(searchPerson("A")[0]["person_id"])\ngetCoauthors(i["person_id"])'
    ),
}

ENTANGLED = "x = (1,)\n" + "x = (x, x)\n" * 40 + "searchPerson(name=x)"


@pytest.fixture(scope="module")
def checker():
    with TypeChecker(DOMAIN) as checker:
        yield checker


def refusal(checker: TypeChecker, program: str) -> ProgramFailure | None:
    try:
        checker.check(parse_program(program, 20_000))
    except ProgramFailure as failure:
        return failure
    return None


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_explained(checker, name):
    program, message, hint = MISTAKES[name]
    failure = refusal(checker, program)
    assert (failure.kind, failure.message, failure.hint) == ("type", message, hint)


@pytest.mark.parametrize("name", NO_MISTAKES)
def test_what_may_be_right_is_let_through(checker, name):
    assert refusal(checker, NO_MISTAKES[name]) is None


def test_non_ascii_text_before_an_argument_does_not_confuse_it(checker):
    failure = refusal(checker, 'é = "ö"; searchPerson(organization="é", name=[é])')
    assert "searchPerson(name=…) needs a str" in failure.message


def test_several_mistakes_come_together_but_not_all(checker):
    failure = refusal(checker, 'p = searchPerson(name="A")[0]\n' + "\n".join(f'p["x{i}"]' for i in range(9)))
    assert [line[:6] for line in failure.message.splitlines()] == ["line 2", "line 3", "line 4"]


def test_a_checked_program_is_not_executed(checker):
    assert refusal(checker, "x = 1") is None
    worker = checker._session.worker_pid
    assert refusal(checker, "while True:\n    pass") is None
    assert checker._session.worker_pid == worker


def test_one_program_is_unknown_to_the_next(checker):
    assert refusal(checker, "secret = 1") is None
    assert "secret is used but never set" in refusal(checker, "print(secret)").message


def test_python_that_monty_lacks_is_forbidden(checker):
    failure = refusal(checker, "x = 1\ndel x")
    assert (failure.kind, failure.message) == (
        "forbidden",
        "line 2: the 'del' statement is not available to programs.",
    )


def test_types_that_take_too_much_are_refused_and_the_checker_lives_on(checker):
    failure = refusal(checker, ENTANGLED)
    assert (failure.kind, failure.message) == (
        "forbidden",
        "The program's types are too entangled to be checked.",
    )
    assert refusal(checker, 'searchPerson(name="A")') is None


def test_sessions_are_replaced_now_and_then(monkeypatch):
    monkeypatch.setattr(module, "CHECKS_PER_SESSION", 2)
    with TypeChecker(DOMAIN) as checker:
        for _ in range(5):
            assert refusal(checker, 'searchPerson(name="A")') is None
            assert refusal(checker, "searchPerson(nam=1)").kind == "type"


def test_missing_worker_is_said():
    with pytest.raises(ProgramFailure) as caught:
        TypeChecker(DOMAIN, binary_path="/nowhere/monty")
    assert caught.value.kind == "sandbox_unavailable"


def test_worker_that_dies_once_is_replaced(checker):
    assert refusal(checker, 'searchPerson(name="A")') is None
    os.kill(checker._session.worker_pid, signal.SIGKILL)
    assert refusal(checker, "searchPerson(nam=1)").kind == "type"


def test_check_that_is_slow_once_is_repeated(monkeypatch):
    monkeypatch.setattr(module, "CHECK_TIMEOUT_S", 1.0)
    with TypeChecker(DOMAIN) as checker:
        attempts, attempt = [], checker._attempt

        def slow_at_first(source):
            attempts.append(source)
            return attempt(parse_program(ENTANGLED, 1_000) if len(attempts) == 1 else source)

        monkeypatch.setattr(checker, "_attempt", slow_at_first)
        assert refusal(checker, "searchPerson(nam=1)").kind == "type"
    assert len(attempts) == 2


def test_worker_that_dies_every_time_is_not_the_programs_fault(checker, monkeypatch):
    opened = checker._open_session

    def open_and_kill():
        session = opened()
        os.kill(session.worker_pid, signal.SIGKILL)
        return session

    monkeypatch.setattr(checker, "_open_session", open_and_kill)
    failure = refusal(checker, 'searchPerson(name="A")')
    assert failure.kind == "sandbox_unavailable"
    assert failure.message.startswith("The type checker's worker died 2 times: ")
    monkeypatch.undo()
    assert refusal(checker, 'searchPerson(name="A")') is None
