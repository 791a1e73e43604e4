from herdwick.agents.surrogates import replace_surrogates


def test_surrogates_are_replaced_wherever_text_can_stand():
    value = {"a\udcff": ["\ud800", ("x", {"b": "\udfff!"}), 1, None]}
    assert replace_surrogates(value) == {"a\ufffd": ["\ufffd", ["x", {"b": "\ufffd!"}], 1, None]}


def test_whole_characters_stay():
    assert replace_surrogates("林 😀 \ufffd \ud7ff \ue000") == "林 😀 \ufffd \ud7ff \ue000"
