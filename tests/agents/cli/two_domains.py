"""Birds and rivers: two domains that share one option, in place of those that are installed."""

from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from herdwick.agents.cli import domain_group
from herdwick.tools.domain import Domain


class RiverOptions(BaseModel):
    depth_m: float = 1.0
    cache: Path | None = None
    is_dry: bool = False


class BirdOptions(BaseModel):
    flock: tuple[Path, ...] = ()
    cache: Path | None = None


DOMAINS = {
    "birds": Domain("birds", "Birds in the sky.", (), BirdOptions, open=lambda _: None),
    "rivers": Domain("rivers", "Rivers and their depth.", (), RiverOptions, open=lambda _: None),
}


@click.command(epilog="herdwick ask DOMAIN Q")
@click.argument("question")
@click.option("--model", default="embedded")
def template(domain: Domain, options: BaseModel, question: str, model: str) -> None:
    """Answer QUESTION."""
    click.echo(f"{domain.name} {options!r} {question} {model}")


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_group, "domain_names", lambda: tuple(DOMAINS))
    monkeypatch.setattr(domain_group, "get_domain", DOMAINS.__getitem__)
    monkeypatch.setattr(domain_group, "installed_domains", lambda: tuple(DOMAINS.values()))
