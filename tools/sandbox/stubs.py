"""Type stubs of a domain: what Monty's type checker knows about its functions.

    domain_stubs(get_domain("aminer"))
    # class PersonId: ...
    # class PersonName(str): ...
    # class Person(TypedDict): …
    # def searchPerson(name: str = ..., …) -> list[Person]: ...

Entity types become classes of their own. One that only flows from call to call, such as an id, is no `str`
to the checker, so that neither a name passes for an id nor an id for a name; one that a question can supply
is a subclass of its plain type, since programs compare, slice and print it.
"""

import types
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from herdwick.tools.domain import Domain
from herdwick.tools.errors import DomainError
from herdwick.tools.functions import Entity, FunctionSpec

_JSON_TYPES = {str: "str", int: "int", float: "float", bool: "bool", type(None): "None", None: "None"}
_HEADER = "from typing import Any, Literal, TypedDict"


def domain_stubs(domain: Domain) -> str:
    """The stubs of all functions of `domain`, as one module."""
    writer = _StubWriter()
    signatures = [writer.signature(spec) for spec in domain.functions]
    return "\n".join((_HEADER, *writer.entities.values(), *writer.records.values(), *signatures, ""))


class _StubWriter:
    """Writes annotations, collecting the classes they need."""

    def __init__(self) -> None:
        self.entities: dict[str, str] = {}
        self.records: dict[str, str] = {}
        self.models: dict[str, type[BaseModel]] = {}

    def signature(self, spec: FunctionSpec) -> str:
        hints = get_type_hints(spec.args_schema, include_extras=True)
        parameters = ", ".join(
            f"{name}: {self.parameter(hints[name])}" + ("" if field.is_required() else " = ...")
            for name, field in spec.args_schema.model_fields.items()
        )
        return f"def {spec.name}({parameters}) -> {self.annotation(spec.result)}: ..."

    def parameter(self, hint: Any) -> str:
        """A parameter's type: whatever a question can supply is taken as a plain value."""
        entity, origin = _entity(hint), get_origin(hint)
        if entity and entity.in_question:
            return self.annotation(_plain(hint))
        if origin in (Union, types.UnionType):
            return " | ".join(dict.fromkeys(map(self.parameter, get_args(hint))))
        if origin is list:
            return f"list[{self.parameter(get_args(hint)[0])}]"
        return self.annotation(hint)

    def annotation(self, hint: Any) -> str:
        """A type as it looks once it is JSON; `Any` where that is not known."""
        if entity := _entity(hint):
            return self._entity_class(entity, self.annotation(_plain(hint)))
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self.annotation(arguments[0])
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return self._record(hint)
        if origin is Literal:
            return f"Literal[{', '.join(map(repr, arguments))}]"
        if origin in (Union, types.UnionType):
            return " | ".join(map(self.annotation, arguments))
        if origin in (list, set, frozenset, tuple):
            return f"list[{self._union(item for item in arguments if item is not ...)}]"
        if origin is dict:
            return f"dict[str, {self.annotation(arguments[1])}]"
        return _JSON_TYPES.get(hint, "Any")

    def _union(self, hints: Iterable[Any]) -> str:
        return " | ".join(dict.fromkeys(map(self.annotation, hints)))

    def _entity_class(self, entity: Entity, plain: str) -> str:
        parent = f"({plain})" if entity.in_question and plain in ("str", "int") else ""
        self.entities.setdefault(entity.name, f"class {entity.name}{parent}: ...")
        return entity.name

    def _record(self, model: type[BaseModel]) -> str:
        if self.models.setdefault(model.__name__, model) is not model:
            raise DomainError("bad_domain", f"Two results of the domain are called {model.__name__}.")
        if model.__name__ not in self.records:
            self.records[model.__name__] = ""
            hints = get_type_hints(model, include_extras=True)
            lines = [f"    {name}: {self.annotation(hints[name])}" for name in model.model_fields]
            self.records[model.__name__] = "\n".join((f"class {model.__name__}(TypedDict):", *lines))
        return model.__name__


def _entity(hint: Any) -> Entity | None:
    extras = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return next((extra for extra in extras if isinstance(extra, Entity)), None)


def _plain(hint: Any) -> Any:
    return get_args(hint)[0]
