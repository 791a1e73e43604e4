from contextlib import closing

import pytest

from herdwick.evals.row_solver import RowSolver
from herdwick.evals.rows import Row
from herdwick.tools.errors import DataError

A, B = ("a.gz",), ("b.gz",)


class Solver:
    """Notes when it is opened, asked and closed."""

    def __init__(self, files, events):
        self.files = files
        self.events = events
        events.append(("open", files))

    def invoke(self, source):
        self.events.append(("ask", source["question"]))
        return f"{source['question']} of {self.files}"

    def close(self):
        self.events.append(("close", self.files))


@pytest.fixture
def events():
    return []


@pytest.fixture
def solver(events):
    return RowSolver(lambda row: Solver(row.files, events))


def row(question, files=()):
    return Row(id=question, question=question, files=files)


def test_rows_about_the_same_files_share_a_solver_which_is_closed_before_the_next_opens(solver, events):
    with closing(solver):
        for question in (row("1", A), row("2", A), row("3", B)):
            solver.ask(question)
    assert events == [
        ("open", A),
        ("ask", "1"),
        ("ask", "2"),
        ("close", A),
        ("open", B),
        ("ask", "3"),
        ("close", B),
    ]


def test_each_row_is_asked_about_its_own_files_whatever_the_order(solver):
    rows = [row("1"), row("2", A), row("3"), row("4", A + B), row("5", B + A)]
    assert [solver.ask(each) for each in rows] == [f"{each.question} of {each.files}" for each in rows]


def test_nothing_is_opened_when_nothing_is_asked(solver, events):
    solver.close()
    assert events == []


def test_closing_twice_closes_once(solver, events):
    solver.ask(row("1", A))
    solver.close()
    solver.close()
    assert events.count(("close", A)) == 1


def test_data_that_cannot_be_opened_leaves_no_solver_of_other_data_behind(events):
    def open_solver(row):
        if row.files == B:
            raise DataError("damaged", "b.gz is damaged.")
        return Solver(row.files, events)

    solver = RowSolver(open_solver)
    solver.ask(row("1", A))
    with pytest.raises(DataError):
        solver.ask(row("2", B))
    solver.close()
    assert solver.ask(row("3", A)) == f"3 of {A}"
    assert [event for event, _ in events] == ["open", "ask", "close", "open", "ask"]
