import ast
import hashlib
import re
from pathlib import Path

import pytest

from herdwick.agents.prompt_files import has_prompt, prompt

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"

SOAY_SHA256 = "8ef7095ef2b1f4afdf3949e976fce4c3002c7fb033f3a7e5c6c739bb11d7e914"
"""Of the prompt for `Who is Ada Quill?`, as the published `code_gen_llm` builds it."""


def test_slots_are_filled_and_single_braces_stand():
    assert prompt("short", question="Who {is} Ada?") == "Query: Who {is} Ada?\nSolution:\n"


def test_what_is_filled_in_is_not_searched_for_slots():
    assert prompt("short", question="{{question}}") == "Query: {{question}}\nSolution:\n"


def test_missing_slot_is_an_error():
    with pytest.raises(KeyError, match="question"):
        prompt("short")


def test_only_aminer_has_a_soay_prompt():
    assert has_prompt("soay/aminer")
    assert not has_prompt("soay/bgp")


def test_soay_prompt_is_the_published_one_byte_for_byte():
    built = prompt("soay/aminer", question="Who is Ada Quill?").encode()
    assert hashlib.sha256(built).hexdigest() == SOAY_SHA256


def test_soay_prompt_keeps_the_typo_and_the_illegal_plan():
    candidates = (
        prompt("soay/aminer", question="").split("combination candidates:\n")[1].split("\n\n")[0].split("\n")
    )
    assert candidates[0] == "searhPerson"
    assert "searchPerson -> getPublication" in candidates
    assert len(candidates) == 15


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed is not part of the repository")
def test_soay_prompt_equals_what_the_seed_builds():
    seed = next(SEEDS.glob("000_*.txt")).read_text(encoding="utf-8")
    background = ast.literal_eval(re.search(r'bg_text = ("(?:[^"\\\n]|\\.)*")', seed)[1])
    before, after = re.search(r'new_prompt = ("\S+?") \+ bg_text \+ prompt \+ (".*")', seed).groups()
    question = "Who is Ada Quill?"
    assert prompt("soay/aminer", question=question) == (
        ast.literal_eval(before) + background + question + ast.literal_eval(after)
    )
