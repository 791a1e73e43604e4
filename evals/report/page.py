r"""A run as one page of HTML that needs nothing else: figures, and every answer to look through.

file.writelines(page(report, rows))

All of the data is hostile: questions come from strangers, and programs and answers from a model. It goes into
blocks that a browser never runs, with every character that could end such a block written as `\u003c`, and
the scripts of the page turn it into text only. Should one of them ever fail to, the page's own policy still
allows no script and no style but its own, no HTML made from text, and no connection.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from herdwick.evals.report.data import Report, ReportRow

SCRIPTS = (
    "dom.js",
    "format.js",
    "rows.js",
    "view.js",
    "summary.js",
    "slices.js",
    "latency.js",
    "list.js",
    "diff.js",
    "values.js",
    "detail.js",
    "page.js",
)
"""The parts of the page's one script, in the order in which they need each other."""

_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def page(report: Report, rows: Iterable[ReportRow] = ()) -> Iterator[str]:
    """The parts of the page, to be written one after another, in UTF-8.

    Args:
        report: What stands above the rows.
        rows: Looked at one after another.
    """
    before, after = (
        part.substitute(
            policy=_policy(),
            title=escape(report.title),
            style=_style(),
            script=_script(),
            facts=_inert(report.model_dump_json()),
        )
        for part in _template()
    )
    yield before
    # One row a line: the page reads a row anew where a number has more digits than JavaScript keeps.
    yield "[\n"
    separator = ""
    for row in rows:
        yield separator + _inert(row.model_dump_json())
        separator = ",\n"
    yield "\n]"
    yield after


def _inert(json_text: str) -> str:
    """The same JSON, but no part of it can be taken for HTML; these characters stand only inside strings."""
    return json_text.translate(_ESCAPES)


@cache
def _policy() -> str:
    return (
        f"default-src 'none'; script-src {_hash(_script())}; style-src {_hash(_style())}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


@cache
def _script() -> str:
    return "\n".join(_file(f"script/{name}") for name in SCRIPTS)


@cache
def _style() -> str:
    return _file("page.css")


@cache
def _template() -> tuple[Template, Template]:
    """What stands before the rows, and after them."""
    before, after = _file("page.html").split("$rows")
    return Template(before), Template(after)


def _file(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
