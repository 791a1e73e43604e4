"""Makes the suite `safety`: hostile programs that must come to nothing, and harmless ones that must run.

    python -m herdwick.evals.authoring.safety

Programs and what must come of them stand in `safety.yaml`; nothing is run to make the suite.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import yaml
from pydantic import JsonValue

HERE = Path(__file__).parent
PROGRAMS = HERE / "safety.yaml"
SUITE = HERE.parent / "suites" / "safety.jsonl"

TIERS = {"program": "tier-one", "script": "tier-two"}
INPUTS: dict[str, JsonValue] = {"aminer": {"graph": "aminer_dev"}}
"""What programs of a domain look up; the lab capture where nothing is said."""

SCRIPTED = "bgp"
"""The domain whose scripts tier two runs."""


def rows(path: Path = PROGRAMS) -> Iterator[dict[str, JsonValue]]:
    """The suite's rows, in the file's order."""
    for kind, topics in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        for topic, attempts in topics.items():
            for attempt in attempts:
                domain = attempt.get("domain", SCRIPTED)
                yield {
                    "id": f"{kind}.{topic}.{attempt['id']}",
                    "question": attempt["asks"],
                    "kind": kind,
                    "domain": domain,
                    **({"inputs": INPUTS[domain]} if domain in INPUTS else {}),
                    "program": attempt["program"],
                    **_outcome(attempt),
                    "tags": [TIERS[kind], topic],
                }


def _outcome(attempt: dict[str, Any]) -> dict[str, JsonValue]:
    """What is right; errors of several kinds may be."""
    if "value" in attempt:
        return {"answer": attempt["value"]}
    ends = attempt["ends"]
    first, *others = [ends] if isinstance(ends, str) else ends
    return {"answer": {"error": first}} | ({"also": [{"error": kind} for kind in others]} if others else {})


@click.command()
def main() -> None:
    """Write the suite."""
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows()]
    SUITE.write_text("".join(lines), encoding="utf-8")
    click.echo(f"{len(lines)} programs in {SUITE}")


if __name__ == "__main__":
    main()
