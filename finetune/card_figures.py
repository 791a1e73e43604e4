"""The figures of an evaluation as a table of a model card.

figures_table({"refusals": {"right": 73, "n": 77, "low": 0.874, "high": 0.98}})
# | refusals | 73 of 77: 94.8 % (87.4 to 98.0) |

Which figures there are is the evaluation's affair; only the shape of a share and of a group of questions is
known here.
"""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

_DETAILS = ("intent:", "templates", "judged_with", "asked_with")
"""Groups too small for a figure each, and what is no figure; they stay in the JSON file."""


def figures_table(metrics: Mapping[str, JsonValue]) -> str:
    """Markdown with a row for every number, short text, share and group in `metrics`."""
    rows = list(_rows(metrics))
    if not rows:
        return "Not measured yet."
    return "\n".join(["| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _rows(metrics: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in metrics.items():
        name = f"{prefix}{key}"
        if key.startswith(_DETAILS):
            continue
        if isinstance(value, dict):
            if {"plan", "strict"} <= value.keys():
                yield name, _group(value)
            elif {"right", "n", "low", "high"} <= value.keys():
                yield name, _share(value)
            else:
                yield from _rows(value, f"{name} / ")
        elif isinstance(value, float):
            yield name, f"{value:.4g}"
        elif isinstance(value, int | str) and value != "":
            yield name, str(value)


def _group(group: Mapping[str, JsonValue]) -> str:
    plan, strict = (_share(share) for name in ("plan", "strict") if isinstance(share := group[name], dict))
    return f"plan {plan}; answer {strict}"


def _share(share: Mapping[str, JsonValue]) -> str:
    """A share with its 95 % interval, as `evals` computes it."""
    right, count, low, high = (share[name] for name in ("right", "n", "low", "high"))
    if not (isinstance(right, int) and isinstance(count, int) and count):
        return "none asked"
    return f"{right} of {count}: {right / count:.1%} ({_percent(low)} to {_percent(high)})"


def _percent(value: JsonValue) -> str:
    return f"{value:.1%}" if isinstance(value, float) else str(value)
