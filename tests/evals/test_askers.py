"""Which way rows go, and when what they are about is open; solvers and models are noted, not run."""

import threading
from contextlib import closing

import pytest

from herdwick import agents
from herdwick.agents.answer import Answer
from herdwick.evals.askers import Askers
from herdwick.evals.rows import Row
from herdwick.evals.suite import Suite
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError

A, B = ("a.gz",), ("b.gz",)


class Solver:
    """Notes when it is opened, asked and closed."""

    def __init__(self, files, events):
        self.files = tuple(path.name for path in files)
        self.events = events
        events.append(("open", self.files))

    def invoke(self, source, config):
        self.events.append(("ask", source["question"]))
        return answer(f"{source['question']} of {self.files}")

    def close(self):
        self.events.append(("close", self.files))


def answer(value):
    return Answer(question="?", domain="bgp", strategy="s", model="m", answer=value, text="", status="ok")


@pytest.fixture
def events():
    return []


@pytest.fixture
def solver_class():
    return Solver


@pytest.fixture
def askers(events, monkeypatch, solver_class):
    def build(domain, *, model, strategy, files=()):
        if [path.name for path in files] == ["damaged.gz"]:
            raise DataError("damaged", "damaged.gz is damaged.")
        return solver_class(files, events)

    monkeypatch.setattr(agents, "build_solver", build)
    return Askers(Suite("bgp", get_domain("bgp"), ()), model=None)


def row(question, files=(), **fields):
    return Row(id=question, question=question, files=files, **fields)


def test_rows_about_the_same_files_share_a_solver_which_is_closed_before_the_next_opens(askers, events):
    with closing(askers):
        for question in (row("1", A), row("2", A), row("3", B)):
            askers.ask(question)
    assert events == [
        ("open", A),
        ("ask", "1"),
        ("ask", "2"),
        ("close", A),
        ("open", B),
        ("ask", "3"),
        ("close", B),
    ]


def test_each_row_is_asked_about_its_own_files_whatever_the_order(askers):
    rows = [row("1"), row("2", A), row("3"), row("4", A + B), row("5", B + A)]
    assert [askers.ask(each).answer for each in rows] == [f"{each.question} of {each.files}" for each in rows]


def test_nothing_is_opened_when_nothing_is_asked(askers, events):
    askers.close()
    assert events == []


def test_closing_twice_closes_once(askers, events):
    askers.ask(row("1", A))
    askers.close()
    askers.close()
    assert events.count(("close", A)) == 1


def test_data_that_cannot_be_opened_leaves_no_solver_of_other_data_behind(askers, events):
    askers.ask(row("1", A))
    with pytest.raises(DataError):
        askers.ask(row("2", ("damaged.gz",)))
    assert askers.ask(row("3", A)).answer == f"3 of {A}"
    assert [event for event, _ in events] == ["open", "ask", "close", "open", "ask"]


class Waiting(Solver):
    """Answers the question `slow` only when told to."""

    begun, released = threading.Event(), threading.Event()

    def invoke(self, source, config):
        if source["question"] == "slow":
            self.begun.set()
            assert self.released.wait(10)
        return super().invoke(source, config)


class TestFromSeveralThreads:
    @pytest.fixture
    def solver_class(self):
        return Waiting

    def test_a_solver_stays_open_while_one_of_its_rows_is_asked(self, askers, events):
        thread = threading.Thread(target=askers.ask, args=(row("slow", A),))
        thread.start()
        assert Waiting.begun.wait(10)
        askers.ask(row("1", B))
        assert ("close", A) not in events
        Waiting.released.set()
        thread.join(10)
        askers.close()
        assert events == [
            ("open", A),
            ("open", B),
            ("ask", "1"),
            ("ask", "slow"),
            ("close", A),
            ("close", B),
        ]
