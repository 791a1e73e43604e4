"""A program's source: parsing it, and refusing what no program needs.

    source = parse_program(text)                 # syntax, length, nesting
    refuse_forbidden(source, {"searchPerson"})   # imports, underscores, classes, eval, …

This is the outer of two walls and exists for its messages: it tells a model precisely what to change. The
inner wall is Monty, which has no file system, network, process or host object to reach.
"""

import ast
import builtins
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from herdwick.tools.sandbox.contract import RESULT_NAME, Kind, ProgramFailure
from herdwick.tools.sandbox.parsing import parse_quietly

MAX_NESTING = 60
"""Deepest syntax tree, in nodes; released checkpoints' programs stay below 20."""

MODULES = frozenset({"collections", "functools", "itertools", "json", "math", "re"})
"""Modules a program may import: pure computation, all of them Monty's own."""

# fmt: off
BUILTINS = frozenset({
    "abs", "all", "any", "bool", "chr", "dict", "divmod", "enumerate", "filter", "float", "frozenset", "int",
    "isinstance", "iter", "len", "list", "map", "max", "min", "next", "ord", "pow", "print", "range", "repr",
    "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
    "ArithmeticError", "AssertionError", "AttributeError", "BaseException", "Exception", "IndexError",
    "KeyError", "LookupError", "NameError", "NotImplementedError", "OverflowError", "RuntimeError",
    "StopIteration", "TimeoutError", "TypeError", "ValueError", "ZeroDivisionError",
})
# fmt: on
"""Built-in names a program may use."""

_MAX_QUOTED = 160
_STATEMENTS = (
    ast.AnnAssign,
    ast.Assert,
    ast.Assign,
    ast.AugAssign,
    ast.Break,
    ast.Continue,
    ast.Expr,
    ast.For,
    ast.FunctionDef,
    ast.Global,
    ast.If,
    ast.Import,
    ast.ImportFrom,
    ast.Match,
    ast.Nonlocal,
    ast.Pass,
    ast.Raise,
    ast.Return,
    ast.Try,
    ast.While,
)
_UNSUPPORTED = {
    ast.Await: "await",
    ast.AsyncFor: "async for",
    ast.AsyncFunctionDef: "async def",
    ast.AsyncWith: "async with",
    ast.ClassDef: "class",
    ast.Delete: "del",
    ast.TryStar: "except*",
    ast.With: "with",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}


