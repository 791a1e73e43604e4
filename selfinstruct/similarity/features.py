"""What near-duplicates have in common: the words of an instruction, the tokens of a program.

    instruction_features("Count the prefixes.") == instruction_features("the prefixes: count")
    program_features("for row in rows: print(row)") == program_features("for x in rows: print( x )  # all")

Features are sets of strings, to be compared by Jaccard's coefficient. What occurs twice is there twice: each
feature carries the number of its occurrence.
"""

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

SHINGLE = 3
"""Successive tokens of a program that are one feature. Of one alone, order would not count; of many, each
change of one token would change as many features."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_LEXEME = re.compile(r"\w+|[^\w\s]")
_JOIN = "\x1f"
_OWN_NAME = "_"
_BLOCKS = {tokenize.INDENT: "{", tokenize.DEDENT: "}"}


def instruction_features(text: str) -> frozenset[str]:
    """The words of `text` without case, punctuation and order.

    Each Chinese or Japanese character is a word. Order does not count since ROUGE-L misses just that: the
    same request with its parts in another order.
    """
    return _numbered(_WORD.findall(text.casefold()))


def program_features(source: str) -> frozenset[str]:
    """Each `SHINGLE` successive tokens of a Python program.

    Layout, comments, docstrings, annotations and quotes do not count, nor how a program names its variables
    and functions and what it imports. Source that is no Python is compared as it is written.
    """
    tokens = _tokens(source)
    shingles = (tokens[start : start + SHINGLE] for start in range(max(len(tokens) - SHINGLE + 1, 1)))
    return _numbered(_JOIN.join(shingle) for shingle in shingles if shingle)


def _numbered(features: Iterable[str]) -> frozenset[str]:
    seen: Counter[str] = Counter()
    numbered = set()
    for feature in features:
        numbered.add(f"{seen[feature]}{_JOIN}{feature}")
        seen[feature] += 1
    return frozenset(numbered)


def _tokens(source: str) -> Sequence[str]:
    try:
        with warnings.catch_warnings():
            # What Python thinks of a model's escapes is not for the user's terminal.
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        plain = ast.unparse(_Plain(tree).visit(tree))
        return [
            _BLOCKS.get(token.type, token.string)
            for token in tokenize.generate_tokens(io.StringIO(plain).readline)
            if token.string.strip() or token.type in _BLOCKS
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return _LEXEME.findall(source)


class _Plain(ast.NodeTransformer):
    """A program without what two writers of the same one choose freely."""

    def __init__(self, tree: ast.AST) -> None:
        self._meant = {name: _OWN_NAME for node in ast.walk(tree) for name in _named_by(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                # `import a.b` names `a`; with `as`, the name is the whole.
                self._meant |= {alias.asname: alias.name for alias in node.names if alias.asname}
            if isinstance(node, ast.ImportFrom):
                place = "." * node.level + (node.module or "")
                self._meant |= {alias.asname or alias.name: f"{place}.{alias.name}" for alias in node.names}

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._meant.get(node.id, node.id), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        del node
        return ast.arg(_OWN_NAME)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = _OWN_NAME, None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.name, node.returns = _OWN_NAME, None
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = _OWN_NAME
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        node.name = node.name and _OWN_NAME
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return self.generic_visit(ast.Assign([node.target], node.value, lineno=node.lineno))

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        del node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        del node


def _named_by(node: ast.AST) -> Iterable[str]:
    """The names that a node of a program gives to what is its own."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler) and node.name:
        return [node.name]
    return []
