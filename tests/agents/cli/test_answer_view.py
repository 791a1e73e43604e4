import io

import pytest
from rich.console import Console

from herdwick.agents.answer import Answer, AnswerError, Timings
from herdwick.agents.cli.answer_view import print_answer, problems_of
from herdwick.agents.wording import describe
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


@pytest.mark.parametrize(
    ("program", "value", "words"),
    [
        ('final_result = [r["prefix"] for r in moas()]', ["10.0.0.0/8", "10.1.0.0/16"], "2 prefixes"),
        ('final_result = {r["origin_asn"] for r in origins()}', [64496, 64497], "2 ASes"),
        ('final_result = [r["prefix"] for r in moas()]', ["10.0.0.0/8"], "1 result: 10.0.0.0/8."),
        ('final_result = [r["origin_asn"] for r in origins()]', [64496], "1 result: AS64496."),
        ('final_result = origins()[0]["origin_asn"]', 64496, "AS64496."),
        ('final_result = len({r["origin_asn"] for r in origins()})', 1, "1 AS."),
        ('final_result = len({r["origin_asn"] for r in origins()})', 64496, "64496 ASes."),
        ('final_result = count_updates()[0]["updates"]', 64496, "The answer is 64496."),
        ("final_result = len(moas())", 3, "The answer is 3."),
        ("final_result = moas()", [{"prefix": "10.0.0.0/8"}], "1 result"),
        ("final_result = moas()", [], "The data holds nothing that matches."),
    ],
)
def test_the_headline_says_what_was_found_and_what_is_listed_below_only_how_much(program, value, words):
    lines = shown(answer(domain="bgp", program=program, answer=value, text=describe(value, program)))
    assert lines[0] == words


def test_what_is_listed_below_has_the_same_names():
    program = 'final_result = [r["origin_asn"] for r in origins()]'
    lines = shown(answer(domain="bgp", program=program, answer=[64496, 64497]))
    assert lines[1:3] == ["1  AS64496", "2  AS64497"]


def test_the_answer_itself_stays_as_it_is():
    given = answer(domain="bgp", program='final_result = origins()[0]["origin_asn"]', answer=64496)
    shown(given)
    assert given.answer == 64496
