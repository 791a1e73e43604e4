"""Elems as text for programs and people.

    json.dumps(as_object(elem))     # PyBGPStream's attribute and field names, and those it leaves out
    as_line(elem)                   # the pipes of bgpreader

PyBGPStream: https://bgpstream.caida.org/docs/api/pybgpstream/_pybgpstream.html#bgpelem; bgpreader's lines:
https://bgpstream.caida.org/docs/tools/bgpreader#elem.
"""

from pydantic import JsonValue

from herdwick.tools.bgp.engine.elem import Attributes, Elem
from herdwick.tools.bgp.engine.paths import origins


def as_object(elem: Elem) -> dict[str, JsonValue]:
    """An elem with PyBGPStream's names.

    `fields` has what PyBGPStream gives an elem of this type, and of the attributes it leaves out those that
    are present.
    """
    return {
        "type": elem.type,
        "time": elem.time,
        "project": elem.source.project,
        "collector": elem.source.collector,
        "router": elem.source.router,
        "peer_asn": elem.peer_asn,
        "peer_address": elem.peer_address,
        "fields": _fields(elem),
    }


def _fields(elem: Elem) -> dict[str, JsonValue]:
    if elem.type == "S":
        return {"old-state": elem.old_state, "new-state": elem.new_state}
    path_id: dict[str, JsonValue] = {} if elem.path_id is None else {"path-id": elem.path_id}
    if elem.type == "W":
        return {"prefix": elem.prefix, **path_id}
    return {
        "prefix": elem.prefix,
        "next-hop": elem.next_hop,
        "as-path": elem.attributes.as_path,
        "communities": [*elem.attributes.communities],
        **path_id,
        **_further(elem.attributes),
    }


def _further(attributes: Attributes) -> dict[str, JsonValue]:
    aggregator = attributes.aggregator
    present: dict[str, JsonValue] = {
        "origin": attributes.origin,
        "med": attributes.med,
        "local-pref": attributes.local_pref,
        "large-communities": [*attributes.large_communities] or None,
        "extended-communities": [*attributes.extended_communities] or None,
        "atomic-aggregate": attributes.atomic_aggregate or None,
        "aggregator": f"{aggregator.asn} {aggregator.address}" if aggregator else None,
    }
    return {name: value for name, value in present.items() if value is not None}


def as_line(elem: Elem) -> str:
    """An elem as bgpreader prints it; MRT names no router, so its two fields are empty."""
    attributes = elem.attributes
    return "|".join(
        (
            "R" if elem.type == "R" else "U",
            elem.type,
            f"{elem.time:.6f}",
            elem.source.project,
            elem.source.collector,
            elem.source.router,
            "",
            str(elem.peer_asn),
            elem.peer_address,
            elem.prefix,
            elem.next_hop,
            attributes.as_path,
            _origin(attributes.as_path),
            " ".join(attributes.communities),
            elem.old_state,
            elem.new_state,
        )
    )


def _origin(path: str) -> str:
    asns = origins(path)
    return str(asns[0]) if len(asns) == 1 else f"{{{','.join(map(str, asns))}}}" if asns else ""
