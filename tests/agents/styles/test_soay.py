import pytest

from herdwick.agents.drafts import Draft
from herdwick.agents.errors import DraftError, UsageError
from herdwick.agents.prompt_files import prompt
from herdwick.agents.styles import Brief, get_style
from herdwick.agents.styles.soay import read_soay
from herdwick.tools.domain import Domain, get_domain

DOMAIN = get_domain("aminer")
STYLE = get_style("soay")
CODE = """person_list = searchPerson(name = "Ada Quill", organization = "Miro Institute")
target_person_info = person_list[0]
final_result = target_person_info["num_pubs"]"""


def test_prompt_is_the_published_one_decoded_greedily(scripted, brief):
    scripted.says(f"Route: searchPerson\nCode:\n{CODE}\n")
    ask = STYLE.draft(brief(), [])
    assert ask.runnable(brief().endpoint).invoke(ask.prompt) == Draft(CODE, ("searchPerson",))
    request = scripted.requests[0]
    assert request["prompt"] == [prompt("soay/aminer", question="How many papers has Ada Quill?")]
    assert (request["temperature"], request["max_tokens"]) == (0, 512)


@pytest.mark.parametrize(
    "reply",
    [
        f"Route: searchPerson\nCode:\n{CODE}",
        f" Route:searchPerson\n\nCode:\n{CODE}\n-----\n</s>",
        f"Route: searhPerson\nCode:\n{CODE.replace('searchPerson', 'searhPerson')}",
        f"Combination: searchPerson\n-----\nCode:\n```python\n{CODE}\n```",
        f"Route:\nsearchPerson\nCode:\n{CODE}",
    ],
)
def test_released_replies_are_read_for_what_they_mean(reply):
    assert read_soay(reply, DOMAIN) == Draft(CODE, ("searchPerson",))


@pytest.mark.parametrize("route", ["searchPerson -> getPublication", "searchPerson -> getSalary", ""])
def test_route_outside_the_library_is_replaced_by_the_programs_own(route):
    assert read_soay(f"Route: {route}\nCode:\n{CODE}", DOMAIN) == Draft(CODE, None)


def test_similar_names_are_left_alone():
    code = 'researhPerson = 1\nfinal_result = searchPerson(name="searhPersons")'
    assert read_soay(f"Route: searchPerson\nCode:\n{code}", DOMAIN).program == code


def test_reply_without_code_cannot_be_read():
    with pytest.raises(DraftError):
        read_soay("I am sorry, I cannot.", DOMAIN)


def test_other_domains_have_no_checkpoint(brief):
    other = Domain("bgp", "", DOMAIN.functions, DOMAIN.options, DOMAIN.open)
    with pytest.raises(UsageError) as failure:
        STYLE.draft(Brief("q", other, brief().endpoint), [])
    assert failure.value.kind == "style_unsupported"


@pytest.mark.parametrize(
    "ask", [lambda b: STYLE.choose_plan(b, []), lambda b: STYLE.write_program(b, ("searchPerson",), [])]
)
def test_checkpoints_write_plan_and_program_only_together(brief, ask):
    with pytest.raises(UsageError) as failure:
        ask(brief())
    assert failure.value.hint == "Use the strategy one-shot with them."
