"""What is wrong with a PyBGPStream script before it runs.

    for finding in lint_script(source, live=False):
        finding.kind, finding.line, finding.message

The signature, fields and filter grammar are PyBGPStream 2's, as `herdwick.tools.bgp.compat` has them. Only
what stands in the source as a literal is judged; nothing is run.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from herdwick.tools.bgp.compat.elem import BGPElem, BGPRecord
from herdwick.tools.bgp.compat.stream import BGPStream
from herdwick.tools.bgp.scripts.plan import read_fetch_plan
from herdwick.tools.errors import HerdwickError

FindingKind = Literal["syntax", "no_stream", "hostile_code", "wrong_api"]

PARAMETERS = frozenset(inspect.signature(BGPStream).parameters)
FIELDS = frozenset({"prefix", "next-hop", "as-path", "communities", "old-state", "new-state"})
"""Keys of `elem.fields`; pybgpstream 2.0.2 has no others."""

_LISTS = frozenset({"collectors", "projects", "record_types"})
_SINGLE = frozenset({"collector", "project", "record_type", "filter"})
_STREAM_NAMES = frozenset(name for name in dir(BGPStream) if not name.startswith("_"))
_ELEM_NAMES = frozenset(
    {*BGPElem.__slots__, *(name for name in dir(BGPElem) if not name.startswith("_"))} - {"attributes"}
)
_RECORD_NAMES = frozenset(
    {*vars(BGPRecord()), *(name for name in dir(BGPRecord) if not name.startswith("_"))}
)
_MODULES = frozenset({"pybgpstream", "_pybgpstream"})

_REACHING = """
asyncio builtins code ctypes fcntl ftplib glob http importlib mmap multiprocessing os pathlib pickle pty
requests resource runpy shutil signal smtplib socket socketserver ssl subprocess tempfile threading urllib
webbrowser
"""
_HOSTILE_MODULES = frozenset(_REACHING.split())
"""Modules that reach for what a script over routing data does not need: files, processes, the network."""

_HOSTILE_CALLS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open"})
_HOSTILE_ATTRIBUTES = frozenset(
    {"__builtins__", "__class__", "__globals__", "__loader__", "__mro__", "__subclasses__"}
)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: What sort of thing.
        line: Of the source, from 1.
        message: In words.
    """

    kind: FindingKind
    line: int
    message: str


