"""Seed tasks whose answers are PyBGPStream scripts: what stands in their files."""

from itertools import combinations

import pytest
from rouge_score.rouge_scorer import RougeScorer

from .seed_scripts import REALTIME, RECORDED

KINDS = {"pybgpstream": RECORDED, "realtime": REALTIME}
each_kind = pytest.mark.parametrize("seeds", KINDS.values(), ids=KINDS)


def test_there_are_enough_of_them():
    assert len(RECORDED) >= 60
    assert len(REALTIME) >= 20


@each_kind
def test_each_has_the_form_of_a_seed_and_a_name_of_its_own(seeds):
    keys = ["id", "name", "instruction", "instances", "is_classification", "category", "sources"]
    assert all(list(seed.row) == keys for seed in seeds)
    assert all(seed.row["sources"] and all(seed.row["sources"]) for seed in seeds)
    assert len({seed.row["id"] for seed in seeds}) == len({seed.name for seed in seeds}) == len(seeds)
    assert len({seed.script for seed in seeds}) == len(seeds)


@each_kind
def test_instructions_have_4_to_150_words(seeds):
    lengths = {seed.name: len(seed.instruction.split()) for seed in seeds}
    assert {name: words for name, words in lengths.items() if not 4 <= words <= 150} == {}


@each_kind
def test_no_two_instructions_are_alike(seeds):
    scorer = RougeScorer(["rougeL"])
    alike = {
        (one.name, other.name): score
        for one, other in combinations(seeds, 2)
        if (score := scorer.score(one.instruction, other.instruction)["rougeL"].fmeasure) > 0.5
    }
    assert alike == {}
