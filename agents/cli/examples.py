"""Examples in help, made from those of a domain.

    examples_of(template.epilog, domain)      # `herdwick ask DOMAIN QUESTION` with questions of the domain
    call_examples(domain, spec)

In a template `DOMAIN` stands for the domain's name. A line with `QUESTION`, `PROGRAM` or `SCRIPT` is there
once for each of the domain's questions with its options, for its program, for the options of its scripts; one
with `FIRST` only for the first question.
"""

import json
from collections.abc import Iterator, Sequence

from pydantic import JsonValue, ValidationError

from herdwick.tools.domain import Domain
from herdwick.tools.functions import FunctionSpec

_UNKNOWN = "…"
"""Stands for an argument of which the domain has no example."""


def examples_of(template: str, domain: Domain) -> str:
    """The lines of a template with the examples of one domain."""
    return "\n".join(_filled(template, [domain]))


def examples_of_all(template: str, domains: Sequence[Domain]) -> str:
    """The lines of a template for a command that takes any domain: of each its first question."""
    return "\n".join(_filled(template, domains, most=1))


def call_examples(domain: Domain, spec: FunctionSpec) -> str:
    """How one function is called: with what it must be given, and on data of one's own."""
    arguments = json.dumps(_arguments(domain, spec), ensure_ascii=False)
    options = next((asked.options for asked in domain.examples.asked if asked.options), "")
    lines = [
        f"herdwick tools show {spec.name}",
        f"herdwick tools call {spec.name} '{arguments}'",
        f"herdwick tools call {spec.name} - {options} --json < arguments.json".replace("  ", " "),
    ]
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def _arguments(domain: Domain, spec: FunctionSpec) -> dict[str, JsonValue]:
    """All that is required, or else the first of the other arguments that may stand alone."""
    known, fields = domain.examples.arguments, spec.args_schema.model_fields
    required = {name: known.get(name, _UNKNOWN) for name, field in fields.items() if field.is_required()}
    if required:
        return required
    return next(
        ({name: known[name]} for name in known if name in fields and _fits(spec, name, known[name])), {}
    )


def _fits(spec: FunctionSpec, name: str, value: JsonValue) -> bool:
    try:
        spec.args_schema.model_validate({name: value})
    except ValidationError:
        return False
    return True


def _filled(template: str, domains: Sequence[Domain], most: int | None = None) -> Iterator[str]:
    for line in template.splitlines():
        for number, domain in enumerate(domains):
            placeholder = next((name for name in _VALUES if name in line), None)
            if placeholder is None:
                # Without an example in it, it would say the same of every domain.
                if number == 0:
                    yield line.replace("DOMAIN", domain.name)
                continue
            for value in _VALUES[placeholder](domain)[:most]:
                yield line.replace("DOMAIN", domain.name).replace(placeholder, value)


def _questions(domain: Domain) -> list[str]:
    return [f'"{asked.question}" {asked.options}'.rstrip() for asked in domain.examples.asked]


def _first_question(domain: Domain) -> list[str]:
    return _questions(domain)[:1]


def _programs(domain: Domain) -> list[str]:
    return [f"echo '{domain.examples.program}'"] if domain.examples.program else []


def _scripts(domain: Domain) -> list[str]:
    return [*domain.examples.scripts]


_VALUES = {
    "FIRST": _first_question,
    "QUESTION": _questions,
    "PROGRAM": _programs,
    "SCRIPT": _scripts,
}
