"""Runs *inside* the sandbox, before the program; the host reads this file as text and never imports it.

    searchPerson = _function("searchPerson", 65536, 20)    # one such line a function of the plan
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

# Programs share these globals and may call a variable `list`, so the code below uses these names alone.
_bool, _dict, _float, _frozenset, _int = bool, dict, float, frozenset, int
_list, _set, _str, _tuple, _type = list, set, str, tuple, type
_isinstance, _iter, _len, _range, _zip = isinstance, iter, len, range, zip
_max, _min, _next, _sorted = max, min, next, sorted
_OverflowError, _TypeError, _ValueError = OverflowError, TypeError, ValueError
_MISSING: Any = ["no default given"]
_VIEWS = ("dict_keys", "dict_values", "dict_items", "range", "list_iterator", "deque")

_host_call: Callable[[str, str], Any]


def _function(name: str, max_chars: int, max_depth: int) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        encoded = _encode([args, kwargs], f"the arguments of {name}", max_chars, max_depth)
        # Nobody defines `_host_call`: Monty asks the host about unknown functions. The f-strings make both of
        # them text whatever became of `_encode`.
        return _host_call(f"{name}", f"{encoded}")  # noqa: F821

    return call


def _encode(value: Any, where: str, max_chars: int, max_depth: int) -> str:
    return _json.dumps(_plain(value, where, max_depth, [max_chars]), ensure_ascii=False)


def _plain(value: Any, where: str, depth: int, budget: list[int]) -> Any:
    """The value as JSON knows it: sets and views become lists, keys become strings."""
    budget[0] -= 2 + _len(value) if _isinstance(value, _str) else 2
    if budget[0] < 0:
        raise _OverflowError(where + " has too many values or too much text")
    if value is None or _isinstance(value, (_bool, _int, _str)):
        return value
    if _isinstance(value, _float):
        if value - value == 0:
            return value
        _refuse(where, "the number " + _str(value))
    if depth <= 0:
        raise _OverflowError(where + " is nested too deeply, or contains itself")
    if _isinstance(value, _dict):
        return _plain_dict(value, where, depth, budget)
    if _isinstance(value, (_set, _frozenset)):
        value = _ordered(value)
    elif _type(value).__name__ in _VIEWS:
        value = _list(value)
    elif not _isinstance(value, (_list, _tuple)):
        _refuse(where, "a value of type " + _type(value).__name__)
    return [_plain(item, where, depth - 1, budget) for item in value]


def _plain_dict(value: dict[Any, Any], where: str, depth: int, budget: list[int]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        if not (key is None or _isinstance(key, (_str, _bool, _int, _float))):
            _refuse(where, "a key of type " + _type(key).__name__)
        text = key if _isinstance(key, _str) else _str(key)
        if text in plain:
            _refuse(where, "two keys that read " + text)
        budget[0] -= _len(text)
        plain[text] = _plain(item, where, depth - 1, budget)
    return plain


def _ordered(items: Any) -> list[Any]:
    try:
        return _sorted(items)
    except _TypeError:
        return _list(items)


def _refuse(where: str, what: str) -> NoReturn:
    raise _TypeError(f"{where} cannot hold {what}; use strings, numbers, lists and dicts with string keys")


def sorted(items: Iterable[Any], *, key: Any = None, reverse: bool = False) -> list[Any]:
    listed = _list(items)
    if key is None:
        return _sorted(listed, reverse=reverse)
    keys = [key(item) for item in listed]
    return [listed[i] for i in _sorted(_range(_len(listed)), key=lambda i: keys[i], reverse=reverse)]


def max(*items: Any, key: Any = None, default: Any = _MISSING) -> Any:
    return _best(_max, "max", items, key, default)


def min(*items: Any, key: Any = None, default: Any = _MISSING) -> Any:
    return _best(_min, "min", items, key, default)


def _best(choose: Any, name: str, items: tuple[Any, ...], key: Any, default: Any) -> Any:
    listed = _list(items[0]) if _len(items) == 1 else _list(items)
    if not listed:
        if default is _MISSING:
            raise _ValueError(name + "() of an empty list")
        return default
    if key is None:
        return choose(listed)
    keys = [key(item) for item in listed]
    return listed[choose(_range(_len(listed)), key=lambda i: keys[i])]


def map(function: Any, *iterables: Iterable[Any]) -> list[Any]:
    return [function(*group) for group in _zip(*iterables)]


def filter(function: Any, items: Iterable[Any]) -> list[Any]:
    return [item for item in items if (item if function is None else function(item))]


def next(iterator: Any, *default: Any) -> Any:
    return _next(_iter(iterator) if _isinstance(iterator, _list) else iterator, *default)
