"""What Python's own functions and methods do to the origins of values.

    builtin_result("max", [persons], {}, applied=NOTHING)      # one of the persons
    method_result("items", [infos], {}, applied=NOTHING)       # pairs of key and info

`applied` is what the functions among the arguments returned for the items: the results of `map`, and for
others a value that may be part of the result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from herdwick.tools.sandbox.values import NO_CELLS, NOTHING, Value, join, mixture

PICKING = frozenset({"max", "min", "next"})
"""Functions that take one element, and fail when there is none."""

ITEMWISE = frozenset({"filter", "map", "max", "min", "sort", "sorted"})
"""Functions and methods that run a function on the items of what they are given, and on nothing else."""

LAZY = frozenset({"enumerate", "items", "iter", "keys", "reversed", "values", "zip"})
"""Functions and methods whose result follows later changes of what they were given."""

_ADDING = frozenset({"add", "append", "appendleft", "insert"})
_LISTS = frozenset({"extend", "extendleft"})
_MERGING = _LISTS | frozenset({"subtract", "symmetric_difference_update", "update"})
MUTATORS = _ADDING | _MERGING
"""Methods that put their arguments into the object they are called on; `setdefault` does too."""

_COUNTING = frozenset({"all", "any", "bool", "isinstance", "len", "print", "range"})
_SILENT = frozenset({"clear", "count", "discard", "remove", "reverse", "sort"})
PLAIN = _COUNTING | _SILENT
"""Functions and methods that return a number, or nothing."""

_SAME_LENGTH = frozenset({"frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"})


def builtin_result(name: str, given: Sequence[Value], named: Mapping[str, Value], applied: Value) -> Value:
    """The result of a built-in or imported function; anything unknown may return all it was given."""
    first = given[0] if given else NOTHING
    if name in _COUNTING:
        return NOTHING
    if name in _SAME_LENGTH:
        return first.contents()
    if name == "map":
        return Value(items=applied)
    if name == "filter":
        return Value(items=join(*given[1:]).item())
    if name == "zip":
        return Value(items=Value(fields={index: value.item() for index, value in enumerate(given)}))
    if name == "enumerate":
        return Value(whole=first.whole, items=Value(fields={0: NOTHING, 1: first.item()}))
    if name == "dict":
        return put("update", given, named)
    if name in PICKING and given:
        candidates = [first.item(), *given[1:]] if name == "next" or len(given) == 1 else given
        return join(*candidates, named.get("default", NOTHING))
    return mixture(*given, *named.values(), applied)


def method_result(name: str, given: Sequence[Value], named: Mapping[str, Value], applied: Value) -> Value:
    """The result of a method that changes nothing; `given` begins with the object itself."""
    base = given[0]
    if name in _SILENT:
        return NOTHING
    if name == "items":
        return Value(whole=base.whole, items=Value(fields={0: base.below(), 1: base.item()}))
    if name == "keys":
        return Value(whole=base.whole, items=base.below())
    if name == "values":
        return base.contents()
    if name == "copy":
        return replace(base, cells=NO_CELLS)
    return mixture(*given, *named.values(), applied)


def put(name: str, given: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """What one of the `MUTATORS` adds to its object."""
    if name in _ADDING:
        return Value(items=join(*given, *named.values()))
    keywords = [Value(fields={key: value}) for key, value in named.items()]
    if name in _LISTS:
        return join(*(value.contents() for value in given))
    # A dict takes dicts, but also pairs; a set and a counter take the elements of anything.
    dicts = [replace(value, cells=NO_CELLS) for value in given]
    pairs = [value.item() for value in given if not _is_dict(value)]
    keys = mixture(*pairs)
    made = Value(keys.origins, items=join(*pairs, *(pair.item() for pair in pairs)), inner=keys.cells)
    return join(*dicts, made if pairs else NOTHING, *keywords)


def _is_dict(value: Value) -> bool:
    return bool(value.fields) and all(isinstance(key, str) for key in value.fields)
