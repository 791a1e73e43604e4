"""What the values of an answer are: ASNs, prefixes, or mere numbers.

    kinds = kinds_of(answer)
    kinds.readable(answer.answer)      # {"origin_asn": "AS64496", "peers": 3}

A value is of a kind because the functions that were called declare it so, or because a field has a name that
means the same all over the domain. Numbers are never judged by their size.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, JsonValue

from herdwick.agents.answer import Answer
from herdwick.agents.cli.result_field import Result, result_field
from herdwick.tools.domain import domain_names, get_domain
from herdwick.tools.entity_words import EntityWords
from herdwick.tools.functions import Entity, FunctionSpec


@dataclass(frozen=True)
class Kinds:
    """What the values of one answer are.

    Attributes:
        fields: Words for what is in a field, by its name.
        result: What the answer itself consists of.
    """

    fields: Mapping[str, EntityWords] = field(default_factory=dict)
    result: Result = field(default_factory=Result)

    @property
    def element(self) -> EntityWords | None:
        """Words for a bare value, or for each in a list of them; None if it is of no kind."""
        return self.fields.get(self.result.field)

    def readable(self, value: JsonValue) -> JsonValue:
        """The same value, each number that is a name written as one."""
        return self._readable(value, None if self.result.is_count else self.element)

    def _readable(self, value: JsonValue, words: EntityWords | None) -> JsonValue:
        if isinstance(value, Mapping):
            return {name: self._readable(item, self.fields.get(name)) for name, item in value.items()}
        if isinstance(value, list):
            return [self._readable(item, words) for item in value]
        if words and words.prefix and isinstance(value, int) and not isinstance(value, bool):
            return f"{words.prefix}{value}"
        return value


def kinds_of(answer: Answer) -> Kinds:
    """The kinds of the values of `answer`."""
    if answer.domain not in domain_names():
        return Kinds()
    domain = get_domain(answer.domain)
    calls = [call for call in answer.calls if call.ok]
    called = [spec for spec in domain.functions if spec.name in {call.tool for call in calls}]
    # What the functions called say counts for more than what a name mostly means.
    entities = _agreed(_declared(domain.functions)) | _agreed(_results(called), keep_unclear=True)
    for name, argument in domain.keyed_by.items():
        keys = {str(call.args.get(argument, "")) for call in calls}
        entities[name] = entities.get(*keys) if len(keys) == 1 else None
    known = {
        name: domain.entities[kind] for name, kind in entities.items() if kind and kind in domain.entities
    }
    return Kinds(known, result_field(answer.program))


def _declared(specs: Iterable[FunctionSpec]) -> list[tuple[str, str | None]]:
    listed = [*specs]
    arguments = [pair for spec in listed for pair in _fields(spec.args_schema)]
    return [*arguments, *_results(listed)]


def _results(specs: Iterable[FunctionSpec]) -> list[tuple[str, str | None]]:
    return [pair for spec in specs for pair in _fields(spec.result)]


def _agreed(fields: Iterable[tuple[str, str | None]], *, keep_unclear: bool = False) -> dict[str, str | None]:
    """The entity of each name for which all have the same; None for others if those are kept."""
    found: dict[str, set[str | None]] = {}
    for name, entity in fields:
        found.setdefault(name, set()).add(entity)
    agreed = {name: next(iter(kinds)) if len(kinds) == 1 else None for name, kinds in found.items()}
    return {name: kind for name, kind in agreed.items() if kind or keep_unclear}


def _fields(annotation: Any) -> list[tuple[str, str | None]]:
    """Every field of every record in an annotation, with its own entity."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = get_type_hints(annotation, include_extras=True)
        own = [(name, _entity(hints[name])) for name in annotation.model_fields]
        return [*own, *(pair for name in annotation.model_fields for pair in _fields(hints[name]))]
    return [pair for argument in get_args(annotation) for pair in _fields(argument)]


def _entity(annotation: Any) -> str | None:
    """The entity of a value, of one that may be missing, or of the values of a list."""
    if get_origin(annotation) is Annotated:
        marked = (extra.name for extra in annotation.__metadata__ if isinstance(extra, Entity))
        return next(marked, None) or _entity(annotation.__origin__)
    found = {_entity(argument) for argument in get_args(annotation) if argument is not type(None)}
    return next(iter(found)) if len(found) == 1 else None