@dataclass(frozen=True)
class Source:
    r"""A program that parses.

    Attributes:
        text: The program, its lines ended by `\n`.
        tree: Its syntax tree.
    """

    text: str
    tree: ast.Module = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them; `str.splitlines` splits at more characters."""
        return self.text.split("\n")

    def at(self, number: int) -> str:
        """Line `number`, counted from 1, as messages quote it: ``line 3: `x = y[0]` ``."""
        return quote_line(self.lines, number)

    def position(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Line and column where a node starts, both counted from 1, the column in characters."""
        return self._position(node.lineno, node.col_offset)

    def end_position(self, node: ast.expr) -> tuple[int, int]:
        """Line and column just behind a node, counted as in `position`."""
        return self._position(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def _position(self, line: int, byte_offset: int) -> tuple[int, int]:
        return line, len(self.lines[line - 1].encode()[:byte_offset].decode()) + 1


class _Reason(NamedTuple):
    what: str
    hint: str
    kind: Kind = "forbidden"


def quote_line(lines: list[str], number: int) -> str:
    """Line `number`, counted from 1, as messages quote it."""
    text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if len(text) > _MAX_QUOTED:
        text = f"{text[:_MAX_QUOTED]}…"
    return f"line {number}: `{text}`" if text else f"line {number}"


def parse_program(text: str, max_chars: int) -> Source:
    """Parse a program.

    Raises:
        ProgramFailure: It is not Python (`syntax`), or too long (`forbidden`).
    """
    if len(text) > max_chars:
        raise ProgramFailure(
            "forbidden",
            f"The program is {len(text):,} characters long; the limit is {max_chars:,}.",
            "Write a shorter program: a few calls and one expression are enough.",
        )
    text = re.sub(r"\r\n?", "\n", text)
    try:
        tree = parse_quietly(text)
    except SyntaxError as error:
        raise _syntax_failure(text, error) from error
    except (RecursionError, MemoryError) as error:
        raise _too_nested() from error
    except ValueError as error:
        raise ProgramFailure(
            "syntax", f"The program is not valid text: {error}.", "Write plain Python in UTF-8."
        ) from error
    if _nesting(tree) > MAX_NESTING:
        raise _too_nested()
    return Source(text, tree)


def refuse_forbidden(source: Source, functions: Collection[str]) -> None:
    """Refuse what no program needs and what Monty cannot run.

    Args:
        source: The program.
        functions: Names of the domain's functions.

    Raises:
        ProgramFailure: Of kind `forbidden`, naming line and reason.
    """
    bound = frozenset(bound_names(source.tree))
    called = frozenset(id(node.func) for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            reason = _use_reason(node.id, id(node) in called, bound, functions)
        else:
            reason = _node_reason(node, functions)
        if reason:
            where = source.at(getattr(node, "lineno", 1))
            raise ProgramFailure(reason.kind, f"{where}: {reason.what}.", reason.hint)


def bound_names(tree: ast.AST) -> Iterator[str]:
    """Every name that a program binds anywhere, in any way."""
    for node in ast.walk(tree):
        yield from _names_bound_by(node)


def _names_bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, ast.FunctionDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def sets_result(tree: ast.Module) -> bool:
    """Whether any statement binds `final_result`."""
    return RESULT_NAME in bound_names(tree)


def _node_reason(node: ast.AST, functions: Collection[str]) -> _Reason | None:
    if isinstance(node, ast.Import | ast.ImportFrom) and (reason := _import_reason(node)):
        return reason
    if name := next((name for name in _names_bound_by(node) if name.startswith("_") and name != "_"), None):
        return _Reason(f"the name {name} starts with an underscore", "Choose a name without a leading one.")
    if name := next((name for name in _names_bound_by(node) if name in functions), None):
        return _Reason(f"{name} is an API function and cannot be redefined", "Choose another name.")
    if isinstance(node, ast.Attribute) and node.attr.startswith("_"):
        return _Reason(
            f"the attribute {node.attr} is private", "Results are plain dicts and lists; use their keys."
        )
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        return _Reason("attributes cannot be set", "Results are plain dicts and lists; use square brackets.")
    if isinstance(node, ast.Call) and _keeps_generator(node):
        return _Reason(
            "`next` on a variable is not supported", "Write next((x for x in …), None) in one expression."
        )
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return _Reason("decorators are not available to programs", "Call the function directly.")
    return _unsupported_reason(node)


def _unsupported_reason(node: ast.AST) -> _Reason | None:
    keyword = next((word for kind, word in _UNSUPPORTED.items() if isinstance(node, kind)), None)
    if isinstance(node, ast.comprehension) and node.is_async:
        keyword = "async for"
    if keyword is None and isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS):
        keyword = type(node).__name__
    if keyword is None:
        return None
    return _Reason(f"`{keyword}` is not available to programs", "Use plain statements, loops and functions.")


def _import_reason(node: ast.Import | ast.ImportFrom) -> _Reason | None:
    modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or "."]
    allowed = ", ".join(sorted(MODULES))
    for module in modules:
        if module not in MODULES:
            return _Reason(
                f"{module} cannot be imported", f"Leave it out; only these can be imported: {allowed}."
            )
    if any(alias.name == "*" or alias.name.startswith("_") for alias in node.names):
        return _Reason("this import is not available to programs", "Import the public names you need.")
    return None


def _use_reason(
    name: str, called: bool, bound: Collection[str], functions: Collection[str]
) -> _Reason | None:
    if name in functions:
        hint = f"Call it where it is used: {name}(…)."
        return None if called else _Reason(f"{name} is used without being called", hint)
    if name in bound or name in BUILTINS:
        return None
    if name.startswith("_") or hasattr(builtins, name):
        return _Reason(
            f"{name} is not available to programs", "Use only the API functions and plain expressions."
        )
    if called:
        return _Reason(f"there is no function {name}", f"Use one of: {', '.join(functions)}.", "plan")
    return None


def _keeps_generator(call: ast.Call) -> bool:
    """Whether `next` is called on a name: Monty's generators are lists, which `next` would not use up."""
    named_next = isinstance(call.func, ast.Name) and call.func.id == "next"
    return named_next and bool(call.args) and isinstance(call.args[0], ast.Name)


def _syntax_failure(text: str, error: SyntaxError) -> ProgramFailure:
    where = quote_line(text.split("\n"), error.lineno or 1)
    return ProgramFailure(
        "syntax",
        f"{where}: {error.msg} (column {error.offset or 1}).",
        "Write one complete, plain Python program.",
    )


def _too_nested() -> ProgramFailure:
    return ProgramFailure(
        "syntax",
        "The program's expressions are nested too deeply.",
        "Split the expression into several assignments.",
    )


def _nesting(tree: ast.AST) -> int:
    deepest = 0
    pending = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        deepest = max(deepest, depth)
        pending.extend((child, depth + 1) for child in ast.iter_child_nodes(node))
    return deepest
