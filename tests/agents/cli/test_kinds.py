import pytest

from herdwick.agents.answer import Answer
from herdwick.agents.cli.kinds import kinds_of
from herdwick.tools.call_record import CallRecord


def readable(value, program: str = "", *calls: tuple[str, dict], domain: str = "bgp"):
    given = Answer(
        question="",
        domain=domain,
        strategy="run",
        model="",
        program=program,
        answer=value,
        text="",
        status="ok",
        calls=[CallRecord(tool=tool, args=args, ok=True, seconds=0.0) for tool, args in calls],
    )
    return kinds_of(given).readable(value)


def test_fields_that_functions_declare_as_asns_are_written_as_such():
    rows = [{"prefix": "10.0.0.0/8", "origin_asns": [64496, 64497], "peers": 3}]
    assert readable(rows, "", ("moas", {})) == [
        {"prefix": "10.0.0.0/8", "origin_asns": ["AS64496", "AS64497"], "peers": 3}
    ]


def test_a_field_counts_as_the_function_called_declares_it():
    # `origins` of one function are ASNs, of another how many there are.
    assert readable({"origins": 32}, "", ("compare_windows", {})) == {"origins": 32}
    assert readable({"told_to": 64496}, "", ("route_leaks", {})) == {"told_to": "AS64496"}


def test_a_name_that_means_the_same_everywhere_needs_no_call():
    assert readable({"origin_asn": 64496, "n": 64496}) == {"origin_asn": "AS64496", "n": 64496}


@pytest.mark.parametrize(
    ("by", "key"), [("origin_asn", "AS6"), ("peer_asn", "AS6"), ("ip_version", 6), ("prefix_length", 6)]
)
def test_a_key_is_what_the_call_asked_for(by, key):
    assert readable([{"key": 6}], "", ("table_counts", {"by": by})) == [{"key": key}]


def test_keys_of_calls_that_asked_for_different_things_stay_numbers():
    calls = [("table_counts", {"by": "peer_asn"}), ("table_counts", {"by": "ip_version"})]
    assert readable([{"key": 6}], "", *calls) == [{"key": 6}]


def test_a_bare_number_is_what_the_program_took_it_from():
    program = 'final_result = [r["origin_asn"] for r in origins()]'
    assert readable([64496], program, ("origins", {})) == ["AS64496"]
    assert readable(64496, "final_result = 64496") == 64496
    assert readable(2, 'final_result = len({r["origin_asn"] for r in origins()})') == 2


def test_truth_values_are_no_numbers():
    assert readable({"asn": True}) == {"asn": True}


@pytest.mark.parametrize("domain", ["aminer", "", "nosuch"])
def test_other_domains_have_kinds_of_their_own_or_none(domain):
    assert readable({"asn": 64496}, domain=domain) == {"asn": 64496}
