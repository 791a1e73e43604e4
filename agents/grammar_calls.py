"""The part of the grammar that writes calls: each argument once at most, in order, with a value of its type.

    rules = call_rules(domain.functions, "Which AS originates 192.0.2.0/24?", numbers=[])
    rules["call-origins"]

What an argument can be follows from its annotation: text is a run of the question's words, or where the
entity says how it is spelled one of the places where the question spells it so; an integer is one that the
question mentions, or a bound of its own; a `Literal` is one of its values.
"""

import json
from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from herdwick.agents.durations import durations_in
from herdwick.agents.gbnf import choice, literal, longest_first, rule_name
from herdwick.tools.functions import Entity, FunctionSpec

SECONDS_IN = (1, 60, 3_600)
"""Units in which questions give what a parameter called `seconds` or `…_seconds` takes."""

USUAL_SECONDS = (1, 60, 300, 3_600, 86_400)
"""What "a minute" or "daily" mean without a number."""


def call_rules(functions: Sequence[FunctionSpec], question: str, numbers: Sequence[int]) -> dict[str, str]:
    """The rule `call-NAME` of each function, and those that it refers to.

    Args:
        functions: Those that can be called.
        question: As it stands in the prompt.
        numbers: The integers it mentions.

    Returns:
        Rules that refer to `first`, `later` and `access` besides each other.
    """
    calls = _Calls(question, numbers)
    for spec in functions:
        calls.add(spec)
    return calls.rules


def spelled_integers(functions: Sequence[FunctionSpec], question: str) -> list[int]:
    """The integers that a question spells otherwise than in digits alone, such as AS numbers in asdot."""
    entities = {
        entity
        for spec in functions
        for name, entity in spec.parameters.items()
        if entity and _plain(spec.args_schema.model_fields[name].annotation) is int
    }
    return sorted({int(text) for entity in entities for text in entity.texts_in(question)})


class _Calls:
    def __init__(self, question: str, numbers: Sequence[int]) -> None:
        self.rules: dict[str, str] = {}
        self._question, self._numbers = question, numbers
        self._values: dict[str, str] = {}

    def add(self, spec: FunctionSpec) -> None:
        """The rules of one function.

        Arguments that a question supplies are whole. Where ids are passed on, an expression follows, such as
        another call, and only the opening is ruled.
        """
        call = f"call-{rule_name(spec.name)}"
        opening, closing = literal(f"{spec.name}("), literal(")")
        if not spec.starts_plans or not spec.parameters:
            self.rules[call] = opening
            return
        values = {
            name: self._value(name, field, spec.parameters[name], first=position == 0)
            for position, (name, field) in enumerate(spec.args_schema.model_fields.items())
        }
        written = [name for name, value in values.items() if value]
        arguments = []
        if values[next(iter(values))]:
            # Without its name only the very first.
            arguments.append(f"{values[written[0]]} {_rest(call, written, 0)}")
        if written:
            arguments.append(f"{call}-from0")
        needs_some = _needs_some(spec)
        if arguments:
            self.rules[call] = f"{opening} ({' | '.join(arguments)}){'' if needs_some else '?'} {closing}"
        else:
            self.rules[call] = f"{opening} {closing}"
        for at, name in enumerate(written):
            skipped = f" | {call}-from{at + 1}" if at + 1 < len(written) else ""
            self.rules[f"{call}-from{at}"] = (
                f"{literal(f'{name}=')} {values[name]} {_rest(call, written, at)}{skipped}"
            )

    def _value(self, name: str, field: FieldInfo, entity: Entity | None, *, first: bool) -> str:
        """Name of the rule of a parameter's values; '' if this question has none."""
        kind = _plain(field.annotation)
        if kind is str and not (entity and entity.spelled):
            return "first" if first else "later"
        body = _body(kind, name, field, entity, self._question, self._numbers)
        if not body:
            return ""
        # Many functions have the same parameters.
        if body not in self._values:
            self._values[body] = f"value{len(self._values)}"
            self.rules[self._values[body]] = body
        return self._values[body]


def _body(
    kind: Any, name: str, field: FieldInfo, entity: Entity | None, question: str, numbers: Sequence[int]
) -> str:
    """What a parameter's value can be; '' if nothing."""
    if get_origin(kind) is Literal:
        return choice(value if isinstance(value, int) else json.dumps(value) for value in get_args(kind))
    if get_origin(kind) is list:
        return _list(_plain(get_args(kind)[0]), numbers)
    if kind is str and entity:
        texts = dict.fromkeys([*entity.texts_in(question), *entity.well_known])
        return f"{choice(map(json.dumps, texts))} | access" if texts else ""
    if kind is bool:
        return choice(["True", "False"])
    if kind is int:
        mentioned = [*numbers]
        if name == "seconds" or name.endswith("_seconds"):
            mentioned = _seconds(question, numbers)
        elif not entity:
            # "more than three" is at least four.
            mentioned += [number + 1 for number in numbers] + [1, *_bounds(field)]
        return f"{choice(longest_first(mentioned))} | access" if mentioned else ""
    return ""


def _seconds(question: str, numbers: Sequence[int]) -> list[int]:
    """The lengths of time that a question gives, and numbers in any unit that have none."""
    stated = durations_in(question)
    bare = [number for number in numbers if number not in stated.values()]
    return [*stated, *(number * unit for number in bare for unit in SECONDS_IN), *USUAL_SECONDS]


def _list(item: Any, numbers: Sequence[int]) -> str:
    """What a parameter's list can be: a choice, integers that the question mentions, or a group of them."""
    if get_origin(item) is Literal:
        return f"{literal('[')} ({choice(map(json.dumps, get_args(item)))}) {literal(']')}"
    if item is int and numbers:
        one = f"({choice(longest_first(numbers))})"
        return f"{literal('[')} {one} ({literal(', ')} {one})* {literal(']')}"
    if get_origin(item) is list and (group := _list(_plain(get_args(item)[0]), numbers)):
        return f"{literal('[')} {group} {literal(']')}"
    return ""


def _bounds(field: FieldInfo) -> Iterator[int]:
    """The least and the greatest that an integer can be."""
    for constraint in field.metadata:
        for bound in (getattr(constraint, "ge", None), getattr(constraint, "le", None)):
            if isinstance(bound, int):
                yield bound


def _plain(annotation: Any) -> Any:
    """An annotation without `None` and without metadata."""
    if get_origin(annotation) is Annotated:
        return _plain(annotation.__origin__)
    if get_origin(annotation) in (Union, UnionType):
        rest = [_plain(kind) for kind in get_args(annotation) if kind is not NoneType]
        if all(get_origin(kind) is Literal for kind in rest):
            return Literal[tuple(value for kind in rest for value in get_args(kind))]
        return rest[0] if len(rest) == 1 else annotation
    return annotation


def _needs_some(spec: FunctionSpec) -> bool:
    """Whether a call without arguments would be refused."""
    try:
        spec.args_schema.model_validate({})
    except ValidationError:
        return True
    return False


def _rest(call: str, names: Sequence[str], at: int) -> str:
    return f"({literal(', ')} {call}-from{at + 1})?" if at + 1 < len(names) else ""
