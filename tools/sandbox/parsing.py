"""Parsing what others wrote, without Python's remarks on it.

tree = parse_quietly("[0for x in h]")     # no SyntaxWarning on the host's stderr
"""

import ast
import warnings

_NAME = "<program>"

# By the name under which it is parsed, and once: `warnings.catch_warnings` would change the filters of all
# threads, and other code of this process keeps its warnings.
warnings.filterwarnings("ignore", module=f"{_NAME}$")


def parse_quietly(text: str) -> ast.Module:
    """The syntax tree of `text`; raises what `ast.parse` raises."""
    return ast.parse(text, _NAME)
