import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herdwick.selfinstruct.teacher.reply import Task, Unusable, is_refusal, parse_reply

ONE = {"instruction": "What is MED?", "input": "", "output": "A metric."}
TWO = {"instruction": "What is LOCAL_PREF?", "input": "given", "output": "A preference."}
TASKS = (Task("What is MED?", "", "A metric."), Task("What is LOCAL_PREF?", "given", "A preference."))

TEXT = """###
4. Instruction: What is MED?
4. Input: <noinput>
4. Output:
A metric.
###
5. Instruction: What is LOCAL_PREF?
5. Input: given
5. Output:
A preference.
"""


def as_json(text: str, **how: str):
    return parse_reply(text, form="json", **how)


def as_text(text: str, **how: str):
    return parse_reply(text, form="text", **how)


def test_tasks_of_a_json_object():
    assert as_json(json.dumps({"tasks": [ONE, TWO]})).tasks == TASKS


def test_json_in_a_fence_and_behind_thoughts():
    assert as_json(f"<think>hm {{</think>```json\n{json.dumps({'tasks': [ONE, TWO]})}\n```").tasks == TASKS


@pytest.mark.parametrize("before", ["Here are the tasks:\n```json\n", "Sure! "])
def test_json_with_talk_before_and_behind(before):
    reply = as_json(f"{before}{json.dumps({'tasks': [ONE, TWO]})}\n```\nAsk {{me}} for more!")
    assert (reply.tasks, reply.unusable) == (TASKS, ())


def test_one_object_on_each_line():
    reply = as_json(f"{json.dumps(ONE)}\n{json.dumps(TWO)}\n")
    assert (reply.tasks, reply.unusable) == (TASKS, ())


def test_a_bare_list_is_taken():
    assert as_json(json.dumps([ONE, TWO])).tasks == TASKS


def test_numbered_text():
    reply = as_text(TEXT)
    assert (reply.tasks, reply.unusable) == (TASKS, ())


def test_text_that_continues_the_number_it_was_given():
    assert as_text(TEXT.removeprefix("###\n4. Instruction:")).tasks == TASKS


def test_text_in_bold():
    bold = "**1. Instruction:** What is MED?\n**1. Input:** None\n**1. Output:** A metric."
    assert as_text(bold).tasks == TASKS[:1]


def test_a_comment_line_of_code_does_not_end_a_task():
    code = "```python\n### step\nprint(1)\n```"
    assert as_text(f"1. Instruction: Count.\n1. Output:\n{code}").tasks == (Task("Count.", "", code),)


def test_text_where_json_was_asked_for_and_the_other_way_round():
    assert as_json(TEXT).tasks == TASKS
    assert as_text(json.dumps({"tasks": [ONE, TWO]})).tasks == TASKS


def test_json_that_breaks_off_loses_its_last_task():
    text = json.dumps({"tasks": [ONE, TWO]})
    reply = as_json(text[: text.index("preference")], finish="length")
    assert reply.tasks == TASKS[:1]
    assert [piece.reason for piece in reply.unusable] == ["truncated"]


def test_text_that_breaks_off_loses_its_last_task_though_it_looks_whole():
    reply = as_text(TEXT, finish="length")
    assert reply.tasks == TASKS[:1]
    assert [piece.reason for piece in reply.unusable] == ["truncated"]


def test_text_that_stops_before_an_output_is_truncated_whatever_the_endpoint_says():
    reply = as_text(TEXT[: TEXT.index("5. Output")])
    assert reply.tasks == TASKS[:1]
    assert [piece.reason for piece in reply.unusable] == ["truncated"]


def test_a_broken_task_in_the_middle_costs_only_itself():
    text = json.dumps({"tasks": [ONE, TWO, ONE]}).replace('"given"', '"giv"en"')
    reply = as_json(text)
    assert reply.tasks == (TASKS[0], TASKS[0])
    assert [piece.reason for piece in reply.unusable] == ["malformed"]


def test_tasks_without_an_output_or_of_another_type_are_malformed():
    reply = as_json(json.dumps({"tasks": [{"instruction": "What?"}, "text", {**ONE, "output": 3}, TWO]}))
    assert reply.tasks == TASKS[1:]
    assert [piece.reason for piece in reply.unusable] == ["malformed"] * 3


def test_refusals_are_told_from_malformed_replies():
    assert as_json("I'm sorry, but I can't help with that.").unusable[0].reason == "refusal"
    assert as_json("", refusal="No.").unusable == (Unusable("refusal", "No."),)
    assert as_json("Sure! Here you go.").unusable[0].reason == "malformed"
    assert as_json("x", finish="content_filter").unusable[0].reason == "refusal"


def test_an_answer_about_what_cannot_be_is_no_refusal():
    assert not is_refusal("An AS can't prefer its own MED.")
    assert is_refusal("I can\u2019t do that.")


def test_an_empty_reply():
    assert as_json(" \n").unusable == (Unusable("empty_reply", ""),)
    assert as_json('{"tasks": []}').unusable[0].reason == "empty_reply"


def test_half_a_character_becomes_one_that_files_can_hold():
    (found,) = as_json('{"tasks": [{"instruction": "a\\ud800", "input": "", "output": "b"}]}').tasks
    assert found.instruction == "a\ufffd"


@given(st.text(), st.sampled_from(["json", "text"]), st.sampled_from(["stop", "length"]))
def test_any_text_is_read_without_an_error_and_accounted_for(text, form, finish):
    reply = parse_reply(text, form=form, finish=finish)
    assert reply.tasks or reply.unusable


@given(st.integers(0, 200))
def test_json_cut_anywhere_never_gives_a_task_that_was_not_there(cut):
    text = json.dumps({"tasks": [ONE, TWO]})[:cut]
    assert {*as_json(text).tasks} <= {*TASKS}
