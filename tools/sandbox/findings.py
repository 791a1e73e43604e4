"""From the type checker's findings to advice a model can act on.

    finding = Finding("invalid-key", 'Unknown key "nam" for TypedDict `Person`', line=1, column=5)
    explain_finding(finding, source, domain)
    # Advice("line 1: `…`: a Person has no field 'nam'", "A Person has person_id, name, …")

Only findings that are certain to be mistakes are passed on. A type checker also objects to programs that run
well (a value that is None on a branch never taken), and refusing those would be worse than running them.
"""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple, get_args

from pydantic import BaseModel

from herdwick.tools.domain import Domain
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.sandbox.source import Source

_CALL_RULES = frozenset(
    {"unknown-argument", "missing-argument", "too-many-positional-arguments", "parameter-already-assigned"}
)
_CALLED = re.compile(r"function `(\w+)`")
_QUOTED = re.compile(r"`(\w+)`")
_MISMATCH = re.compile(r"Argument to function `(\w+)` is incorrect: Expected `(.+?)`, found `(.+)`")
_UNKNOWN_KEY = re.compile(r'Unknown key "(.+?)" for TypedDict `(\w+)`')
_NO_ATTRIBUTE = re.compile(r"Object of type `(\w+)` has no attribute `(\w+)`")
_LIST_KEY = re.compile(r'with key of type `Literal\[("[^"]+")\]` on object of type `list\[(\w+)\]`')
_UNSURE = ("Any", "Unknown", "object", "@Todo", "Divergent")


class Finding(NamedTuple):
    """One diagnostic of the type checker.

    Attributes:
        rule: Its name of the rule.
        message: Its words.
        line: Line in the program, counted from 1.
        column: Column of the expression, in characters, counted from 1.
    """

    rule: str
    message: str
    line: int
    column: int


class Advice(NamedTuple):
    """A finding in words for the program's author: what is wrong, and what to write instead."""

    message: str
    hint: str


def explain_finding(finding: Finding, source: Source, domain: Domain) -> Advice | None:
    """The advice a finding amounts to, or None when it may be a false alarm."""
    explain = {
        **dict.fromkeys(_CALL_RULES, _explain_call),
        "invalid-argument-type": _explain_argument,
        "invalid-key": _explain_key,
        "unresolved-attribute": _explain_attribute,
        "unresolved-reference": _explain_name,
    }.get(finding.rule)
    advice = explain(finding, source, domain) if explain else None
    return advice and Advice(f"{source.at(finding.line)}: {advice.message}.", advice.hint)


def _explain_call(finding: Finding, _source: Source, domain: Domain) -> Advice | None:
    spec = _spec(finding.message, domain)
    if spec is None:
        return None
    takes = f"{spec.name} takes {', '.join(spec.parameters)}."
    if finding.rule == "unknown-argument":
        return Advice(f"{spec.name} has no parameter {_quoted(finding.message)}", takes)
    if finding.rule == "missing-argument":
        return Advice(f"{spec.name} needs {_quoted(finding.message)}", takes)
    if finding.rule == "parameter-already-assigned":
        return Advice(f"{spec.name} is given {_quoted(finding.message)} twice", takes)
    return Advice(f"{spec.name} is given too many arguments", takes)


def _explain_argument(finding: Finding, source: Source, domain: Domain) -> Advice | None:
    if indexed := _LIST_KEY.search(finding.message):
        return Advice(
            f"this is a list of {indexed[2]}, so [{indexed[1]}] cannot be taken of it",
            f"Take one element first, as in x[0][{indexed[1]}], or go through all of them.",
        )
    mismatch = _MISMATCH.match(finding.message)
    spec = _spec(finding.message, domain)
    if mismatch is None or spec is None or _may_fit(mismatch[3], mismatch[2], domain):
        return None
    expected, found = mismatch[2], mismatch[3]
    parameter = _parameter_at(finding, source, spec)
    producers = [other.name for other in domain.functions if expected in other.produces]
    article = _article(expected)
    if found.startswith("Literal["):
        found = f"the constant {found.removeprefix('Literal[').removesuffix(']')}"
    elif found.startswith(("Overload[", "def ", "(")):
        found = "a function"
    else:
        found = f"{_article(found)} {found.partition('[')[0]}"
    return Advice(
        f"{spec.name}({parameter}=…) needs {article} {expected}, not {found}",
        f"{article.capitalize()} {expected} comes from {' or '.join(producers)}."
        if producers and expected not in ("str", "int")
        else f"Give {parameter} as it stands in the question.",
    )


