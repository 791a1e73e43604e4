"""Configurations for bird: the collector and the speakers that are told their routes.

collector_config(folder)
speaker_config(speaker, routes, folder)
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from herdwick.tools.bgp.sample.speakers import (
    COLLECTOR_ADDRESSES,
    COLLECTOR_ASN,
    SPEAKERS,
    Route,
    Speaker,
    family_of,
)

CONFIGS = Path(__file__).parent / "configs"


def filled(template: str, **values: object) -> str:
    """The text of a template of this package, with values."""
    return Template((CONFIGS / template).read_text()).substitute(values)


def collector_config(folder: Path) -> str:
    """The collector's configuration; its MRT and log go into `folder`."""
    sessions = [
        filled(
            "collector_session.conf",
            name=session.name,
            # A session that carries both families runs over IPv4.
            collector_address=COLLECTOR_ADDRESSES[session.families[0]],
            collector_asn=COLLECTOR_ASN,
            address=session.address,
            asn=speaker.asn,
            channels="\n".join(f"\t{family} {{ import all; export none; }};" for family in session.families),
        )
        for speaker in SPEAKERS
        for session in speaker.sessions
    ]
    return filled(
        "collector.conf",
        router_id=COLLECTOR_ADDRESSES["ipv4"],
        folder=folder,
        sessions="\n".join(sessions),
    )


def speaker_config(speaker: Speaker, routes: Mapping[str, Route], folder: Path) -> str:
    """A speaker's configuration; its log goes into `folder`."""
    sessions = [
        filled(
            "speaker_session.conf",
            name=session.name,
            address=session.address,
            asn=speaker.asn,
            collector_address=COLLECTOR_ADDRESSES[session.families[0]],
            collector_asn=COLLECTOR_ASN,
            family=session.families[0],
        )
        for session in speaker.sessions
    ]
    static = {
        family: "\n".join(
            f"\t{static_route(route)}" for route in routes.values() if family_of(route.prefix) == family
        )
        for family in ("ipv4", "ipv6")
    }
    return filled(
        "speaker.conf",
        name=speaker.name,
        router_id=speaker.ipv4,
        folder=folder,
        ipv4_routes=static["ipv4"],
        ipv6_routes=static["ipv6"],
        sessions="\n".join(sessions),
    )


def static_route(route: Route) -> str:
    """A static route whose attributes are those of `route`.

    Raises:
        ValueError: The route is an aggregate; bird's filters cannot write AS_SETs.
    """
    if route.aggregate:
        raise ValueError(f"bird cannot announce an AS_SET; give {route.prefix} to gobgpd.")
    return f"route {route.prefix} blackhole {{ {' '.join(_assignments(route))} }};"


def _assignments(route: Route) -> Iterable[str]:
    yield f"bgp_origin = ORIGIN_{route.origin.upper()};"
    for asn in reversed(route.path):
        yield f"bgp_path.prepend({asn});"
    if route.med is not None:
        yield f"bgp_med = {route.med};"
    if route.local_pref is not None:
        yield f"bgp_local_pref = {route.local_pref};"
    for asn, value in route.communities:
        yield f"bgp_community.add(({asn}, {value}));"
    for asn, high, low in route.large_communities:
        yield f"bgp_large_community.add(({asn}, {high}, {low}));"
    if route.route_target:
        yield "bgp_ext_community.add((rt, {}, {}));".format(*route.route_target)