def lint_script(source: str, *, live: bool) -> list[Finding]:
    """What is wrong with a script, in the order of its lines.

    Args:
        source: Python.
        live: Whether its streams must be live; otherwise each must say where it ends.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return [Finding("syntax", line, str(getattr(error, "msg", error)))]
    found = [*_hostile(tree), *_api(tree), *_streams(source, live=live)]
    return sorted(set(found), key=lambda finding: (finding.line, finding.kind, finding.message))


def _hostile(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (
                    _reaching(node.lineno, one.name)
                    for one in names
                    if one.name.partition(".")[0] in _HOSTILE_MODULES
                )
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in _HOSTILE_MODULES:
                yield _reaching(node.lineno, module)
            case ast.Call(func=ast.Name(id=name)) if name in _HOSTILE_CALLS:
                yield _reaching(node.lineno, f"{name}()")
            case ast.Attribute(attr=name) | ast.Name(id=name) if name in _HOSTILE_ATTRIBUTES:
                yield _reaching(node.lineno, name)


def _reaching(line: int, what: str) -> Finding:
    return Finding("hostile_code", line, f"uses {what}, which reaches outside of routing data")


def _streams(source: str, *, live: bool) -> Iterator[Finding]:
    try:
        streams = read_fetch_plan(source).streams
    except HerdwickError as error:
        # A filter, time or list that cannot be understood; the message quotes it.
        yield Finding("wrong_api", 1, error.message)
        return
    if not streams:
        yield Finding("no_stream", 1, "makes no BGPStream")
    for stream in streams:
        if live and not stream.live:
            yield Finding("wrong_api", stream.line, "until_time ends a stream that should be live")
        if not live and stream.live:
            yield Finding("wrong_api", stream.line, "without until_time the stream is live and never ends")


def _api(tree: ast.Module) -> Iterator[Finding]:
    """Wrong names and kinds of arguments, methods and fields."""
    names = _Names(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call() if names.makes_stream(node):
                yield from _arguments(node)
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                known = names.known(owner)
                if known is not None and attribute not in known:
                    yield Finding("wrong_api", node.lineno, f"{owner} has no {attribute!r} in PyBGPStream")
            case ast.Subscript(value=ast.Attribute(attr="fields"), slice=ast.Constant(value=str(key))):
                yield from _field(key, node.lineno)
            case ast.Call(
                func=ast.Attribute(value=ast.Attribute(attr="fields"), attr="get"),
                args=[ast.Constant(value=str(key)), *_],
            ):
                yield from _field(key, node.lineno)


def _field(key: str, line: int) -> Iterator[Finding]:
    if key not in FIELDS:
        yield Finding("wrong_api", line, f"elem.fields has no {key!r}")


def _arguments(call: ast.Call) -> Iterator[Finding]:
    for word in call.keywords:
        if word.arg is None:
            continue
        if word.arg not in PARAMETERS:
            yield Finding("wrong_api", call.lineno, f"BGPStream has no parameter {word.arg!r}")
        elif word.arg in _LISTS and isinstance(word.value, ast.Constant) and word.value.value is not None:
            # The original iterates a text by characters, and matches nothing.
            yield Finding("wrong_api", call.lineno, f"{word.arg} must be a list of names")
        elif word.arg in _SINGLE and isinstance(word.value, ast.List | ast.Tuple | ast.Set | ast.Dict):
            yield Finding("wrong_api", call.lineno, f"{word.arg} must be one text")


class _Names:
    """Names of a script that certainly stand for a stream, a record or an elem."""

    def __init__(self, tree: ast.Module) -> None:
        self._modules: set[str] = set()
        self._classes: set[str] = set()
        self._kinds: dict[str, frozenset[str]] = {}
        self._bound: dict[str, int] = {}
        for node in ast.walk(tree):
            match node:
                case ast.Import(names=names):
                    self._modules |= {one.asname or one.name for one in names if one.name in _MODULES}
                case ast.ImportFrom(module=str(module), names=names) if module in _MODULES:
                    self._classes |= {one.asname or one.name for one in names if one.name == "BGPStream"}
                case ast.Name(id=name, ctx=ast.Store()):
                    self._bound[name] = self._bound.get(name, 0) + 1
                case ast.arg(arg=name):
                    self._bound[name] = self._bound.get(name, 0) + 2
        for node in sorted(
            (node for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.For)),
            key=lambda node: node.lineno,
        ):
            self._learn(node)

    def makes_stream(self, call: ast.Call) -> bool:
        """Whether a call makes a BGPStream."""
        match call.func:
            case ast.Name(id=name):
                return name in self._classes
            case ast.Attribute(value=ast.Name(id=name), attr="BGPStream"):
                return name in self._modules
        return False

    def known(self, name: str) -> frozenset[str] | None:
        """Attributes of what `name` stands for; None where it can be several things."""
        return self._kinds.get(name) if self._bound.get(name, 0) == 1 else None

    def _learn(self, node: ast.Assign | ast.For) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if self.makes_stream(call):
                self._kinds[name] = _STREAM_NAMES
            case ast.For(target=ast.Name(id=name), iter=ast.Name(id=owner)):
                kind = self._kinds.get(owner)
                if kind is not None:
                    self._kinds[name] = _ELEM_NAMES
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="records")),
            ) if self._kinds.get(owner) is _STREAM_NAMES:
                self._kinds[name] = _RECORD_NAMES
