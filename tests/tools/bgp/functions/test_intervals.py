import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from herdwick.tools.bgp.functions.intervals import changes, merged, overlap

SPELLS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 9))).filter(
        lambda spell: spell[2] is None or spell[1] <= spell[2]
    ),
    max_size=12,
)
SCHEMA = {"key": pl.String, "start": pl.Float64, "end": pl.Float64}


def frame(spells) -> pl.LazyFrame:
    return pl.LazyFrame(spells, schema=SCHEMA, orient="row")


def held(spells, key: str, time: float) -> int:
    return sum(k == key and start <= time and (end is None or time < end) for k, start, end in spells)


@given(SPELLS)
def test_after_every_change_as_many_are_open_as_a_count_shows(spells) -> None:
    rows = changes(frame(spells), ["key"]).select("key", "time", "held").collect().rows()

    assert sorted(rows) == [
        (key, time, held(spells, key, time))
        for key in "ab"
        for time in range(10)
        if held(spells, key, time) != held(spells, key, time - 0.5)
    ]


@given(SPELLS, st.integers(1, 3))
def test_at_every_moment_one_stretch_holds_if_enough_spells_do(spells, at_least: int) -> None:
    rows = merged(frame(spells), ["key"], at_least).collect().rows()

    for time in range(12):
        for key in "ab":
            assert held(rows, key, time) == (held(spells, key, time) >= at_least)


def test_a_replaced_route_makes_no_gap() -> None:
    assert merged(frame([("a", 1, 5), ("a", 5, 8)]), ["key"]).collect().rows() == [("a", 1, 8)]


@given(SPELLS.filter(len), SPELLS.filter(len))
def test_stretches_overlap_if_they_share_a_moment(ones, others) -> None:
    both = frame(ones).join(frame(others).rename({"start": "start_other", "end": "end_other"}), on="key")
    for row in (
        both.filter(pl.col("start") != pl.col("end").fill_null(99)).with_columns(o=overlap()).collect().rows()
    ):
        key, start, end, start_other, end_other, found = row
        if start_other == end_other:
            continue
        shared = any(
            held([(key, start, end)], key, t) and held([(key, start_other, end_other)], key, t)
            for t in range(11)
        )
        assert found == shared