def _explain_key(finding: Finding, source: Source, domain: Domain) -> Advice | None:
    unknown = _UNKNOWN_KEY.match(finding.message)
    fields = _records(domain).get(unknown[2]) if unknown else None
    if unknown is None or fields is None or unknown[1] in _own_keys(source.tree):
        return None
    return Advice(
        f"{_article(unknown[2])} {unknown[2]} has no field {unknown[1]!r}",
        f"{_article(unknown[2]).capitalize()} {unknown[2]} has {', '.join(fields)}.",
    )


def _explain_attribute(finding: Finding, _source: Source, domain: Domain) -> Advice | None:
    missing = _NO_ATTRIBUTE.match(finding.message)
    if missing is None or missing[1] not in _records(domain):
        return None
    return Advice(
        f"{_article(missing[1])} {missing[1]} is a dict and has no attribute {missing[2]}",
        f'Write ["{missing[2]}"] instead of .{missing[2]}.',
    )


def _explain_name(finding: Finding, _source: Source, _domain: Domain) -> Advice | None:
    name = _quoted(finding.message)
    return Advice(f"{name} is used but never set", f"Set {name} before this line.")


def _spec(message: str, domain: Domain) -> FunctionSpec | None:
    called = _CALLED.search(message)
    return next((spec for spec in domain.functions if called and spec.name == called[1]), None)


def _quoted(message: str) -> str:
    found = _QUOTED.search(message)
    return found[1] if found else "an argument"


def _may_fit(found: str, expected: str, domain: Domain) -> bool:
    """Whether any type of a union could be right, or the checker is unsure."""
    in_question = {
        entity.name
        for spec in domain.functions
        for entity in spec.parameters.values()
        if entity and entity.in_question
    }
    opaque = expected not in ("str", "int")
    for member in found.split(" | "):
        if member == expected or member.startswith(_UNSURE):
            return True
        # A plain string may well be an id that went through `str()` or a dict of the program's own.
        if opaque and member in ("str", "int"):
            return True
        if not opaque and (
            member in in_question or member in ("bool", "float") or member.startswith('Literal["')
        ):
            return True
    return False


def _parameter_at(finding: Finding, source: Source, spec: FunctionSpec) -> str:
    """Name of the parameter whose argument the finding points at."""
    names = list(spec.parameters)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == spec.name:
            for name, argument in zip(names, node.args, strict=False):
                if source.position(argument) == (finding.line, finding.column):
                    return name
            for keyword in node.keywords:
                if keyword.arg and source.position(keyword) == (finding.line, finding.column):
                    return keyword.arg
    return names[0]


def _own_keys(tree: ast.Module) -> frozenset[str]:
    """Keys that the program itself puts into dicts, perhaps into a record."""
    keys: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            keys.append(node.slice)
        elif isinstance(node, ast.Dict):
            keys.extend(node.keys)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            keys.extend(node.args[:1] if node.func.attr == "setdefault" else [])
    return frozenset(
        key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    )


def _records(domain: Domain) -> dict[str, tuple[str, ...]]:
    """Field names of the result models, by model name."""
    return {
        model.__name__: tuple(model.model_fields)
        for spec in domain.functions
        for model in _models_in(spec.result)
    }


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from _models_in(field.annotation)
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _article(word: str) -> str:
    return "an" if word[:1] in "AEIOUaeiou" else "a"
