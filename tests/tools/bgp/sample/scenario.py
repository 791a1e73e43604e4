"""The committed scenario: its files, its events, and its table at any time, by playing the updates."""

import json
from typing import Any

import pytest

from herdwick.tools.bgp.engine.elem import Elem
from herdwick.tools.bgp.engine.paths import origins
from herdwick.tools.bgp.sample import ARCHIVE, DATA

SCENARIO: dict[str, Any] = json.loads((DATA / "scenario.json").read_text())
RIB_BEFORE, UPDATES, RIB_AFTER = (
    ARCHIVE / SCENARIO["files"][name] for name in ("rib_before", "updates", "rib_after")
)
EVENTS = SCENARIO["events"]

Table = dict[tuple[str, str], Elem]
"""(address of a peer, prefix) → the route that it holds."""


def named(event: dict[str, Any]) -> str:
    return f"{event['kind']}-{event['from_utc'][11:19]}"


def events(*kinds: str, passing: bool = False) -> Any:
    """The events of these kinds; of those `passing`, only the ones that begin and end."""
    chosen = [
        event
        for event in EVENTS
        if event["kind"] in kinds and not (passing and (event["from_start"] or event["until_end"]))
    ]
    assert chosen
    return pytest.mark.parametrize("event", chosen, ids=named)


def with_local_pref(elem: Elem) -> Elem:
    """The elem with the LOCAL_PREF that bird stores by default with routes from other ASes."""
    attributes = elem.attributes
    return elem._replace(attributes=attributes._replace(local_pref=attributes.local_pref or 100))


def table(elems: list[Elem]) -> Table:
    return {(elem.peer_address, elem.prefix): elem for elem in elems}


def played(before: list[Elem], updates: list[Elem], until: int) -> Table:
    """The table once all updates before `until` are applied."""
    routes = table(before)
    for elem in map(with_local_pref, updates):
        if elem.time >= until:
            break
        if elem.type == "A":
            routes[elem.peer_address, elem.prefix] = elem
        elif elem.type == "W":
            del routes[elem.peer_address, elem.prefix]
        elif elem.old_state == "ESTABLISHED":
            routes = {key: route for key, route in routes.items() if key[0] != elem.peer_address}
    return routes


def rows(event: dict[str, Any]) -> dict[tuple[str, str], str | None]:
    """The paths that the event's peers hear, by peer and prefix; None where they hear of none."""
    return {(row["peer"], row["prefix"]): row["path"] for row in event["paths"]}


def seen_origins(routes: Table, prefix: str) -> set[int]:
    return {
        asn
        for (_, each), elem in routes.items()
        if each == prefix
        for asn in origins(elem.attributes.as_path) or (elem.peer_asn,)
    }
