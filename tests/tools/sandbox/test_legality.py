"""Every call of a program must be one that its plan allows."""

import pytest

from herdwick.tools.aminer.domain import DOMAIN
from herdwick.tools.sandbox import ProgramFailure, check_program

COAUTHORS = ("searchPerson", "getCoauthors")
PUBS = (*COAUTHORS, "getPersonPubs")
START = 'p = searchPerson(name="A")[0]["person_id"]\nr = getCoauthors(person_id=p)\n'
HIDDEN_HOP = "l = []\nm = l\nm.append(r[0]['person_id'])\nr = getCoauthors(person_id=l[0])\n"


def refusal(program: str, plan: tuple[str, ...] | None = None) -> str:
    with pytest.raises(ProgramFailure) as caught:
        check_program(f"{program}\nfinal_result = 1", DOMAIN, plan)
    assert caught.value.kind == "plan"
    return caught.value.message


@pytest.mark.parametrize(
    "argument", ['"53f4"', 'person_id="53f4"', '*["53f4"]', '**{"person_id": "53f4"}', "str(len(r))"]
)
def test_id_that_no_call_returned_is_refused(argument):
    message = refusal(f"{START}getCoauthors({argument})")
    assert message == (
        f"line 3: `getCoauthors({argument})`: the person_id given to getCoauthors comes from no call that "
        "returns a PersonId."
    )


def test_id_rebuilt_from_conditions_comes_from_no_call():
    rebuilt = "q = ''\nfor c in r[0]['person_id']:\n    for d in '0123456789abcdef':\n        if c == d:\n"
    message = refusal(f"{START}{rebuilt}            q += d\ngetCoauthors(person_id=q)")
    assert "comes from no call that returns a PersonId" in message


def test_hidden_hops_do_not_fit_the_declared_plan():
    message = refusal(START + HIDDEN_HOP, COAUTHORS)
    assert message.endswith("the program's calls make searchPerson -> getCoauthors -> getCoauthors.")


def test_hidden_hops_count_where_no_plan_is_declared():
    assert refusal(START + HIDDEN_HOP * 5).endswith("the plan has 7 hops, the limit is 3.")


def test_shorter_chains_of_a_program_without_a_plan_count_too():
    program = f'{START}r = getCoauthors(person_id=r[0]["person_id"])\n'
    message = refusal(f'{program}searchPerson(name=searchPerson(name="B")[0]["name"])')
    assert "make searchPerson -> searchPerson, which is not how the plan" in message


def test_declared_plan_is_how_every_chain_begins():
    message = refusal(f'{START}getPersonPubs(person_id=r[0]["person_id"])\ngetPersonPubs(person_id=p)', PUBS)
    assert message == (
        "line 4: `getPersonPubs(person_id=p)`: the calls up to here make searchPerson -> getPersonPubs, "
        "which is not how the plan searchPerson -> getCoauthors -> getPersonPubs begins."
    )


def test_beginnings_of_the_declared_plan_may_be_called_again():
    program = f'{START}other = getCoauthors(searchPerson(name="B")[0]["person_id"])\n'
    program += 'final_result = getPersonPubs(person_id=r[0]["person_id"])'
    assert check_program(program, DOMAIN, PUBS).plan == PUBS
