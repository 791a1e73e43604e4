import pytest

from herdwick.selfinstruct.teacher.lint import lint_script

GOOD = """\
import pybgpstream
stream = pybgpstream.BGPStream(
    from_time="2026-01-01 00:00:00",
    until_time="2026-01-01 00:04:00",
    collectors=["lab00"],
    record_type="updates",
    filter="prefix more 10.0.0.0/8 and elemtype announcements",
)
for elem in stream:
    print(elem.type, elem.peer_asn, elem.fields["as-path"], elem.fields.get("prefix"))
"""


def messages(source: str, *, live: bool = False) -> list[str]:
    return [f"{finding.kind}: {finding.message}" for finding in lint_script(source, live=live)]


def test_right_usage_has_no_findings():
    assert messages(GOOD) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ('["lab00"]', '"lab00"', "wrong_api: collectors must be a list of names"),
        ("record_type=", "type=", "wrong_api: BGPStream has no parameter 'type'"),
        ('"updates"', '["updates"]', "wrong_api: record_type must be one text"),
        ('"as-path"', '"as_path"', "wrong_api: elem.fields has no 'as_path'"),
        ('get("prefix")', 'get("med")', "wrong_api: elem.fields has no 'med'"),
        ("elem.peer_asn", "elem.peer", "wrong_api: elem has no 'peer' in PyBGPStream"),
        ("elem.type", "elem.attributes", "wrong_api: elem has no 'attributes' in PyBGPStream"),
    ],
)
def test_wrong_usage_is_found(right, wrong, message):
    assert messages(GOOD.replace(right, wrong)) == [message]


def test_a_filter_string_outside_the_grammar_is_found():
    (found,) = lint_script(GOOD.replace("prefix more", "prefix inside"), live=False)
    assert found.kind == "wrong_api"
    assert "inside" in found.message


def test_a_stream_that_never_ends_is_found():
    endless = GOOD.replace('    until_time="2026-01-01 00:04:00",\n', "")
    assert messages(endless) == ["wrong_api: without until_time the stream is live and never ends"]


def test_a_live_stream_must_be_one():
    live = 'import pybgpstream\nfor elem in pybgpstream.BGPStream(project="ris-live"):\n    print(elem)\n'
    assert messages(live, live=True) == []
    assert messages(GOOD, live=True) == ["wrong_api: until_time ends a stream that should be live"]


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import subprocess as s",
        "from urllib.request import urlopen",
        "open('/etc/passwd')",
        "exec('1')",
        "__import__('os')",
        "import builtins",
        "getattr(__builtins__, 'open')('/etc/passwd')",
        "().__class__.__mro__",
    ],
)
def test_code_that_reaches_outside_is_hostile(line):
    kinds = {finding.kind for finding in lint_script(f"{GOOD}{line}\n", live=False)}
    assert kinds == {"hostile_code"}


def test_what_is_no_python_has_a_line():
    (found,) = lint_script("import pybgpstream\nfor elem in:\n", live=False)
    assert (found.kind, found.line) == ("syntax", 2)


def test_a_script_without_a_stream_is_found():
    assert messages("print(42)") == ["no_stream: makes no BGPStream"]
