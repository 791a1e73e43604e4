"""A program against its plan: what is accepted, and what each refusal says."""

import pytest

from herdwick.tools.aminer.domain import DOMAIN
from herdwick.tools.sandbox import Limits, ProgramFailure, check_program

COAUTHORS = 'final_result = getCoauthors(searchPerson(name="A")[0]["person_id"])'


def refusal(program: str, plan: tuple[str, ...] | None = None) -> ProgramFailure:
    with pytest.raises(ProgramFailure) as caught:
        check_program(program, DOMAIN, plan)
    return caught.value


def test_plan_is_derived_when_none_is_declared():
    assert check_program(COAUTHORS, DOMAIN).plan == ("searchPerson", "getCoauthors")


def test_several_longest_chains_are_several_plans():
    program = (
        'cs = getCoauthors(searchPerson(name="A")[0]["person_id"])\n'
        'final_result = [(getCoauthors(c["person_id"]), searchPerson(name=c["name"])) for c in cs]'
    )
    for plan in (("searchPerson", "getCoauthors", last) for last in ("getCoauthors", "searchPerson")):
        assert "is not how the plan" in refusal(program, plan).message
    assert "is not how the plan" in refusal(program).message


def test_answer_must_be_set():
    failure = refusal('answer = searchPerson(name="A")')
    assert (failure.kind, failure.message) == ("no_result", "The program never sets final_result.")
    assert failure.hint == "End it with `final_result = …`, the answer itself."


def test_answer_must_come_from_a_call():
    failure = refusal('final_result = "Professor"')
    assert (failure.kind, failure.message) == ("plan", "The program calls no function.")


def test_illegal_declared_plan_is_explained():
    failure = refusal(COAUTHORS, ("searchPerson", "getPublication"))
    assert failure.kind == "plan"
    assert failure.message.startswith(
        "searchPerson -> getPublication is not a legal plan: getPublication cannot"
    )
    assert "searchPublication -> getPublication" in failure.hint


def test_unknown_function_in_a_declared_plan_is_explained():
    assert "no function 'getPaper'" in refusal(COAUTHORS, ("getPaper",)).message


def test_call_outside_the_plan_is_named_with_its_line():
    failure = refusal(f'{COAUTHORS}\ngetPersonPubs("x")', ("searchPerson", "getCoauthors"))
    assert failure.message == (
        'line 2: `getPersonPubs("x")`: getPersonPubs is not in the plan searchPerson -> getCoauthors.'
    )


def test_too_short_a_program_says_what_its_calls_make():
    failure = refusal(COAUTHORS, ("searchPerson", "getCoauthors", "searchPerson"))
    assert failure.message == (
        "The plan is searchPerson -> getCoauthors -> searchPerson, "
        "but the program's calls make searchPerson -> getCoauthors."
    )


def test_too_long_a_program_says_what_its_calls_make():
    program = (
        'cs = getCoauthors(searchPerson(name="A")[0]["person_id"])\n'
        'final_result = [getCoauthors(c["person_id"]) for c in cs]'
    )
    assert refusal(program, ("searchPerson", "getCoauthors")).kind == "plan"


def test_declared_function_that_is_never_called_is_missed():
    assert refusal('final_result = searchPerson(name="A")', ("searchPerson", "getCoauthors")).kind == "plan"


def test_program_that_starts_with_an_id_is_not_legal():
    failure = refusal('final_result = getCoauthors("53f4")')
    assert "getCoauthors cannot come first" in failure.message


def test_program_with_too_many_hops_is_not_legal():
    program = (
        'x = searchPerson(name="A")\n' + 'x = searchPerson(name=x[0]["name"])\n' * 9 + "final_result = x"
    )
    failure = refusal(program)
    assert "searchPerson -> … , which" not in failure.message
    assert failure.message.endswith("the plan has 10 hops, the limit is 3.")
    assert len(failure.message) < 250


def test_two_plans_at_once_are_not_one_plan():
    failure = refusal(f'{COAUTHORS}\nother = searchPublication("x")')
    assert failure.message.endswith("searchPublication is not in the plan searchPerson -> getCoauthors.")


def test_endless_chain_is_named():
    program = (
        'ids = [searchPerson(name="A")[0]["person_id"]]\nfor i in ids:\n'
        '    ids.extend(c["person_id"] for c in getCoauthors(i))\nfinal_result = ids'
    )
    assert "getCoauthors is fed by its own results in a loop" in refusal(program).message


def test_length_limit_is_the_callers():
    with pytest.raises(ProgramFailure) as caught:
        check_program(COAUTHORS, DOMAIN, limits=Limits(program_chars=10))
    assert caught.value.kind == "forbidden"


def test_functions_that_nest_too_deeply_are_refused():
    program = "".join(f"def f{i}(x): return f{i + 1}(x)\n" for i in range(300))
    program += "def f300(x): return searchPerson(name=x)\nfinal_result = f0('A')"
    assert refusal(program).kind == "forbidden"
