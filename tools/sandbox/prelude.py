"""Runs *inside* the sandbox, before the program; the host reads this file as text and never imports it.

    searchPerson = _function("searchPerson", 65536, 20)    # one such line a domain function
    f"{_encode(final_result, 'final_result', 1048576, 20)}"    # how the result leaves the sandbox

Two reasons for it. Only text may cross from the sandbox to the host: decoding a structure there costs time
and memory that no limit of the sandbox covers (a dict whose key is a nest of shared tuples is hashed in
exponential time), so arguments and results are encoded here, under the program's own limits. And Monty 1.4
runs the `key` of `sorted`, the function of `map` and their kin natively, where no host function can be
called, and its generator expressions are lists, which `next` refuses; the versions below have no such gaps.

Programs cannot name anything that starts with an underscore.
"""

# ruff: noqa: A001, D103

import json as _json
from typing import Any, Callable, Iterable, NoReturn  # noqa: UP035  (Monty has no collections.abc)

_max, _min, _sorted = max, min, sorted
_MISSING: Any = ["no default given"]
_VIEWS = ("dict_keys", "dict_values", "dict_items", "range", "list_iterator", "deque")

_host_call: Callable[[str, str], Any]


def _function(name: str, max_chars: int, max_depth: int) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        encoded = _encode([args, kwargs], f"the arguments of {name}", max_chars, max_depth)
        # Nobody defines `_host_call`: Monty asks the host about unknown functions. The f-string makes it text
        # whatever became of `_encode`.
        return _host_call(name, f"{encoded}")  # noqa: F821

    return call


def _encode(value: Any, where: str, max_chars: int, max_depth: int) -> str:
    return _json.dumps(_plain(value, where, max_depth, [max_chars]), ensure_ascii=False)


def _plain(value: Any, where: str, depth: int, budget: list[int]) -> Any:
    """The value as JSON knows it: sets and views become lists, keys become strings."""
    budget[0] -= 2 + len(value) if isinstance(value, str) else 2
    if budget[0] < 0:
        raise OverflowError(where + " has too many values or too much text")
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if value - value == 0:
            return value
        _refuse(where, "the number " + str(value))
    if depth <= 0:
        raise OverflowError(where + " is nested too deeply, or contains itself")
    if isinstance(value, dict):
        return _plain_dict(value, where, depth, budget)
    if isinstance(value, (set, frozenset)):
        value = _ordered(value)
    elif type(value).__name__ in _VIEWS:
        value = list(value)
    elif not isinstance(value, (list, tuple)):
        _refuse(where, "a value of type " + type(value).__name__)
    return [_plain(item, where, depth - 1, budget) for item in value]


def _plain_dict(value: dict[Any, Any], where: str, depth: int, budget: list[int]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if not (key is None or isinstance(key, (str, bool, int, float))):
            _refuse(where, "a key of type " + type(key).__name__)
        text = key if isinstance(key, str) else str(key)
        if text in plain:
            _refuse(where, "two keys that read " + text)
        budget[0] -= len(text)
        plain[text] = _plain(item, where, depth - 1, budget)
    return plain


def _ordered(items: Any) -> list[Any]:
    try:
        return _sorted(items)
    except TypeError:
        return list(items)


def _refuse(where: str, what: str) -> NoReturn:
    raise TypeError(f"{where} cannot hold {what}; use strings, numbers, lists and dicts with string keys")


def sorted(items: Iterable[Any], *, key: Any = None, reverse: bool = False) -> list[Any]:
    listed = list(items)
    if key is None:
        return _sorted(listed, reverse=reverse)
    keys = [key(item) for item in listed]
    return [listed[i] for i in _sorted(range(len(listed)), key=lambda i: keys[i], reverse=reverse)]


def max(*items: Any, key: Any = None, default: Any = _MISSING) -> Any:
    return _best(_max, "max", items, key, default)


def min(*items: Any, key: Any = None, default: Any = _MISSING) -> Any:
    return _best(_min, "min", items, key, default)


def _best(choose: Any, name: str, items: tuple[Any, ...], key: Any, default: Any) -> Any:
    listed = list(items[0]) if len(items) == 1 else list(items)
    if not listed:
        if default is _MISSING:
            raise ValueError(name + "() of an empty list")
        return default
    if key is None:
        return choose(listed)
    keys = [key(item) for item in listed]
    return listed[choose(range(len(listed)), key=lambda i: keys[i])]


def map(function: Any, *iterables: Iterable[Any]) -> list[Any]:
    return [function(*group) for group in zip(*iterables)]  # noqa: B905  (as `map` itself)


def filter(function: Any, items: Iterable[Any]) -> list[Any]:
    return [item for item in items if (item if function is None else function(item))]


_next = next


def next(iterator: Any, *default: Any) -> Any:
    return _next(iter(iterator) if isinstance(iterator, list) else iterator, *default)
