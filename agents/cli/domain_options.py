"""A domain's options as command-line options, made from the fields of its options model.

    command.params += domain_parameters(AMinerOptions)
    options = chosen_options(AMinerOptions, ctx)      # an AMinerOptions

`Literal` becomes a choice, `bool` a switch, `Path` a path. A list of paths takes several values, other lists
take them with commas in between. Anything else is text that the model itself reads.
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

_TYPES: dict[Any, click.ParamType[Any]] = {
    int: click.INT,
    float: click.FLOAT,
    Path: click.Path(path_type=Path),
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
        from herdwick.tools.tool import explain

        raise click.UsageError(explain(error), ctx) from error


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

    def split(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str]:
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    return click.Option([flag, _KEY.format(name)], multiple=True, callback=split, metavar="A,B,…", **settings)


def _type(kind: Any) -> click.ParamType[Any]:
    if get_origin(kind) is Literal:
        return click.Choice([str(choice) for choice in get_args(kind)])
    return _TYPES.get(kind, click.STRING)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, UnionType):
        rest = [kind for kind in get_args(annotation) if kind is not NoneType]
        return rest[0] if len(rest) == 1 else str
    return annotation
