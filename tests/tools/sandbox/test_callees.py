"""What built-ins and methods do to origins."""

import pytest

from herdwick.tools.sandbox.callees import MUTATORS, builtin_result, method_result, put
from herdwick.tools.sandbox.values import NOTHING, Cell, Site, Value

SITE = frozenset({Site("find", 1, (1, 0, 1, 1))})
LIST = Value(SITE, whole=SITE)
ELEMENT = Value(SITE)
CELL = frozenset({Cell((1, 0, 1, 1), ())})


@pytest.mark.parametrize("name", ["len", "any", "all", "bool", "isinstance", "range", "print"])
def test_counting_loses_the_origin(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == NOTHING


@pytest.mark.parametrize("name", ["list", "sorted", "reversed", "set", "tuple", "iter", "frozenset"])
def test_reordering_keeps_the_length(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == LIST


@pytest.mark.parametrize("name", ["max", "min", "next", "sum", "str", "int", "unheard_of"])
def test_other_functions_may_return_what_they_were_given(name):
    assert builtin_result(name, [LIST], {}, NOTHING) == ELEMENT


def test_a_copy_is_another_list_and_a_choice_is_not():
    nested = Value(items=Value(cells=CELL))
    assert builtin_result("list", [Value(SITE, cells=CELL)], {}, NOTHING).cells == frozenset()
    assert builtin_result("max", [nested], {}, NOTHING).cells == CELL
    assert builtin_result("unheard_of", [nested], {}, NOTHING).cells == CELL


def test_what_a_key_returned_is_no_part_of_the_best():
    other = Value(frozenset({Site("near", 2, (2, 0, 2, 1))}))
    assert builtin_result("max", [LIST], {}, other) == ELEMENT


def test_map_returns_what_its_function_does():
    other = Value(frozenset({Site("near", 2, (2, 0, 2, 1))}))
    assert builtin_result("map", [NOTHING, LIST], {}, other) == Value(items=other)


def test_zip_and_enumerate_make_pairs():
    assert builtin_result("zip", [LIST, NOTHING], {}, NOTHING).item().fields == {0: ELEMENT, 1: NOTHING}
    assert builtin_result("enumerate", [LIST], {}, NOTHING).item().fields == {0: NOTHING, 1: ELEMENT}


def test_dict_keeps_its_keywords_apart():
    assert builtin_result("dict", [], {"x": ELEMENT}, NOTHING).fields == {"x": ELEMENT}


def test_keys_and_values_of_a_dict_made_of_pairs():
    made = builtin_result("dict", [Value(items=Value(fields={0: ELEMENT, 1: NOTHING}))], {}, NOTHING)
    assert method_result("keys", [made], {}, NOTHING).all_origins() == SITE


def test_items_are_pairs_of_key_and_value():
    mapping = Value(fields={"x": ELEMENT})
    pair = method_result("items", [mapping], {}, NOTHING).item()
    assert (pair.field(0).all_origins(), pair.field(1).all_origins()) == (frozenset(), SITE)
    assert method_result("values", [mapping], {}, NOTHING).item() == ELEMENT
    assert method_result("keys", [mapping], {}, NOTHING).all_origins() == frozenset()


def test_text_methods_mix_object_and_arguments():
    assert method_result("join", [NOTHING, LIST], {}, NOTHING) == ELEMENT


def test_counting_methods_lose_the_origin_and_positions_do_not():
    assert method_result("count", [LIST, ELEMENT], {}, NOTHING) == NOTHING
    assert method_result("index", [NOTHING, ELEMENT], {}, NOTHING) == ELEMENT


@pytest.mark.parametrize("name", sorted(MUTATORS))
def test_mutators_put_something_of_their_arguments_into_the_object(name):
    assert put(name, [LIST], {}).all_origins() == SITE


def test_append_puts_the_list_itself_and_extend_its_elements():
    given = Value(items=ELEMENT, cells=CELL)
    assert put("append", [given], {}).items == given
    assert put("extend", [given], {}).items == ELEMENT
