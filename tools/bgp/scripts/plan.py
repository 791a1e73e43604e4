"""What a script will ask for, read from its source without running it.

    plan = read_fetch_plan(source)
    for stream in plan.streams:
        stream.from_time, stream.until_time, stream.collectors, stream.unread

Only what stands there as it is, or is a name set once to such a value, is read; the rest is `unread`, and the
user's bounds must stand in for it.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from herdwick.tools.bgp.compat.times import interval
from herdwick.tools.bgp.engine.filter_strings import check_length, parse_filter
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox.parsing import parse_quietly
from herdwick.tools.sandbox.scripts import ScriptFailure

_ARGUMENTS = (
    "from_time",
    "until_time",
    "data_interface",
    "project",
    "projects",
    "collector",
    "collectors",
    "record_type",
    "record_types",
    "filter",
)
"""Of `BGPStream(...)`, in their order."""

_FILTERS = {"project": "projects", "collector": "collectors", "record-type": "record_types"}
_PLURAL = {"project": "projects", "collector": "collectors", "record_type": "record_types"}
_MODULES = ("pybgpstream", "_pybgpstream")
_UNREAD = object()


@dataclass(frozen=True)
class StreamPlan:
    """What one `BGPStream(...)` asks for.

    Attributes:
        line: Where it stands in the script.
        from_time, until_time: In seconds since 1970 UTC; None where it has none, or where it is unread.
        projects, collectors, record_types: Names, of its filter too; None where any will do, or unread.
        filter: Filter string; None where it has none, or unread.
        data_interface: None where it has none, or unread.
        files: Names given to the data interface `singlefile`.
        unread: Parameters that it sets, but not to a value that can be read.
    """

    line: int
    from_time: float | None = None
    until_time: float | None = None
    projects: tuple[str, ...] | None = None
    collectors: tuple[str, ...] | None = None
    record_types: tuple[str, ...] | None = None
    filter: str | None = None
    data_interface: str | None = None
    files: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Whether it asks for data without an end."""
        return self.until_time is None and "until_time" not in self.unread and not self.files


@dataclass(frozen=True)
class FetchPlan:
    """All streams of a script, in the order they stand in it."""

    streams: tuple[StreamPlan, ...]


@dataclass
class _Draft:
    line: int
    single: dict[str, object] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_fetch_plan(source: str) -> FetchPlan:
    """The plan of a script.

    Raises:
        ScriptFailure: Of kind `syntax`.
        DataError: A window is reversed; a time, filter or list cannot be understood.
    """
    try:
        tree = parse_quietly(source)
    except (RecursionError, MemoryError) as error:
        raise ScriptFailure(
            "syntax",
            "The script's expressions are nested too deeply.",
            "Split them into several assignments.",
        ) from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise ScriptFailure(
            "syntax", f"The script is not Python{where}: {getattr(error, 'msg', error)}.", "Correct the line."
        ) from error
    return FetchPlan(tuple(_plan(draft) for draft in _Reader(tree).drafts))


