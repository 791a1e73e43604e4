"""What must be in order for questions to be answered, check by check.

    for check in health_checks(model=None):
        print(check.status, check.name, check.detail, check.hint)

Nothing is installed, built or asked over the network, but for the sample graph, which is built when it is not
there, and the model's endpoint, which is asked when one is named.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import Literal

import platformdirs
from packaging.requirements import Requirement
from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.agents.cli.answer_view import data_view
from herdwick.agents.cli.terminal import short_path
from herdwick.agents.embedded import EmbeddedConfig
from herdwick.agents.endpoint_errors import endpoint_errors
from herdwick.agents.models import load_model
from herdwick.tools.bgp.engine.pybgpstream_engine import is_importable
from herdwick.tools.domain import Domain, installed_domains
from herdwick.tools.errors import HerdwickError
from herdwick.tools.sandbox import self_check
from herdwick.tools.sandbox.scripts import self_check_scripts

Status = Literal["ok", "optional", "warning", "broken"]

NEEDED_PYTHON = (3, 11)
LITTLE_SPACE_MB = 500
"""Less free space than this earns a warning; a graph of a million people takes gigabytes."""


class Check(BaseModel):
    """One thing that was looked at.

    Attributes:
        name: What.
        status: `broken` where questions cannot be answered because of it, `optional` where something may be
            missing.
        detail: What was found.
        hint: What to do; '' when nothing needs to be done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    status: Status
    detail: str
    hint: str = ""

    @classmethod
    def of(cls, name: str, error: HerdwickError, status: Status = "broken") -> "Check":
        """A check that failed with `error`."""
        return cls(name=name, status=status, detail=error.message, hint=error.hint)


def health_checks(model: str | None) -> Iterator[Check]:
    """All checks, each as it is done.

    Args:
        model: Asked for a word when given; if it is not `embedded`, the embedded model need not work.
    """
    needs_embedded = model in (None, "embedded")
    domains = installed_domains()
    yield python_check()
    yield from package_checks(needs_engine=needs_embedded)
    yield from embedded_checks(domains, needed=needs_embedded)
    yield sandbox_check()
    yield scripts_check()
    yield pybgpstream_check()
    for domain in domains:
        yield data_check(domain)
    if model:
        yield endpoint_check(model, domains[0])
    yield storage_check()


