"""Where a value comes from: the abstract values that `dataflow` computes with.

    person = Value(origins=frozenset({site}), whole=frozenset({site}))
    person.element().field("person_id").all_origins()     # {site}

A container stands for its elements (a list of persons *is* a person), except that constant keys of dicts and
tuples are kept apart, so that `{"name": c["name"], "hit": searchPerson(…)}` does not mix its two sources.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Key = str | int
Span = tuple[int, int, int, int]
Function = ast.FunctionDef | ast.Lambda

MAX_FIELD_DEPTH = 4
"""Nesting up to which constant keys are told apart; below it all origins are merged."""

MAX_FIELDS = 40
"""Constant keys told apart in one dict; beyond it all origins are merged, so that checking stays linear."""


@dataclass(frozen=True)
class Site:
    """A call of an API function, at one place of a program.

    A call inside a function of the program is a site of its own for every place the function is called from.

    Attributes:
        function: The API function.
        line: Line of the call, counted from 1.
        span: Position of the call expression in the source, as `ast` gives it.
        path: Positions of the calls of the program's own functions that lead here, outermost first.
    """

    function: str
    line: int
    span: Span
    path: tuple[Span, ...] = ()


Origins = frozenset[Site]
NOWHERE: Origins = frozenset()


@dataclass(frozen=True)
class Value:
    """What is known about a value.

    Attributes:
        origins: Calls whose results it, or its elements, were taken from.
        whole: Calls whose lists have as many elements as this one, so that it is empty when they are.
        fields: Values under constant keys.
        functions: Functions of the program that it may be.
    """

    origins: Origins = NOWHERE
    whole: Origins = NOWHERE
    fields: Mapping[Key, "Value"] = field(default_factory=dict)
    functions: tuple[Function, ...] = ()

    def all_origins(self) -> Origins:
        """The origins of everything in it."""
        return self.origins.union(*(value.all_origins() for value in self.fields.values()))

    def flat(self) -> "Value":
        """Only the origins, as of a string built from it."""
        return Value(self.all_origins())

    def element(self) -> "Value":
        """An element of a container."""
        return replace(self, whole=NOWHERE) if self.whole else self

    def member(self) -> "Value":
        """An element whose key is unknown."""
        return join(self.element(), *self.fields.values())

    def field(self, key: Key) -> "Value":
        """The value under a constant key."""
        if key in self.fields:
            return join(Value(self.origins), self.fields[key])
        if isinstance(key, int):
            return self.element()
        # Not a key we have seen: a field of an API record, or a dict behind a key we could not follow.
        return Value(self.origins or self.all_origins())

    def with_field(self, key: Key, value: "Value") -> "Value":
        """This value after `self[key] = value`."""
        known = self.fields.get(key, Value())
        return bounded(replace(self, fields={**self.fields, key: join(known, value)}))


def join(*values: Value) -> Value:
    """A value that may be any of `values`."""
    known = [value for value in values if value is not NOTHING]
    if len(known) <= 1:
        return known[0] if known else NOTHING
    keys = dict.fromkeys(key for value in known for key in value.fields)
    joined = Value(
        origins=NOWHERE.union(*(value.origins for value in known)),
        whole=NOWHERE.union(*(value.whole for value in known)),
        fields={key: join(*(v.fields[key] for v in known if key in v.fields)) for key in keys},
        functions=tuple(dict.fromkeys(function for value in known for function in value.functions)),
    )
    return bounded(joined)


def bounded(value: Value, depth: int = MAX_FIELD_DEPTH) -> Value:
    """The value with its fields cut to `MAX_FIELDS` and `MAX_FIELD_DEPTH`."""
    if not value.fields:
        return value
    if depth == 0 or len(value.fields) > MAX_FIELDS:
        return Value(value.all_origins(), value.whole, functions=value.functions)
    return replace(value, fields={key: bounded(inner, depth - 1) for key, inner in value.fields.items()})


NOTHING = Value()
"""The value that no call had a part in."""
