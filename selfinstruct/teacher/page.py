"""A file of the teacher loop as one page of HTML that needs nothing else.

Path("knowledge.html").write_bytes(page(summarize(path), "knowledge.jsonl"))

All that a model wrote is escaped, and the page runs no scripts.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from herdwick.selfinstruct.teacher.inspection import BINS, TeacherSummary
from herdwick.selfinstruct.teacher.records import Drop, Item

_PERCENT = 100


def page(summary: TeacherSummary, title: str) -> bytes:
    """The page, in UTF-8."""
    bins = {
        f"{number / BINS:.1f} to {(number + 1) / BINS:.1f}": n
        for number, n in enumerate(summary.similarities)
    }
    filled = _template().substitute(
        title=escape(title),
        facts="".join(_row(name, value) for name, value in facts(summary).items()),
        categories=_bars(summary.categories),
        similarities=_bars(bins),
        dropped=_bars(summary.dropped),
        items="\n".join(map(_item, summary.first_items)) or "<p>None.</p>",
        drops="\n".join(map(_drop, summary.first_drops)) or "<p>None.</p>",
    )
    return filled.encode()


def facts(summary: TeacherSummary) -> dict[str, str]:
    """The figures of a summary, as words."""
    dropped = sum(summary.dropped.values())
    seen = summary.items + dropped
    told = {
        "items": f"{summary.items:,} of {', '.join(summary.kinds) or 'no kind'}",
        "kept": f"{summary.items / seen:.0%} of {seen:,}",
    }
    if summary.bootstrapped:
        told["bootstrapped"] = f"{summary.bootstrapped:,}"
    if summary.instruction_chars and summary.output_chars:
        asked, answered = summary.instruction_chars, summary.output_chars
        told["instruction"] = f"median {asked.median:.0f} characters, longest {asked.longest:,}"
        told["output"] = f"median {answered.median:.0f} characters, longest {answered.longest:,}"
    if report := summary.report:
        told |= {
            "model": report.model,
            "stopped": report.stopped,
            "requests": f"{report.requests:,}, {report.retries:,} retries",
            "tokens": f"{report.prompt_tokens:,} in, {report.reply_tokens:,} out",
            "cost": f"{report.cost:.4f}",
            "nearest on average": f"{report.average_similarity:.3f}",
            "seeds": f"{report.seeds:,}, {len(report.broken_seeds):,} broken lines",
            "fingerprint": report.fingerprint,
        }
    return told


def _row(name: str, value: str) -> str:
    return f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"


def _bars(counts: Mapping[str, int]) -> str:
    most = max(counts.values(), default=0) or 1
    return "".join(
        f'<tr><td>{escape(name or "none")}</td><td class="number">{count:,}</td>'
        f'<td class="bar"><div style="width:{_PERCENT * count / most:.1f}%"></div></td></tr>'
        for name, count in counts.items()
    )


def _item(item: Item) -> str:
    similar = (f"{score:.2f} {text}" for text, score in item.most_similar_instructions.items())
    parts = (
        item.input,
        item.output,
        f"Result:\n{item.result}" if item.result else "",
        "Most similar:\n" + "\n".join(similar),
        f"From request {item.provenance.request}, seeds {', '.join(item.provenance.seed_ids)}",
    )
    return _details(item.instruction, parts)


def _drop(drop: Drop) -> str:
    return _details(f"{drop.reason}: {drop.instruction}", (drop.detail, drop.output))


def _details(title: str, parts: Iterable[str]) -> str:
    blocks = "".join(f"<pre>{escape(part)}</pre>" for part in parts if part)
    return f"<details><summary>{escape(title)}</summary>{blocks}</details>"


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))
