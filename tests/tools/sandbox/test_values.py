"""Abstract values: origins of containers, their elements and their constant keys."""

from herdwick.tools.sandbox.values import MAX_FIELD_DEPTH, MAX_FIELDS, NOTHING, Site, Value, join

ONE, TWO = (Site(name, 1, (1, 0, 1, 1)) for name in ("one", "two"))
FROM_ONE, FROM_TWO = Value(frozenset({ONE})), Value(frozenset({TWO}))


def test_constant_keys_are_kept_apart():
    record = NOTHING.with_field("id", FROM_ONE).with_field("hit", FROM_TWO)
    assert record.field("id").all_origins() == {ONE}
    assert record.all_origins() == {ONE, TWO}


def test_unknown_key_of_an_api_record_is_the_records_own():
    assert FROM_ONE.with_field("extra", FROM_TWO).field("name").all_origins() == {ONE}


def test_unknown_key_of_a_dict_may_be_anything_in_it():
    assert NOTHING.with_field("x", FROM_ONE).field("y").all_origins() == {ONE}


def test_join_merges_origins_and_fields():
    joined = join(FROM_ONE.with_field("x", FROM_ONE), FROM_TWO.with_field("x", FROM_TWO))
    assert joined.origins == {ONE, TWO}
    assert joined.fields["x"].origins == {ONE, TWO}


def test_element_is_no_longer_the_whole_list():
    assert Value(frozenset({ONE}), whole=frozenset({ONE})).element() == FROM_ONE


def test_deep_fields_are_merged():
    value = FROM_ONE
    for _ in range(MAX_FIELD_DEPTH + 3):
        value = NOTHING.with_field("x", value)
    depth = 0
    while value.fields:
        value, depth = value.fields["x"], depth + 1
    assert (depth, value.origins) == (MAX_FIELD_DEPTH, {ONE})


def test_many_fields_are_merged():
    value = FROM_ONE
    for number in range(MAX_FIELDS + 1):
        value = value.with_field(number, FROM_TWO)
    assert (value.fields, value.origins) == ({}, {ONE, TWO})
