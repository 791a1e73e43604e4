"""Typed API functions: the unit a domain is made of.

    PersonId = Annotated[str, Entity("PersonId")]

    class CoauthorArgs(BaseModel):
        person_id: PersonId = Field(description="…")

    FunctionSpec("getCoauthors", "All coauthors of a person.", CoauthorArgs, list[Coauthor])

From the annotations alone come the solution library's edges, the prompt's API guide, the sandbox's type
stubs, and the LangChain tools.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter


@dataclass(frozen=True)
class Entity:
    """Marks a `str` or `int` annotation with the kind of thing it denotes.

    Attributes:
        name: The entity type, such as `PersonId`.
        in_question: Whether a question in words can supply it. Names can be asked about; ids only flow from
            one call to the next.
        spelled: Regular expression of how questions spell it; '' where it can be any words.
        well_known: Values that are meant without being spelled, such as BLACKHOLE by "blackholed".
        together: What several spellings of one question mean, where that is more than each by itself: a day
            that is named once for two times of day.
    """

    name: str
    in_question: bool = False
    spelled: str = ""
    well_known: tuple[str, ...] = ()
    together: Callable[[list[str]], list[str]] | None = None

    def texts_in(self, question: str) -> list[str]:
        """What a question names of this kind, as arguments; nothing where any words can."""
        found = [match.group() for match in re.finditer(self.spelled, question)] if self.spelled else []
        return self.together(found) if self.together else found


@dataclass(frozen=True)
class FunctionSpec:
    """One API function of a domain.

    Attributes:
        name: Published name, used in programs and plans.
        description: What it returns, for people and models.
        args_schema: Pydantic model of its keyword arguments, every field described.
        result: Annotation of the returned value, such as `list[Person]`.
        waits: Whether a call lasts as long as it was asked to, so that its time is not the program's.
    """

    name: str
    description: str
    args_schema: type[BaseModel]
    result: Any
    waits: bool = False

    @cached_property
    def result_adapter(self) -> TypeAdapter[Any]:
        """Validates and serialises returned values."""
        return TypeAdapter(self.result)

    @cached_property
    def parameters(self) -> dict[str, Entity | None]:
        """Entity type of each parameter, None where a parameter is a plain value."""
        hints = get_type_hints(self.args_schema, include_extras=True)
        return {name: next(entities_in(hints[name]), None) for name in self.args_schema.model_fields}

    @cached_property
    def consumes(self) -> frozenset[str]:
        """Names of the entity types among the parameters."""
        return frozenset(entity.name for entity in self.parameters.values() if entity)

    @cached_property
    def produces(self) -> frozenset[str]:
        """Names of the entity types found anywhere in the result."""
        return frozenset(entity.name for entity in entities_in(self.result))

    @property
    def starts_plans(self) -> bool:
        """Whether a question alone can supply every required argument."""
        fields = self.args_schema.model_fields
        required = [entity for name, entity in self.parameters.items() if fields[name].is_required()]
        return all(entity is None or entity.in_question for entity in required)


def entities_in(annotation: Any) -> Iterator[Entity]:
    """Every `Entity` marker in an annotation, through containers, unions and pydantic models."""
    if get_origin(annotation) is Annotated:
        yield from (extra for extra in annotation.__metadata__ if isinstance(extra, Entity))
        annotation = annotation.__origin__
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for hint in get_type_hints(annotation, include_extras=True).values():
            yield from entities_in(hint)
    for argument in get_args(annotation):
        yield from entities_in(argument)