class _Reader:
    """Goes through a script once, and keeps a draft for each stream."""

    def __init__(self, tree: ast.Module) -> None:
        self._modules, self._classes = _imported(tree)
        self._constants = _constants(tree)
        self._known: dict[str, object] = {}
        self._by_name: dict[str, _Draft] = {}
        self.drafts: list[_Draft] = []
        calls = [node for node in _in_order(tree) if isinstance(node, ast.Call)]
        targets = {
            id(node.value): target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in calls:
            if self._makes_stream(call):
                draft = self._made(call)
                self.drafts.append(draft)
                if name := targets.get(id(call)):
                    self._by_name[name] = draft
            elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
                owner = self._by_name.get(call.func.value.id)
                if owner is not None:
                    self._configured(owner, call.func.attr, call)

    def _makes_stream(self, call: ast.Call) -> bool:
        function = call.func
        if isinstance(function, ast.Name):
            return function.id in self._classes
        return (
            isinstance(function, ast.Attribute)
            and function.attr == "BGPStream"
            and isinstance(function.value, ast.Name)
            and function.value.id in self._modules
        )

    def _made(self, call: ast.Call) -> _Draft:
        draft = _Draft(call.lineno)
        given = dict(zip(_ARGUMENTS, call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords if word.arg}
        if any(isinstance(one, ast.Starred) for one in call.args) or any(not w.arg for w in call.keywords):
            draft.unread += [name for name in _ARGUMENTS if name not in given]
        for name, node in given.items():
            self._set(draft, name, self._value(node))
        return draft

    def _set(self, draft: _Draft, name: str, value: object) -> None:
        plural = _PLURAL.get(name, name)
        if value is None:
            return
        if value is _UNREAD:
            draft.unread.append(plural)
        elif plural in ("projects", "collectors", "record_types"):
            draft.names.setdefault(plural, []).extend(_names(plural, value))
        else:
            draft.single[name] = value

    def _configured(self, draft: _Draft, method: str, call: ast.Call) -> None:
        values = [self._value(node) for node in call.args]
        if method == "add_filter" and len(values) == 2:
            kind = values[0]
            if isinstance(kind, str) and kind in _FILTERS:
                self._set(draft, _FILTERS[kind], values[1])
            elif kind is _UNREAD:
                draft.unread.append("filter")
        elif method == "parse_filter_string" and values:
            self._add_filter(draft, values[0])
        elif method == "add_interval_filter" and len(values) == 2:
            self._set(draft, "from_time", values[0])
            self._set(draft, "until_time", values[1])
        elif method == "set_data_interface" and values:
            self._set(draft, "data_interface", values[0])
        elif method == "set_data_interface_option" and len(values) == 3:
            if values[1] in ("upd-file", "rib-file") and values[2] is not _UNREAD:
                draft.files.append(str(values[2]))
            elif _UNREAD in values:
                draft.unread.append("files")

    def _add_filter(self, draft: _Draft, value: object) -> None:
        before = draft.single.get("filter")
        if isinstance(before, str) and isinstance(value, str):
            joined = f"{before} and {value}"
            check_length(joined)
            draft.single["filter"] = joined
        else:
            self._set(draft, "filter", value)

    def _value(self, node: ast.expr) -> object:
        """What a literal, or a name set once to one, stands for."""
        if isinstance(node, ast.Name):
            # Once for each name: a script may hand the same long list to thousands of calls.
            if node.id not in self._known:
                found = self._constants.get(node.id)
                self._known[node.id] = _UNREAD if found is None else self._value(found)
            return self._known[node.id]
        try:
            value = ast.literal_eval(node)
            # Ints of thousands of digits, written in hexadecimal, cannot be shown, and nobody means them.
            repr(value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return _UNREAD
        return value


def _in_order(tree: ast.AST) -> list[ast.expr]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
    return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))


def _imported(tree: ast.Module) -> tuple[set[str], set[str]]:
    """Names of the module, and of the class `BGPStream`."""
    modules: set[str] = set()
    classes: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {one.asname or one.name for one in node.names if one.name in _MODULES}
        elif isinstance(node, ast.ImportFrom) and node.module in _MODULES:
            classes |= {one.asname or one.name for one in node.names if one.name == "BGPStream"}
            if any(one.name == "*" for one in node.names):
                classes.add("BGPStream")
    return modules, classes


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Names that are bound once in the whole script, by an assignment of a literal."""
    bound: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound[node.id] += 1
        elif isinstance(node, ast.arg):
            bound[node.arg] += 1
    return {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name) and bound[target.id] == 1
    }


def _names(parameter: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | set) and all(isinstance(one, str) for one in value):
        yield from sorted(value) if isinstance(value, set) else value
    else:
        raise DataError(
            "bad_filter",
            f"{parameter} is {str(value)[:60]}, which is no list of names.",
            "Give a list of names.",
        )


def _plan(draft: _Draft) -> StreamPlan:
    start, end = interval(draft.single.get("from_time"), draft.single.get("until_time"))
    text = draft.single.get("filter")
    names = {parameter: [*found] for parameter, found in draft.names.items()}
    if text is not None:
        wanted = parse_filter(str(text))
        for parameter in _PLURAL.values():
            names.setdefault(parameter, []).extend(getattr(wanted, parameter))
    interface = draft.single.get("data_interface")
    unread = tuple(dict.fromkeys(draft.unread))

    def of(parameter: str) -> tuple[str, ...] | None:
        return tuple(dict.fromkeys(names.get(parameter, ()))) or None if parameter not in unread else None

    return StreamPlan(
        line=draft.line,
        from_time=start,
        until_time=end,
        projects=of("projects"),
        collectors=of("collectors"),
        record_types=of("record_types"),
        filter=None if text is None else str(text),
        data_interface=None if interface is None else str(interface),
        files=tuple(draft.files),
        unread=unread,
    )
