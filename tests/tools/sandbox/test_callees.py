"""What built-ins and methods do to origins."""

import pytest

from herdwick.tools.sandbox.callees import builtin_result, method_result
from herdwick.tools.sandbox.values import NOTHING, Site, Value

SITE = frozenset({Site("find", 1, (1, 0, 1, 1))})
LIST = Value(SITE, whole=SITE)
ELEMENT = Value(SITE)


@pytest.mark.parametrize("name", ["len", "any", "all", "bool", "isinstance", "range", "print"])
def test_counting_loses_the_origin(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == NOTHING


@pytest.mark.parametrize("name", ["list", "sorted", "reversed", "set", "tuple", "iter", "frozenset"])
def test_reordering_keeps_the_length(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == LIST


@pytest.mark.parametrize("name", ["max", "min", "next", "sum", "str", "int", "unheard_of"])
def test_other_functions_may_return_what_they_were_given(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == ELEMENT


def test_map_returns_what_its_function_does():
    other = Value(frozenset({Site("near", 2, (2, 0, 2, 1))}))
    assert builtin_result("map", [NOTHING, LIST], {}, other) == other


def test_zip_and_enumerate_make_pairs():
    assert builtin_result("zip", [LIST, NOTHING], {}, NOTHING).fields == {0: ELEMENT, 1: NOTHING}
    assert builtin_result("enumerate", [LIST], {}, NOTHING).fields == {0: NOTHING, 1: ELEMENT}


def test_dict_keeps_its_keywords_apart():
    assert builtin_result("dict", [], {"x": ELEMENT}, NOTHING).fields == {"x": ELEMENT}


def test_items_are_pairs_of_key_and_value():
    mapping = Value(fields={"x": ELEMENT})
    assert method_result("items", [mapping], {}, NOTHING).field(1).all_origins() == SITE
    assert method_result("values", [mapping], {}, NOTHING).origins == SITE
    assert method_result("keys", [mapping], {}, NOTHING) == NOTHING


def test_text_methods_mix_object_and_arguments():
    assert method_result("join", [NOTHING, LIST], {}, NOTHING) == ELEMENT


def test_counting_methods_lose_the_origin():
    assert method_result("index", [LIST, ELEMENT], {}, NOTHING) == NOTHING
