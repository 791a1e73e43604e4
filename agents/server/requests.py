"""What may be asked over HTTP, and of which data.

    asked = read_request(AskRequest(question="…", collectors=["rrc00"]), settings)
    asked.targets        # the domains to ask, in this order, each with its options

Options stand beside the question, under the names they have on the command line. Only those that a domain
leaves to requests are taken, and files only from the folder that the server allows, by names relative to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.agents.questions import one_line
from herdwick.agents.routing import find_route
from herdwick.agents.server.errors import HttpFailure
from herdwick.agents.server.settings import ServerSettings
from herdwick.tools.domain import Domain, get_domain
from herdwick.tools.tool import explain


class AskRequest(BaseModel):
    """A question, and what it is about."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={
            "examples": [{"domain": "aminer", "question": "How many citations does Olga Zhuravlev have?"}]
        },
    )

    question: str = Field(description="In plain words.")
    domain: str | None = Field(
        default=None, description="What it is about; when it is left out, its words decide."
    )


@dataclass(frozen=True)
class Target:
    """A domain to ask.

    Attributes:
        domain: The domain.
        options: What it is opened with for this request; None where the request chooses nothing.
    """

    domain: Domain
    options: BaseModel | None = None


@dataclass(frozen=True)
class Asked:
    """A request that may be answered.

    Attributes:
        question: One line.
        targets: The domains to ask, in this order; the first that does not refuse answers.
    """

    question: str
    targets: tuple[Target, ...]


def read_request(request: AskRequest, settings: ServerSettings) -> Asked:
    """Whom to ask, with which options.

    Raises:
        HttpFailure: 413, the question is too long; 422, the domain or an option is unknown or wrong; 403, the
            option is not left to requests, or names a file that is not.
    """
    check_length(request.question, settings)
    question = one_line(request.question)
    given = dict(request.model_extra or {})
    domains = _candidates(request.domain, given, settings)
    chosen = find_route(question, domains).domains
    return Asked(question, tuple(_target(domain, given, settings) for domain in chosen))


def check_length(question: str, settings: ServerSettings) -> None:
    """Refuse a question that is longer than the server takes.

    Raises:
        HttpFailure: 413.
    """
    if len(question) > settings.max_question_chars:
        raise HttpFailure(
            413,
            "question_too_long",
            f"The question has {len(question):,} characters.",
            f"Ask in at most {settings.max_question_chars:,}.",
        )


def option_names(domain: Domain, *, with_files: bool) -> tuple[str, ...]:
    """The options that requests may choose, as they are written there, in the order of the options model."""
    fields = domain.options.model_fields
    return tuple(
        field.alias or name
        for name, field in fields.items()
        if name in domain.request_options and (with_files or not _holds_path(field.annotation))
    )


def _candidates(name: str | None, given: Mapping[str, Any], settings: ServerSettings) -> list[Domain]:
    if name is not None and name not in settings.domains:
        raise HttpFailure(
            422,
            "unknown_domain",
            f"There is no domain {name!r} here.",
            f"Use one of: {', '.join(settings.domains)}.",
        )
    domains = [get_domain(served) for served in settings.domains if name in (None, served)]
    fitting = [domain for domain in domains if {*given} <= _written(domain)]
    if not fitting:
        raise HttpFailure(
            422,
            "bad_option",
            f"{name or 'No domain'} takes all of: {', '.join(given)}."
            if name is None
            else f"{name} does not take: {', '.join(sorted({*given} - _written(domains[0])))}.",
            f"GET /openapi.json lists the options of: {', '.join(settings.domains)}.",
        )
    return fitting


def _written(domain: Domain) -> set[str]:
    return {field.alias or name for name, field in domain.options.model_fields.items()}


def _target(domain: Domain, given: Mapping[str, Any], settings: ServerSettings) -> Target:
    if not given:
        return Target(domain)
    start = settings.domains[domain.name]
    values = {name: getattr(start, name) for name in start.model_fields_set}
    for name, field in domain.options.model_fields.items():
        written = field.alias or name
        if written not in given:
            continue
        if name not in domain.request_options:
            raise HttpFailure(
                403,
                "option_not_allowed",
                f"{written} is set by whoever runs the server.",
                f"Requests may choose: {', '.join(option_names(domain, with_files=True)) or 'nothing'}.",
            )
        value = given[written]
        values[name] = _paths(value, written, settings) if _holds_path(field.annotation) else value
    aliases = {name: field.alias or name for name, field in domain.options.model_fields.items()}
    try:
        options = domain.options.model_validate({aliases[name]: value for name, value in values.items()})
    except ValidationError as error:
        raise HttpFailure(
            422, "bad_option", f"{domain.name} cannot be opened so: {explain(error)}.", "Correct the option."
        ) from error
    return Target(domain, options)


def _paths(value: object, written: str, settings: ServerSettings) -> Path | Sequence[Path]:
    if settings.data_folder is None:
        raise HttpFailure(
            403,
            "files_not_allowed",
            f"This server lets no request name files, as {written} does.",
            "Leave it out, or have the server started with --data-folder.",
        )
    folder = settings.data_folder
    if isinstance(value, str):
        return _inside(value, folder)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [_inside(item, folder) for item in value]
    raise HttpFailure(
        422, "bad_option", f"{written} is no file name, nor a list of them.", "Write it as text."
    )


def _inside(name: str, folder: Path) -> Path:
    """The file called `name` in `folder`, links followed."""
    try:
        allowed = folder.resolve()
        path = (allowed / name).resolve()
        is_there = path.is_relative_to(allowed) and path.exists()
    except (OSError, ValueError):
        # Too long for a name, or with a null in it.
        is_there = False
    # Whether a file outside exists is nobody's business, so that both are told alike.
    if not is_there:
        raise HttpFailure(
            403,
            "file_not_allowed",
            f"There is no file {name!r} that requests may name.",
            "Name files relative to the server's data folder.",
        )
    return path


def _holds_path(annotation: Any) -> bool:
    return annotation is Path or any(_holds_path(argument) for argument in get_args(annotation))