def python_check() -> Check:
    """The interpreter."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= NEEDED_PYTHON:
        return Check(name="python", status="ok", detail=found)
    wanted = ".".join(map(str, NEEDED_PYTHON))
    return Check(
        name="python",
        status="broken",
        detail=found,
        hint=f"Install Python {wanted} or newer, and herdwick there.",
    )


def package_checks(*, needs_engine: bool) -> Iterator[Check]:
    """Herdwick's own dependencies, then each extra."""
    every = [Requirement(line) for line in requires("herdwick") or ()]
    own = [one for one in every if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = _wrong_packages(own)
    if wrong:
        yield Check(
            name="packages", status="broken", detail=wrong, hint="Run: pip install --upgrade herdwick"
        )
    else:
        yield Check(
            name="packages", status="ok", detail=f"herdwick {version('herdwick')}, {len(own)} dependencies"
        )
    for extra in metadata("herdwick").get_all("Provides-Extra") or ():
        parts = [
            one for one in every if one not in own and one.marker and one.marker.evaluate({"extra": extra})
        ]
        wrong = _wrong_packages(parts)
        needed = extra == "local" and needs_engine
        if not parts:
            continue
        if not wrong:
            yield Check(name=f"extra {extra}", status="ok", detail="installed")
        else:
            hint = f"In the checkout, run: pip install -e '.[{extra}]'"
            yield Check(
                name=f"extra {extra}", status="broken" if needed else "optional", detail=wrong, hint=hint
            )


def embedded_checks(domains: Sequence[Domain], *, needed: bool) -> Iterator[Check]:
    """The embedded model's base, and an adapter for each domain."""
    bad: Status = "broken" if needed else "optional"
    try:
        config = EmbeddedConfig.installed()
    except HerdwickError as error:
        yield Check.of("base model", error, bad)
        return
    yield Check(name="base model", status="ok", detail=_file(config.base))
    adapters = dict(config.adapters)
    for domain in domains:
        name = f"adapter {domain.name}"
        if domain.name in adapters:
            yield Check(name=name, status="ok", detail=_file(adapters[domain.name]))
        else:
            hint = "Train one with `herdwick finetune train`, or choose another model with --model."
            yield Check(name=name, status=bad, detail="not installed", hint=hint)


def sandbox_check() -> Check:
    """The sandbox, by its own self-check."""
    findings = self_check()
    failed = [f"{finding.name}: {finding.detail}" for finding in findings if not finding.ok]
    if not failed:
        return Check(name="sandbox", status="ok", detail=f"{len(findings)} checks passed")
    hint = "Run no programs here. Reinstall with: pip install --force-reinstall --no-deps pydantic-monty"
    return Check(name="sandbox", status="broken", detail="not so: " + "; ".join(failed), hint=hint)


def scripts_check() -> Check:
    """The sandbox of free scripts, by its own self-check; only scripts need it."""
    try:
        findings = self_check_scripts()
    except HerdwickError as error:
        return Check.of("sandbox scripts", error, "optional")
    failed = [f"{finding.name}: {finding.detail}" for finding in findings if not finding.ok]
    if not failed:
        return Check(name="sandbox scripts", status="ok", detail=f"{len(findings)} checks passed")
    hint = "Run no scripts here. Update bubblewrap and the kernel, and see that nothing was changed in them."
    return Check(name="sandbox scripts", status="broken", detail="not so: " + "; ".join(failed), hint=hint)


def pybgpstream_check() -> Check:
    """CAIDA's PyBGPStream, which `herdwick elems --engine pybgpstream` uses and nothing else needs."""
    if is_importable():
        return Check(name="pybgpstream", status="ok", detail="installed")
    return Check(
        name="pybgpstream", status="optional", detail="not installed; the embedded engine reads MRT files"
    )


def data_check(domain: Domain) -> Check:
    """The data a domain is opened with when no option is given."""
    name = f"data {domain.name}"
    try:
        options = domain.options()
    except ValidationError:
        return Check(name=name, status="optional", detail="has no default; the command line names it")
    try:
        with domain.open(options) as toolkit:
            return Check(name=name, status="ok", detail=data_view(toolkit.data()).plain)
    except HerdwickError as error:
        return Check.of(name, error)


def endpoint_check(name: str, domain: Domain) -> Check:
    """Whether a model writes anything."""
    try:
        model = load_model(name)
        try:
            endpoint = model.endpoint(domain.name)
            with endpoint_errors(endpoint):
                endpoint.chat.invoke([("user", "Say yes.")], max_tokens=4)
        finally:
            model.close()
    except HerdwickError as error:
        return Check.of("model", error)
    return Check(name="model", status="ok", detail=f"{endpoint.where}: {endpoint.model} ({endpoint.engine})")


def storage_check() -> Check:
    """Where graphs, responses and history are kept."""
    cache = platformdirs.user_cache_path("herdwick")
    state = platformdirs.user_state_path("herdwick")
    existing = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free_mb = shutil.disk_usage(existing).free // 10**6
    detail = f"cache {short_path(cache)}, history {short_path(state)}, {free_mb:,} MB free"
    if not os.access(existing, os.W_OK):
        hint = "Set XDG_CACHE_HOME to a folder you may write to."
        return Check(name="storage", status="warning", detail=f"{detail}, not writable", hint=hint)
    if free_mb < LITTLE_SPACE_MB:
        return Check(
            name="storage", status="warning", detail=detail, hint="Free some space before you build a graph."
        )
    return Check(name="storage", status="ok", detail=detail)


def _wrong_packages(requirements: list[Requirement]) -> str:
    complaints = []
    for requirement in requirements:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            complaints.append(f"{requirement.name} is not installed")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            complaints.append(f"{requirement.name} is {found}, not {requirement.specifier}")
    return ", ".join(complaints)


def _file(path: Path) -> str:
    return f"{short_path(path)}, {path.stat().st_size / 10**6:.1f} MB"
