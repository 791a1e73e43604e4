import json

import pytest

from herdwick.agents.drafts import Draft, read_json, read_labelled, read_plan, read_program, read_short
from herdwick.agents.errors import DraftError
from herdwick.agents.refusals import REASONS, Refusal

PROGRAM = 'final_result = searchPerson(name="Ada Quill")[0]["num_pubs"]'
DRAFT = Draft(PROGRAM, ("searchPerson",))


def test_short_reply_is_plan_line_and_program():
    reply = 'searchPerson -> getCoauthors\np = searchPerson(name="Ada")[0]\nfinal_result = p\n'
    assert read_short(reply) == Draft(
        'p = searchPerson(name="Ada")[0]\nfinal_result = p', ("searchPerson", "getCoauthors")
    )


@pytest.mark.parametrize("reason", REASONS)
def test_short_refusal_names_its_reason(reason):
    with pytest.raises(Refusal) as refusal:
        read_short(f"unanswerable: {reason}\n")
    assert (refusal.value.kind, refusal.value.reason) == ("refused", reason)


@pytest.mark.parametrize("reply", ["", "searchPerson", "searchPerson\n  \n"])
def test_short_reply_without_program_cannot_be_read(reply):
    with pytest.raises(DraftError) as failure:
        read_short(reply)
    assert failure.value.kind == "no_program"


@pytest.mark.parametrize(
    "reply",
    [
        f"Plan: searchPerson\n```python\n{PROGRAM}\n```",
        f"Sure! Here it is.\n\n**Plan:** `searchPerson`\n\n```py\n{PROGRAM}\n```\nHope this helps.",
        f"<think>Plan: getCoauthors? No.</think>Plan: searchPerson.\n```\n{PROGRAM}\n```<|im_end|>",
        f"Route: searchPerson\nCode:\n{PROGRAM}\n-----\n</s>",
        f"Route: searchPerson\nCode: {PROGRAM}",
        f"Plan: searchPerson\nProgram:\n```python\n{PROGRAM}",
        f"Plan: searchPerson\n{PROGRAM}",
    ],
)
def test_decorated_reply_is_read_for_what_it_means(reply):
    assert read_labelled(reply) == DRAFT


def test_reply_without_plan_leaves_it_to_the_program():
    assert read_labelled(f"```python\n{PROGRAM}\n```") == Draft(PROGRAM, None)


def test_last_of_several_blocks_counts():
    assert read_program(f"First:\n```\nx = 1\n```\nBetter:\n```\n{PROGRAM}\n```") == PROGRAM


@pytest.mark.parametrize("read", [read_labelled, read_json])
def test_refusal_behind_a_label_is_one(read):
    with pytest.raises(Refusal) as refusal:
        read("Refusal: not_in_data\nThe tools have no salaries.")
    assert refusal.value.reason == "not_in_data"


def test_made_up_reason_is_no_refusal():
    with pytest.raises(DraftError):
        read_labelled("Refusal: because_i_say_so")


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```"])
def test_json_reply_is_read(fence):
    reply = '{"refusal": "", "plan": "searchPerson", "program": "final_result = 1"}'
    assert read_json(fence.replace("{}", reply)) == Draft("final_result = 1", ("searchPerson",))


def test_json_refusal_is_one():
    with pytest.raises(Refusal) as refusal:
        read_json('{"refusal": "unclear", "plan": "", "program": ""}')
    assert refusal.value.reason == "unclear"


def test_json_program_may_be_fenced():
    assert read_json('{"program": "```python\\nfinal_result = 1\\n```"}') == Draft("final_result = 1", None)


@pytest.mark.parametrize(
    "reply", ["I cannot help with that.", "{}", '{"program": 7}', "{not json", '{"program": ""}', "[1, 2]"]
)
def test_reply_without_program_cannot_be_read(reply):
    with pytest.raises(DraftError) as failure:
        read_json(reply)
    assert failure.value.kind == "no_program"


@pytest.mark.parametrize(
    "reply",
    [
        "searchPerson -> getCoauthors",
        "Plan: searchPerson → getCoauthors.",
        '{"refusal": "", "plan": "searchPerson -> getCoauthors"}',
        "The best one:\nPlan: `searchPerson->getCoauthors`",
    ],
)
def test_plan_alone_is_read(reply):
    assert read_plan(reply) == ("searchPerson", "getCoauthors")


def test_reply_without_plan_cannot_be_read():
    with pytest.raises(DraftError) as failure:
        read_plan("  ")
    assert failure.value.kind == "no_plan"


def test_half_characters_of_a_reply_are_replaced():
    written, meant = PROGRAM.replace("Ada", "\ud800"), PROGRAM.replace("Ada", "\ufffd")
    assert read_short(f"searchPerson\n{written}").program == meant
    assert read_labelled(f"Plan: searchPerson\n```\n{written}\n```").program == meant
    assert read_json(json.dumps({"plan": "searchPerson", "program": written})).program == meant


def test_json_nested_too_deeply_is_no_draft():
    with pytest.raises(DraftError):
        read_json('{"plan": ' + "[" * 200_000)
