"""The functions of a domain as people read them: all of them, or one with all it takes and returns.

    console.print(functions_view(domain))
    console.print(function_view(domain, spec))

Both fit the terminal, whatever its width.
"""

import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from rich.console import Group
from rich.table import Table
from rich.text import Text

from herdwick.agents.cli.terminal import printable
from herdwick.tools.domain import Domain
from herdwick.tools.functions import Entity, FunctionSpec

_INDENT = (0, 2, 0, 0)
_FIRST_SENTENCE = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)


def functions_view(domain: Domain) -> Table:
    """Each function with the first sentence of what it returns, and what it must be given."""
    calls = "1 call" if domain.max_hops == 1 else f"up to {domain.max_hops} calls"
    table = _table(f"{domain.name}: {domain.summary} {len(domain.library)} plans of {calls}.")
    table.add_column("function", no_wrap=True)
    table.add_column("returns", overflow="fold")
    for spec in domain.functions:
        first = Text(printable(_first_sentence(spec.description)))
        table.add_row(spec.name, Text(" ").join([first, *_needs(spec)]))
    return table


def function_view(domain: Domain, spec: FunctionSpec) -> Group:
    """What one function does, every argument, and every field of what it returns."""
    taken = _table("Arguments")
    for heading in ("name", "type", "default", "meaning"):
        taken.add_column(heading, overflow="fold")
    hints = get_type_hints(spec.args_schema, include_extras=True)
    for name, field in spec.args_schema.model_fields.items():
        taken.add_row(name, type_words(hints[name]), _default(field), printable(field.description or ""))
    head = Text.assemble((f"{domain.name}.{spec.name}", "bold"), f": {printable(spec.description)}")
    return Group(head, Text(), taken, Text(), _returned(spec))


def _returned(spec: FunctionSpec) -> Table | Text:
    title = f"Returns {type_words(spec.result)}"
    fields = [*_fields(spec.result)]
    if not fields:
        # A table without columns would be nothing, not even its title.
        return Text(printable(title), style="bold")
    table = _table(title)
    table.add_column("field", overflow="fold")
    table.add_column("type", overflow="fold")
    for path, kind in fields:
        table.add_row(path, kind)
    return table


def type_words(annotation: Any) -> str:
    """A type in words: `list of ASN`, `exact | more`, `record`."""
    if get_origin(annotation) is Annotated:
        entity = next((extra for extra in annotation.__metadata__ if isinstance(extra, Entity)), None)
        return entity.name if entity else type_words(annotation.__origin__)
    if get_origin(annotation) is Literal:
        return " | ".join(map(str, get_args(annotation)))
    if get_origin(annotation) in (Union, UnionType):
        return " | ".join(type_words(kind) for kind in get_args(annotation) if kind is not NoneType)
    if get_origin(annotation) in (list, tuple):
        return f"list of {_plural(type_words(get_args(annotation)[0]))}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "record"
    return str(getattr(annotation, "__name__", annotation))


def _plural(words: str) -> str:
    return "records" if words == "record" else words


def _fields(annotation: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its type; those of a record inside of a field behind a dot."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, hint in get_type_hints(annotation, include_extras=True).items():
            if name in annotation.model_fields:
                yield f"{path}{name}", type_words(hint)
                yield from _fields(hint, f"{path}{name}.")
        return
    for argument in get_args(annotation):
        yield from _fields(argument, path)


def _needs(spec: FunctionSpec) -> list[Text]:
    required = [name for name, field in spec.args_schema.model_fields.items() if field.is_required()]
    return [Text(f"Needs {', '.join(required)}.", style="dim")] if required else []


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "-" if value is None or value == [] else str(value)


def _first_sentence(text: str) -> str:
    found = _FIRST_SENTENCE.match(text)
    return found.group() if found else text


def _table(title: str) -> Table:
    return Table(
        title=Text(printable(title)),
        title_justify="left",
        title_style="bold",
        box=None,
        padding=_INDENT,
        header_style="dim",
    )
