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
Function = ast.FunctionDef | ast.Lambda

MAX_FIELD_DEPTH = 4
"""Nesting up to which constant keys are told apart; below it all origins are merged."""


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
    span: tuple[int, int, int, int]
    path: tuple[tuple[int, int, int, int], ...] = ()


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
        return replace(self, whole=NOWHERE)

    def member(self) -> "Value":
        """An element whose key is unknown."""
        return join(self.element(), *(value for value in self.fields.values()))

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
        return _bounded(replace(self, fields={**self.fields, key: join(known, value)}), MAX_FIELD_DEPTH)


def join(*values: Value) -> Value:
    """A value that may be any of `values`."""
    if len(values) == 1:
        return values[0]
    keys = dict.fromkeys(key for value in values for key in value.fields)
    return _bounded(
        Value(
            origins=NOWHERE.union(*(value.origins for value in values)),
            whole=NOWHERE.union(*(value.whole for value in values)),
            fields={key: join(*(v.fields[key] for v in values if key in v.fields)) for key in keys},
            functions=tuple(dict.fromkeys(function for value in values for function in value.functions)),
        ),
        MAX_FIELD_DEPTH,
    )


def _bounded(value: Value, depth: int) -> Value:
    if not value.fields:
        return value
    if depth == 0:
        return Value(value.all_origins(), value.whole, functions=value.functions)
    return replace(value, fields={key: _bounded(inner, depth - 1) for key, inner in value.fields.items()})
