"""A domain: a small set of typed functions, and everything derived from them.

    domain = get_domain("aminer")
    domain.library.plans          # the solution library
    domain.guide()                # the API text a model sees
    with domain.open(AMinerOptions(graph=path)) as toolkit:
        toolkit.get_tools()       # LangChain tools

A domain is one folder below `herdwick.tools` whose `domain.py` defines `DOMAIN`; nothing else lists it.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, Self, get_args, get_origin, get_type_hints

from langchain_core.tools import BaseTool
from pydantic import BaseModel, JsonValue

import herdwick.tools
from herdwick.tools.entity_words import EntityWords
from herdwick.tools.errors import DomainError
from herdwick.tools.examples import Examples
from herdwick.tools.functions import Entity, FunctionSpec
from herdwick.tools.plot import Drawer
from herdwick.tools.script_output import ScriptOutput
from herdwick.tools.solutions import SolutionLibrary

NOT_INSTALLED = "domain_not_installed"
"""Kind of the error that says a domain's packages are missing."""


class Toolkit(Protocol):
    """A domain's functions bound to data: what a program runs against."""

    def get_tools(self) -> list[BaseTool]:
        """The functions as LangChain tools, in the domain's order."""
        ...

    def data(self) -> dict[str, JsonValue]:
        """What was really read, costs for the current question only: the `data` of an answer."""
        ...

    def close(self) -> None:
        """Release files and connections; closing twice is harmless."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True)
class Domain:
    """A named set of typed functions.

    Attributes:
        name: As on the command line, such as `aminer`.
        summary: One line for people choosing a domain.
        functions: The functions, in the order guides show them.
        options: Pydantic model of what opening needs (graph, files, keys); its fields become command-line
            options.
        open: Binds the functions to data.
        max_hops: Longest plan.
        compares_words: Whether programs look for words of the question in what functions return, and so need
            them in lower case.
        default_data: Folder of what is read where options name no data; None where there is none.
        options_of_dump: Options that open the data of a folder such as an evaluation suite brings; None where
            no such folder can be opened.
        plots: What draws the results of functions, by their names.
        vocabulary: Regular expression of words and spellings by which questions for this domain are known;
            those in its group `sure` are found in hardly any other. '' where there is none.
        run_script: Runs the text of a script of free Python over the data that options name, isolated; None
            where the domain has no scripts.
        examples: What help shows.
        entities: How people call what entity types stand for, by the types' names.
        request_options: Options that whoever asks a server may choose, by name: those that
            say which data is meant, and neither cost money nor name addresses. Files only within the folder
            that the server allows.
        keyed_by: Result fields that hold whatever an argument of the call names, such as `key` of `by`.
    """

    name: str
    summary: str
    functions: tuple[FunctionSpec, ...]
    options: type[BaseModel]
    open: Callable[[Any], Toolkit]
    max_hops: int = 3
    compares_words: bool = False
    default_data: Path | None = None
    options_of_dump: Callable[[Path], BaseModel] | None = None
    plots: Mapping[str, Drawer] = field(default_factory=dict, hash=False)
    vocabulary: str = ""
    run_script: Callable[[str, Any], ScriptOutput] | None = None
    quiet_options: Callable[[Any, Path], BaseModel] | None = None
    examples: Examples = field(default_factory=Examples)
    entities: Mapping[str, EntityWords] = field(default_factory=dict, hash=False)
    keyed_by: Mapping[str, str] = field(default_factory=dict, hash=False)
    request_options: frozenset[str] = frozenset()

    @cached_property
    def library(self) -> SolutionLibrary:
        """Every legal plan."""
        return SolutionLibrary(self.functions, self.max_hops)

    def function(self, name: str) -> FunctionSpec:
        """The function called `name`.

        Raises:
            DomainError: There is none.
        """
        for spec in self.functions:
            if spec.name == name:
                return spec
        known = ", ".join(spec.name for spec in self.functions)
        raise DomainError(
            "unknown_function", f"{self.name} has no function {name!r}.", f"Use one of: {known}"
        )

    @cached_property
    def result_fields(self) -> tuple[str, ...]:
        """Every field name that occurs in any result, in order of first appearance."""
        return tuple(dict.fromkeys(name for spec in self.functions for name in _field_names(spec.result)))

    @cached_property
    def spelled(self) -> str:
        """Regular expression of how questions spell entities such as prefixes; '' where any words can be."""
        entities = (entity for spec in self.functions for entity in spec.parameters.values() if entity)
        return "|".join(dict.fromkeys(f"(?:{entity.spelled})" for entity in entities if entity.spelled))

    def fields_of(self, spec: FunctionSpec) -> tuple[str, ...]:
        """Every field name that occurs in the result of one function."""
        return tuple(dict.fromkeys(_field_names(spec.result)))

    @cached_property
    def result_values(self) -> tuple[str, ...]:
        """Every text that a result field is limited to or mostly has, such as the three relations."""
        return tuple(dict.fromkeys(value for spec in self.functions for value in _values(spec.result)))

    @cached_property
    def argument_values(self) -> tuple[str, ...]:
        """Every text that a parameter is limited to or knows well, such as BLACKHOLE."""
        arguments = (spec.args_schema for spec in self.functions)
        known = (entity for spec in self.functions for entity in spec.parameters.values() if entity)
        named = [value for entity in known for value in entity.well_known]
        return tuple(dict.fromkeys([*named, *(value for schema in arguments for value in _values(schema))]))

    def guide(self, names: tuple[str, ...] | None = None) -> str:
        """The API text shown to a model.

        Args:
            names: Only these functions; all when None.
        """
        chosen = [spec for spec in self.functions if names is None or spec.name in names]
        return "\n---\n".join(_describe(spec) for spec in chosen)


def get_domain(name: str) -> Domain:
    """The domain called `name`.

    Raises:
        DomainError: No folder below `herdwick.tools` defines it, or what it needs is not installed.
    """
    if name not in domain_names():
        raise DomainError(
            "unknown_domain", f"There is no domain {name!r}.", f"Use one of: {', '.join(domain_names())}"
        )
    try:
        domain = importlib.import_module(f"herdwick.tools.{name}.domain").DOMAIN
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("herdwick"):
            raise
        raise DomainError(
            NOT_INSTALLED,
            f"The domain {name} needs {error.name}, which is not installed.",
            f"In the checkout, run: pip install -e '.[{name}]'",
        ) from error
    if not isinstance(domain, Domain):
        raise DomainError("bad_domain", f"herdwick.tools.{name}.domain.DOMAIN is not a Domain.")
    return domain


def installed_domains() -> tuple[Domain, ...]:
    """The domains whose packages are all installed, in alphabetical order of their names."""
    domains = []
    for name in domain_names():
        try:
            domains.append(get_domain(name))
        except DomainError as error:
            if error.kind != NOT_INSTALLED:
                raise
    return tuple(domains)


def domain_names() -> tuple[str, ...]:
    """The domains that Herdwick has, in alphabetical order; an extra may be needed to use one."""
    return _names_in(tuple(herdwick.tools.__path__))


@cache
def _names_in(folders: tuple[str, ...]) -> tuple[str, ...]:
    packages = (module.name for module in pkgutil.iter_modules(folders) if module.ispkg)
    return tuple(sorted(name for name in packages if _has_domain(name)))


def _has_domain(package: str) -> bool:
    return importlib.util.find_spec(f"herdwick.tools.{package}.domain") is not None


def _field_names(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = get_type_hints(annotation)
        return [name for field in hints for name in (field, *_field_names(hints[field]))]
    return [name for argument in get_args(annotation) for name in _field_names(argument)]


def _values(annotation: Any) -> list[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = get_type_hints(annotation, include_extras=True)
        return [value for hint in hints.values() for value in _values(hint)]
    if get_origin(annotation) is Literal:
        return [value for value in get_args(annotation) if isinstance(value, str)]
    if get_origin(annotation) is Annotated:
        marks = [mark for mark in annotation.__metadata__ if isinstance(mark, Entity)]
        return [*(value for mark in marks for value in mark.well_known), *_values(annotation.__origin__)]
    return [value for argument in get_args(annotation) for value in _values(argument)]


def _describe(spec: FunctionSpec) -> str:
    parameters = ", ".join(
        f"{name}: {_shape(field.annotation)}" + ("" if field.is_required() else f" = {field.default!r}")
        for name, field in spec.args_schema.model_fields.items()
    )
    return f"{spec.name}({parameters}) -> {_shape(spec.result)}\n    {spec.description}"


def _shape(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        hints = get_type_hints(annotation)
        return "{" + ", ".join(f"'{name}': {_shape(hint)}" for name, hint in hints.items()) + "}"
    if get_origin(annotation) is list:
        return f"[{_shape(get_args(annotation)[0])}]"
    if get_origin(annotation) is Annotated:
        return _shape(annotation.__origin__)
    if get_origin(annotation) is Literal:
        return " or ".join(map(repr, get_args(annotation)))
    return getattr(annotation, "__name__", str(annotation))
