"""Abstract values: origins of containers, their elements and their constant keys."""

from herdwick.tools.sandbox.values import (
    MAX_DEPTH,
    MAX_SIZE,
    NOTHING,
    Cell,
    Site,
    Value,
    join,
    mixture,
)

ONE, TWO = (Site(name, 1, (1, 0, 1, 1)) for name in ("one", "two"))
FROM_ONE, FROM_TWO = Value(frozenset({ONE})), Value(frozenset({TWO}))
HERE, THERE = Cell((1, 0, 1, 1), ()), Cell((2, 0, 2, 1), ())


def test_constant_keys_are_kept_apart():
    record = Value(fields={"id": FROM_ONE, "hit": FROM_TWO})
    assert record.field("id").all_origins() == {ONE}
    assert record.all_origins() == {ONE, TWO}


def test_elements_of_a_list_of_tuples_are_the_tuples():
    pairs = Value(items=Value(fields={0: FROM_ONE, 1: FROM_TWO}))
    assert pairs.field(0).field(1).all_origins() == {TWO}
    assert pairs.item().field(0).all_origins() == {ONE}


def test_unknown_key_of_an_api_record_is_the_records_own():
    extended = join(FROM_ONE, Value(fields={"extra": FROM_TWO}))
    assert extended.field("name").all_origins() == {ONE}
    assert extended.field("extra").all_origins() == {ONE, TWO}


def test_unknown_key_of_a_dict_may_be_anything_in_it():
    assert Value(fields={"x": FROM_ONE}).field("y").all_origins() == {ONE}


def test_negative_index_of_a_tuple_may_be_any_of_it():
    assert Value(fields={0: FROM_ONE, 1: FROM_TWO}).field(-1).all_origins() == {ONE, TWO}


def test_join_merges_origins_and_fields():
    joined = join(
        Value(frozenset({ONE}), fields={"x": FROM_ONE}), Value(frozenset({TWO}), fields={"x": FROM_TWO})
    )
    assert joined.origins == {ONE, TWO}
    assert joined.field("x").origins == {ONE, TWO}


def test_element_is_no_longer_the_whole_list():
    assert Value(frozenset({ONE}), whole=frozenset({ONE})).item() == FROM_ONE


def test_contents_are_no_longer_the_same_container():
    tuple_of_two = Value(fields={0: FROM_ONE, 1: FROM_TWO}, cells=frozenset({HERE}))
    assert tuple_of_two.contents() == Value(items=join(FROM_ONE, FROM_TWO))


def test_mixture_may_be_any_container_in_it():
    inside = Value(items=Value(cells=frozenset({HERE})), cells=frozenset({THERE}))
    assert mixture(inside).cells == {HERE, THERE}


def test_deep_branches_are_merged():
    value = FROM_ONE
    for _ in range(MAX_DEPTH + 3):
        value = join(Value(fields={"x": value}))
    assert (value.depth, value.all_origins()) == (MAX_DEPTH, {ONE})


def test_many_branches_are_merged():
    value = join(FROM_ONE, Value(fields={str(number): FROM_TWO for number in range(MAX_SIZE + 1)}))
    assert (value.size, value.origins) == (1, {ONE, TWO})


def test_branches_of_all_levels_count():
    value = FROM_ONE
    for _ in range(4):
        value = join(Value(fields={str(number): value for number in range(40)}))
    assert len(list(value.nodes())) <= MAX_SIZE
    assert value.all_origins() == {ONE}


def test_branches_that_tell_nothing_new_are_dropped():
    assert join(FROM_ONE, Value(items=FROM_ONE)) == FROM_ONE


def test_nothing_joined_is_nothing():
    assert join(NOTHING, NOTHING) is NOTHING
