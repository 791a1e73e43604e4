"""From the type checker's findings to advice a model can act on.

    finding = Finding("invalid-key", 'Unknown key "nam" for TypedDict `Person`', line=1, column=5)
    explain_finding(finding, source, domain)
    # Advice("line 1: `…`: a Person has no field 'nam'", "A Person has person_id, name, …")

Only findings that are certain to be mistakes are passed on. A type checker also objects to programs that run
well (a value that is None on a branch never taken), and refusing those would be worse than running them.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, get_args, get_type_hints

from pydantic import BaseModel

from herdwick.tools.domain import Domain
from herdwick.tools.functions import FunctionSpec
from herdwick.tools.sandbox.source import BUILTINS, Source, bound_names

_CALL_RULES = frozenset(
    {"unknown-argument", "missing-argument", "too-many-positional-arguments", "parameter-already-assigned"}
)
_CALLED = re.compile(r"function `(\w+)`")
_QUOTED = re.compile(r"`(\w+)`")
_MISMATCH = re.compile(r"Argument to function `(\w+)` is incorrect: Expected `(.+?)`, found `(.+)`")
_UNKNOWN_KEY = re.compile(r'Unknown key "(.+?)" for TypedDict `(\w+)`')
_NO_ATTRIBUTE = re.compile(r"Object of type `(\w+)` has no attribute `(\w+)`")
_UNION = re.compile(r"\(subscripted object has type `(.+)`\)")
_NUMBER_KEY = re.compile(r"TypedDict `(\w+)` can only be subscripted .* got key of type `Literal\[(-?\d+)\]`")
_TEXT_KEY = re.compile(r'with key of type `Literal\[("[^"]+")\]` on object of type `(str|list\[(\w+)\])`')
_CONSTANTS = {"str": 'Literal["', "bool": "Literal[True"}
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


class _EntityType(NamedTuple):
    plain: str
    in_question: bool


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
    if indexed := _TEXT_KEY.search(finding.message):
        certain = _has_one_type(finding, source, json.loads(indexed[1]))
        return _explain_text_key(indexed[1], indexed[3]) if certain else None
    mismatch = _MISMATCH.match(finding.message)
    spec = _spec(finding.message, domain)
    if mismatch is None or spec is None:
        return None
    expected, found = mismatch[2], mismatch[3]
    if _may_fit(found, expected, _entities(domain)):
        return None
    parameter = _parameter_at(finding, source, spec)
    producers = [other.name for other in domain.functions if expected in other.produces]
    wanted = f"{_article(expected)} {expected}"
    if producers:
        hint = f"{_article(expected).capitalize()} {expected} comes from {' or '.join(producers)}."
    else:
        hint = f"Give {parameter} as it stands in the question."
    return Advice(f"{spec.name}({parameter}=…) needs {wanted}, not {_in_words(found)}", hint)


def _in_words(found: str) -> str:
    """A type of the checker's as a reader would name it."""
    if found.startswith("Literal["):
        return f"the constant {found.removeprefix('Literal[').removesuffix(']')}"
    if found.startswith(("Overload[", "def ", "(")):
        return "a function"
    return f"{_article(found)} {found.partition('[')[0]}"


def _explain_text_key(key: str, element: str | None) -> Advice:
    if element is None:
        return Advice(
            f"this is a text, so [{key}] cannot be taken of it",
            "A loop over a dict gives its keys; go through the list that holds the dicts.",
        )
    return Advice(
        f"this is a list of {element}, so [{key}] cannot be taken of it",
        f"Take one element first, as in x[0][{key}], or go through all of them.",
    )


def _explain_key(finding: Finding, source: Source, domain: Domain) -> Advice | None:
    records = _records(domain)
    numbered = _NUMBER_KEY.match(finding.message)
    if numbered and numbered[1] in records and _has_one_type(finding, source, int(numbered[2])):
        return Advice(
            f"{_article(numbered[1])} {numbered[1]} is one dict, not a list",
            f"Leave out [{numbered[2]}].",
        )
    unknown = _UNKNOWN_KEY.match(finding.message)
    fields = records.get(unknown[2]) if unknown else None
    if unknown is None or fields is None or unknown[1] in _own_keys(source.tree):
        return None
    union = _UNION.search(finding.message)
    for member in _members(union[1]) if union else ():
        if member != "None" and unknown[1] in records.get(member, (unknown[1],)):
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
    if name in BUILTINS:  # Monty's checker does not know every function that Monty has.
        return None
    return Advice(f"{name} is used but never set", f"Set {name} before this line.")


def _spec(message: str, domain: Domain) -> FunctionSpec | None:
    called = _CALLED.search(message)
    return next((spec for spec in domain.functions if called and spec.name == called[1]), None)


def _quoted(message: str) -> str:
    found = _QUOTED.search(message)
    return found[1] if found else "an argument"


def _may_fit(found: str, expected: str, entities: Mapping[str, "_EntityType"]) -> bool:
    """Whether any type of a union could be right, or the checker is unsure."""
    wanted = entities.get(expected)
    for member in _members(found):
        if member == expected or member.startswith(_UNSURE):
            return True
        # A plain value may well be an id that went through `str()` or a dict of the program's own.
        if wanted and member in ("str", wanted.plain):
            return True
        given = entities.get(member)
        if given and given.in_question and given.plain == expected:
            return True
        if member.startswith(_CONSTANTS.get(expected, "\0")):
            return True
    return False


def _entities(domain: Domain) -> dict[str, "_EntityType"]:
    """The entity types among the parameters, by name."""
    found: dict[str, _EntityType] = {}
    for spec in domain.functions:
        plain = get_type_hints(spec.args_schema)
        for name, entity in spec.parameters.items():
            if entity:
                found[entity.name] = _EntityType(getattr(plain[name], "__name__", ""), entity.in_question)
    return found


def _members(union: str) -> list[str]:
    """The members of a union type, without what is known about their truth (`str & ~AlwaysFalsy`)."""
    members, depth = [""], 0
    for part in re.split(r"( \| |[\[\]()])", union):
        depth += (part in ("[", "(")) - (part in ("]", ")"))
        if part == " | " and depth == 0:
            members.append("")
        else:
            members[-1] += part
    return [member.partition(" & ")[0] for member in members]


def _has_one_type(finding: Finding, source: Source, key: str | int) -> bool:
    """Whether what is subscripted with `key` can be of one type only.

    Of a value that may be a list or one of its elements, the checker reports the member that does not fit,
    and does not say that there are others.
    """
    at = (finding.line, finding.column)
    bound = Counter(bound_names(source.tree))
    branches = any(isinstance(node, ast.IfExp | ast.BoolOp) for node in ast.walk(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == repr(key):
            if at not in (source.position(node), source.position(node.slice)):
                continue
            return not isinstance(node.value, ast.Name) or (bound[node.value.id] == 1 and not branches)
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
