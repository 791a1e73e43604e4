from itertools import pairwise

import pytest
from click.testing import CliRunner

from herdwick.tools.bgp.sample import make
from herdwick.tools.bgp.sample.base_table import AGGREGATE
from herdwick.tools.bgp.sample.bird import static_route
from herdwick.tools.bgp.sample.scenario import EVENTS, change_times, routes_at
from herdwick.tools.bgp.sample.speakers import SPEAKERS, Route


def test_missing_daemons_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(make.shutil, "which", lambda program: None if program == "gobgpd" else program)

    result = CliRunner().invoke(make.main, ["--out", str(tmp_path)])

    assert result.exit_code == 1
    assert "Not installed: gobgpd. Install bird2 and gobgpd." in result.output


def test_spans_of_a_prefix_at_a_speaker_never_overlap() -> None:
    spans = sorted(
        (span.speaker, span.prefix, span.from_s, span.until_s) for event in EVENTS for span in event.spans
    )

    for earlier, later in pairwise(spans):
        assert earlier[:2] != later[:2] or earlier[3] <= later[2]


def test_something_changes_at_every_time_of_change() -> None:
    for time in change_times():
        assert any(routes_at(speaker, time - 1) != routes_at(speaker, time) for speaker in SPEAKERS)


def test_a_route_becomes_a_static_route_of_bird() -> None:
    route = Route(
        "192.0.2.0/24",
        (64500, 64499),
        med=5,
        local_pref=100,
        communities=((65535, 666),),
        route_target=(1, 2),
    )

    assert static_route(route) == (
        "route 192.0.2.0/24 blackhole { bgp_origin = ORIGIN_IGP; bgp_path.prepend(64499);"
        " bgp_path.prepend(64500); bgp_med = 5; bgp_local_pref = 100; bgp_community.add((65535, 666));"
        " bgp_ext_community.add((rt, 1, 2)); };"
    )


def test_bird_is_given_no_sets() -> None:
    with pytest.raises(ValueError, match="cannot announce an AS_SET"):
        static_route(AGGREGATE)
