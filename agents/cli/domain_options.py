"""A domain's options as command-line options, made from the fields of its options model.

    command.params += domain_parameters(AMinerOptions)
    options = chosen_options(AMinerOptions, ctx)      # an AMinerOptions

`Literal` becomes a choice, `bool` a switch, `Path` a path. A list of paths takes several values, other lists
take them with commas in between. Anything else is text that the model itself reads. What is given must not be
empty: nobody writes an option to say nothing, but a script whose variable is empty does.
"""

from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click
from click.core import ParameterSource
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from herdwick.agents.cli.list_options import ListOption

_KEY = "domain_option_{}"
"""Keeps a domain's `model` apart from the command's own."""


class NamedPath(click.Path):
    """A path; an empty name, which would mean the current folder, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        if value == "":
            self.fail("An empty name is no path.", param, ctx)
        return super().convert(value, param, ctx)


_TYPES: dict[Any, click.ParamType[Any]] = {
    int: click.INT,
    float: click.FLOAT,
    Path: NamedPath(path_type=Path),
}


def domain_parameters(model: type[BaseModel]) -> list[click.Option]:
    """One option for each field of `model`."""
    return [_option(name, field) for name, field in model.model_fields.items()]


def chosen_options(model: type[BaseModel], ctx: click.Context) -> BaseModel:
    """The options given on the command line; they are taken out of `ctx.params`.

    Raises:
        click.UsageError: A value is not allowed.
    """
    given = {}
    for name, field in model.model_fields.items():
        value = ctx.params.pop(_KEY.format(name))
        if ctx.get_parameter_source(_KEY.format(name)) is not ParameterSource.DEFAULT:
            given[field.alias or name] = value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise click.UsageError(_explain(error), ctx) from error


def as_arguments(options: BaseModel) -> dict[str, Any]:
    """Options as keyword arguments of `build_solver`; only those that were given."""
    return options.model_dump(by_alias=True, exclude_unset=True)


def as_command_line(options: BaseModel) -> list[str]:
    """Options as they are typed; only those that were given. The inverse of `chosen_options`."""
    typed = []
    for name in sorted(options.model_fields_set):
        value = getattr(options, name)
        flag = _flag(name, type(options).model_fields[name])
        if isinstance(value, bool):
            typed.append(f"--{flag}" if value else f"--no-{flag}")
        else:
            values = value if isinstance(value, list | tuple | set | frozenset) else [value]
            typed += [f"--{flag}={item}" for item in values]
    return typed


def split_list(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Values with commas in between, one by one; a callback of options with `multiple`.

    Raises:
        click.BadParameter: There is a value that holds none.
    """
    parts = [[part.strip() for part in value.split(",") if part.strip()] for value in values]
    for value, found in zip(values, parts, strict=True):
        if not found:
            raise click.BadParameter(f"{value!r} names nothing; leave out the option, or give names.")
    return tuple(part for found in parts for part in found)


def _explain(error: ValidationError) -> str:
    """What is wrong, each with the option it is about; nothing stands before what is about several."""
    told = []
    for item in error.errors():
        flag = f"--{str(item['loc'][0]).replace('_', '-')}: " if item["loc"] else ""
        told.append(f"{flag}{item['msg'].removeprefix('Value error, ')}")
    return "; ".join(told)


def _flag(name: str, field: FieldInfo) -> str:
    return (field.alias or name).replace("_", "-")


def _option(name: str, field: FieldInfo) -> click.Option:
    flag = _flag(name, field)
    kind = _without_none(field.annotation)
    settings: dict[str, Any] = {"help": field.description, "required": field.is_required()}
    if kind is bool:
        return click.Option(
            [f"--{flag}/--no-{flag}", _KEY.format(name)], default=bool(field.default), **settings
        )
    if get_origin(kind) in (list, tuple, set, frozenset):
        return _list_option(f"--{flag}", name, get_args(kind)[0], settings)
    default = None if field.default is PydanticUndefined else field.default
    return click.Option(
        [f"--{flag}", _KEY.format(name)], type=_type(kind), default=default, show_default=True, **settings
    )


def _list_option(flag: str, name: str, item: Any, settings: dict[str, Any]) -> click.Option:
    if item is Path:
        return ListOption([flag, _KEY.format(name)], type=_TYPES[Path], **settings)
    return click.Option(
        [flag, _KEY.format(name)], multiple=True, callback=split_list, metavar="A,B,…", **settings
    )


def _type(kind: Any) -> click.ParamType[Any]:
    if get_origin(kind) is Literal:
        return click.Choice([str(choice) for choice in get_args(kind)])
    return _TYPES.get(kind, click.STRING)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        rest = [kind for kind in get_args(annotation) if kind is not NoneType]
        return rest[0] if len(rest) == 1 else str
    return annotation
