"""What Python's own functions and methods do to the origins of values.

    builtin_result("max", [persons], {}, applied=NOTHING)      # one of the persons
    method_result("items", [infos], {}, applied=NOTHING)       # pairs of key and info

`applied` is what the functions among the arguments returned for the items: the results of `map`, and for
others a value that may be part of the result.
"""

from collections.abc import Mapping, Sequence

from herdwick.tools.sandbox.values import NOTHING, Value, join

MUTATORS = frozenset({"append", "add", "appendleft", "extend", "insert", "setdefault", "update"})
"""Methods that put their arguments into the object they are called on."""

PICKING = frozenset({"max", "min", "next"})
"""Functions that take one element, and fail when there is none."""

_COUNTING = frozenset({"all", "any", "bool", "isinstance", "len", "print", "range"})
_SAME_LENGTH = frozenset({"frozenset", "iter", "list", "reversed", "set", "sorted", "tuple"})
_PLACELESS = frozenset({"count", "index", "sort"})


def builtin_result(name: str, given: Sequence[Value], named: Mapping[str, Value], applied: Value) -> Value:
    """The result of a built-in or imported function; anything unknown may return all it was given."""
    first = given[0] if given else NOTHING
    if name in _COUNTING:
        return NOTHING
    if name in _SAME_LENGTH:
        return first
    if name == "map":
        return applied.element()
    if name == "filter":
        return join(*given[1:]).element()
    if name == "zip":
        return Value(fields={index: value.element() for index, value in enumerate(given)})
    if name == "enumerate":
        return Value(whole=first.whole, fields={0: NOTHING, 1: first.element()})
    if name == "dict":
        return join(*given, *(Value(fields={key: value}) for key, value in named.items()))
    return join(*given, *named.values(), applied).element()


def method_result(name: str, given: Sequence[Value], named: Mapping[str, Value], applied: Value) -> Value:
    """The result of a method; `given` begins with the object itself."""
    base = given[0]
    if name in _PLACELESS:
        return NOTHING
    if name == "items":
        return Value(whole=base.whole, fields={0: Value(base.origins), 1: base.member()})
    if name == "keys":
        return Value(base.origins, base.whole)
    if name == "values":
        return base.member()
    return join(*given, *named.values(), applied).element()
