import pytest

from herdwick.agents.errors import ModelError
from herdwick.agents.serving.llamacpp_requests import to_llamacpp

LORA = {"base": {"lora": [{"id": 0, "scale": 0.0}]}, "bgp": {"lora": [{"id": 0, "scale": 1.0}]}}


def convert(*, is_chat=False, **body):
    return to_llamacpp(body, LORA, is_chat=is_chat)


def test_the_model_picks_the_adapter():
    assert convert(model="bgp", prompt="Query", max_tokens=5) == {
        "model": "bgp",
        "prompt": "Query",
        "max_tokens": 5,
        "lora": [{"id": 0, "scale": 1.0}],
    }


def test_without_a_model_the_base_answers():
    assert convert(prompt="Query")["lora"] == [{"id": 0, "scale": 0.0}]


def test_a_client_cannot_choose_adapters_otherwise():
    assert convert(model="base", lora=[{"id": 0, "scale": 9}])["lora"] == [{"id": 0, "scale": 0.0}]


def test_a_raw_completion_has_the_default_length_of_openai():
    assert convert(prompt="Query")["max_tokens"] == 16
    assert "max_tokens" not in convert(is_chat=True, messages=[])


@pytest.mark.parametrize(
    ("structured", "expected"),
    [
        ({"grammar": 'root ::= "a"'}, {"grammar": 'root ::= "a"'}),
        ({"grammar": 'root ::= "a"', "json": None}, {"grammar": 'root ::= "a"'}),
        ({"json": {"type": "array"}}, {"json_schema": {"type": "array"}}),
        ({"json_object": True}, {"json_schema": {"type": "object"}}),
        ({"choice": ["yes", 'a "no"']}, {"grammar": 'root ::= "yes" | "a \\"no\\""'}),
    ],
)
def test_constraints_are_taken_in_vllms_form(structured, expected):
    converted = convert(model="bgp", prompt="Query", structured_outputs=structured)
    assert expected.items() <= converted.items()
    assert "structured_outputs" not in converted


@pytest.mark.parametrize(
    "structured",
    [
        {"regex": "a+"},
        {"grammar": "", "choice": ["a"]},
        {"choice": []},
        {"choice": [1]},
        {"json": "{}"},
        {},
        "grammar",
    ],
)
def test_what_cannot_be_followed_is_refused(structured):
    with pytest.raises(ModelError) as failure:
        convert(model="bgp", prompt="Query", structured_outputs=structured)
    assert failure.value.kind == "bad_request"


@pytest.mark.parametrize("model", ["gpt-4", "", None, 7, ["bgp"]])
def test_an_unknown_model_is_refused_with_those_there_are(model):
    with pytest.raises(ModelError) as failure:
        convert(model=model, prompt="Query")
    assert (failure.value.kind, failure.value.hint) == ("model_unknown", "There is: base, bgp.")
