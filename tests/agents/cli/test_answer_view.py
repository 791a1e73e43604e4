import io

import pytest
from rich.console import Console

from herdwick.agents.answer import Answer, AnswerError, Timings
from herdwick.agents.cli.answer_view import print_answer, problems_of, value_table
from herdwick.tools.sandbox import CallRecord


def shown(answer: Answer, *, verbose: bool = False) -> list[str]:
    text = io.StringIO()
    print_answer(Console(file=text, width=120, highlight=False, markup=False), answer, verbose=verbose)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def answer(**fields) -> Answer:
    given = {"question": "Q", "domain": "aminer", "strategy": "one-shot", "model": "embedded"}
    return Answer(**given | {"text": "Yes.", "status": "ok"} | fields)


def test_words_first_then_the_evidence_part_by_part():
    lines = shown(
        answer(
            answer=True,
            plan=["searchPerson", "getCoauthors"],
            program="a = 1\nfinal_result = True\n",
            calls=[
                CallRecord(tool="searchPerson", args={"name": "Ada"}, ok=True, seconds=0.0123),
                CallRecord(tool="getCoauthors", args={"person_id": "x"}, ok=False, seconds=0.001),
            ],
            timings=Timings(draft_s=1.0, check_s=0.1, run_s=0.2, total_s=1.3456),
            data={"backend": "local", "graph": "g.sqlite", "records": {"people": 3}, "cost": None},
        )
    )
    assert lines == [
        "Yes.",
        "",
        "Plan     searchPerson -> getCoauthors",
        "Program  a = 1",
        "         final_result = True",
        "Calls    searchPerson(name='Ada')  12 ms",
        "         getCoauthors(person_id='x') failed  1 ms",
        "Data     backend local, graph g.sqlite, records (people 3)",
        "Time     1.35 s",
    ]


def test_of_many_calls_the_first_ten_are_shown_unless_all_are_asked_for():
    calls = [CallRecord(tool="f", args={"n": n}, ok=True, seconds=0.001) for n in range(13)]
    lines = shown(answer(calls=calls))
    assert lines[2] == "Calls    f(n=0)  1 ms"
    assert lines[11:13] == ["         f(n=9)  1 ms", "         and 3 more, which -v shows"]
    assert "         f(n=12)  1 ms" in shown(answer(calls=calls), verbose=True)


def test_verbose_adds_the_time_of_each_step_and_the_model():
    timings = Timings(draft_s=1.0, check_s=0.1, run_s=0.2, total_s=1.3456)
    assert shown(answer(timings=timings, attempts=2), verbose=True)[-2:] == [
        "Time     1.346 s (draft 1.000, check 0.100, run 0.200)",
        "Model    embedded, strategy one-shot, attempts 2",
    ]


def test_made_up_data_is_called_that():
    lines = shown(answer(data={"graph": "sample", "synthetic": True}))
    assert "Data     synthetic data: nobody and nothing in it exists; graph sample" in lines


def test_data_that_is_not_made_up_is_not():
    assert "Data     graph mine" in shown(answer(data={"graph": "mine", "synthetic": False}))


def test_problems_of_the_data_are_warnings_and_no_part_of_the_evidence():
    told = answer(data={"files": ["a.gz"], "problems": [f"{n}.gz is cut" for n in range(25)]})
    assert shown(told)[-2] == "Data     files a.gz"
    assert problems_of(told) == [*(f"{n}.gz is cut" for n in range(20)), "and 5 more"]
    assert problems_of(answer()) == []


def test_an_error_shows_its_message_and_what_to_do():
    error = AnswerError(kind="refused", message="No such data.", hint="Ask about people.")
    assert shown(answer(status="error", error=error, text="…"))[:2] == ["No such data.", "Ask about people."]


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", [], ["one"]])
def test_what_words_say_as_well_needs_no_table(value):
    assert value_table(value) is None


def test_records_share_one_table_even_when_fields_differ():
    lines = shown(answer(answer=[{"name": "Ada", "papers": 3}, {"name": "Bo", "tags": ["x", "y"]}]))
    assert [line.split() for line in lines[1:4]] == [
        ["name", "papers", "tags"],
        ["1", "Ada", "3", "-"],
        ["2", "Bo", "-", "x,", "y"],
    ]


def test_a_list_is_numbered():
    assert shown(answer(answer=["Ada", 3]))[1:3] == ["1  Ada", "2  3"]


def test_a_record_is_shown_field_by_field():
    assert shown(answer(answer={"name": "Ada", "email": ""}))[1:3] == ["name   Ada", "email  -"]
