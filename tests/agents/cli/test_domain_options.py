from datetime import datetime
from pathlib import Path
from typing import Literal

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel, ConfigDict, Field

from herdwick.agents.cli.domain_options import (
    as_arguments,
    as_command_line,
    chosen_options,
    domain_parameters,
)
from herdwick.agents.cli.list_options import ListCommand


class Options(BaseModel):
    """A domain as nobody has written one yet: every kind of field."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    engine: Literal["fast", "exact"] = Field(default="fast", description="How.")
    files: tuple[Path, ...] = Field(default=(), description="Which.")
    collectors: list[str] = []
    peers: list[int] = []
    from_time: datetime | None = Field(default=None, alias="from")
    replay: bool = False
    strict: bool = True
    budget: float = Field(default=1.0, ge=0)
    limit: int | None = None


def parse(*arguments: str) -> Options:
    found: list[BaseModel] = []
    command = ListCommand(
        "ask",
        params=[*domain_parameters(Options), click.Argument(["question"])],
        callback=lambda question, **_: found.append(chosen_options(Options, click.get_current_context())),
    )
    result = CliRunner().invoke(command, [*arguments, "Why?"], standalone_mode=False)
    if result.exception:
        raise result.exception
    (options,) = found
    assert isinstance(options, Options)
    return options


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        (["--engine", "exact"], "engine", "exact"),
        (["--files", "a", "b", "--"], "files", (Path("a"), Path("b"))),
        (["--collectors", "rrc00,rrc01", "--collectors", "rv2"], "collectors", ["rrc00", "rrc01", "rv2"]),
        (["--peers", "1,2"], "peers", [1, 2]),
        (["--from", "2026-01-02T03:04"], "from_time", datetime(2026, 1, 2, 3, 4)),
        (["--replay"], "replay", True),
        (["--no-strict"], "strict", False),
        (["--budget", "0.5"], "budget", 0.5),
        (["--limit", "3"], "limit", 3),
    ],
)
def test_a_field_is_an_option_of_its_type(typed, field, value):
    assert getattr(parse(*typed), field) == value


def test_only_what_was_typed_counts_as_given():
    assert as_arguments(parse("--from", "2026-01-02")) == {"from": datetime(2026, 1, 2)}


@pytest.mark.parametrize(
    "typed",
    [
        ["--budget", "-1"],
        ["--budget", "much"],
        ["--engine", "slow"],
        ["--peers", "1,x"],
        ["--from", "yesterday"],
        ["--nosuch", "1"],
        ["--collectors", ",,"],
        ["--collectors", "rrc00", "--collectors", " "],
        ["--files", ""],
    ],
)
def test_a_value_that_is_not_allowed_is_wrong_usage(typed):
    with pytest.raises(click.UsageError):
        parse(*typed)


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        (["--collectors", ",,"], "',,' names nothing; leave out the option, or give names."),
        (["--files", ""], "An empty name is no path."),
        (["--budget", "-1"], "--budget: Input should be greater than or equal to 0"),
        (["--from", "yesterday"], "--from: Input should be a valid datetime"),
    ],
)
def test_a_complaint_names_the_option_as_it_is_typed(typed, complaint):
    with pytest.raises(click.UsageError) as caught:
        parse(*typed)
    assert complaint in caught.value.format_message()


def test_typed_options_can_be_typed_again():
    typed = ["--collectors=rrc00", "--collectors=rv2", "--engine=exact", "--replay", "--no-strict"]
    assert sorted(as_command_line(parse(*typed, "--"))) == sorted(typed)


def test_help_shows_descriptions_and_defaults():
    command = click.Command("ask", params=list(domain_parameters(Options)))
    shown = CliRunner().invoke(command, ["--help"]).stdout
    assert "--engine [fast|exact]" in shown
    assert "How.  [default: fast]" in shown
    assert "--from TEXT" in shown
