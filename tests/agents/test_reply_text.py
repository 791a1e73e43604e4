import pytest

from herdwick.agents.reply_text import reply_text


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("moas\nfinal_result = moas()<|im_end|>", "moas\nfinal_result = moas()"),
        ("<think>An AS\nor a prefix?</think>origins</s>", "origins"),
        ("origins <think>I was cut off, and", "origins "),
        ("<|eot_id|>a\ud800<|endoftext|>", "a\ufffd"),
        ("1 < 2 and <s> stays", "1 < 2 and <s> stays"),
    ],
)
def test_thoughts_end_marks_and_half_characters_are_taken_out(reply: str, said: str) -> None:
    assert reply_text(reply) == said
