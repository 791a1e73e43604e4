import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from herdwick.finetune.hub import upload
from herdwick.finetune.publishing import prepare
from herdwick.finetune.recipe import FinetuneError

from .hub_server import COMMIT, TOKEN, Hub
from .test_publishing import merged, shipped

__all__ = ["merged", "shipped"]

pytest.importorskip("huggingface_hub", reason="needs herdwick[finetune]")


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


def refused(hub: Hub, folder: Path, *, token: str = TOKEN) -> FinetuneError:
    with pytest.raises(FinetuneError) as failure:
        upload(prepare(folder, "me/bgp"), token=token, endpoint=hub.address)
    return failure.value


def test_the_repository_is_made_and_every_file_is_there_byte_by_byte(hub: Hub, shipped: Path) -> None:
    url = upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)

    assert url == f"{hub.address}/me/bgp/commit/{COMMIT}"
    here = {file.name: file.read_bytes() for file in shipped.iterdir()}
    assert hub.repos["me/bgp"].files == here
    assert "README.md" in here


def test_weights_go_by_lfs_and_are_verified_and_all_is_one_commit(hub: Hub, shipped: Path) -> None:
    upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)

    assert hub.steps == ["create", "validate", "preupload", "batch", "put", "verify", "commit"]
    assert hub.repos["me/bgp"].commits == 1


def test_a_merged_model_comes_with_the_card_that_it_had_not(hub: Hub, merged: Path) -> None:
    upload(prepare(merged, "me/merged"), token=TOKEN, endpoint=hub.address)

    files = hub.repos["me/merged"].files
    assert files["README.md"].decode().splitlines()[8] == "# aminer-tiny, merged"
    assert files["model.safetensors"] == (merged / "model.safetensors").read_bytes()


@pytest.mark.parametrize("private", [False, True])
def test_the_repository_is_as_private_as_asked(hub: Hub, shipped: Path, private: bool) -> None:
    upload(prepare(shipped, "me/bgp", private=private), token=TOKEN, endpoint=hub.address)

    assert hub.repos["me/bgp"].private is private


def test_an_existing_repository_is_changed_only_when_that_is_asked_for(hub: Hub, shipped: Path) -> None:
    upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)

    failure = refused(hub, shipped)
    assert failure.kind == "repo_exists"
    assert "--update" in failure.hint
    assert hub.repos["me/bgp"].commits == 1

    upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address, update=True)
    assert hub.repos["me/bgp"].commits == 2


def test_what_should_be_private_does_not_go_into_a_public_repository(hub: Hub, shipped: Path) -> None:
    upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)
    private = prepare(shipped, "me/bgp", private=True)

    with pytest.raises(FinetuneError) as failure:
        upload(private, token=TOKEN, endpoint=hub.address, update=True)

    assert failure.value.kind == "public_repo"
    assert hub.repos["me/bgp"].commits == 1


@pytest.mark.parametrize("there", [False, True])
def test_a_private_repository_is_made_or_changed(hub: Hub, shipped: Path, there: bool) -> None:
    private = prepare(shipped, "me/bgp", private=True)
    if there:
        upload(private, token=TOKEN, endpoint=hub.address)

    upload(private, token=TOKEN, endpoint=hub.address, update=True)

    assert hub.repos["me/bgp"].private
    assert hub.repos["me/bgp"].commits == 1 + there


def test_without_a_token_nothing_is_asked(hub: Hub, shipped: Path) -> None:
    assert refused(hub, shipped, token="").kind == "no_token"
    assert hub.steps == []


def test_white_space_around_the_token_is_not_sent(hub: Hub, shipped: Path) -> None:
    upload(prepare(shipped, "me/bgp"), token=f" {TOKEN}\r\n", endpoint=hub.address)

    assert hub.repos["me/bgp"].commits == 1


@pytest.mark.parametrize("token", ["hf_of\x00Somebody", "hf_of\nSomebody", "hf_ofSömebody"])
def test_what_cannot_be_a_token_is_neither_sent_nor_repeated(hub: Hub, shipped: Path, token: str) -> None:
    failure = refused(hub, shipped, token=token)

    assert failure.kind == "bad_token"
    assert "Somebody" not in str(failure)
    assert hub.steps == []


def test_a_wrong_token_is_told_and_not_repeated(hub: Hub, shipped: Path) -> None:
    wrong = "hf_wrongTokenOfSomebody"

    failure = refused(hub, shipped, token=wrong)

    assert failure.kind == "hub_refused"
    assert "401" in failure.message
    assert "HF_TOKEN" in failure.hint
    assert wrong not in f"{failure!r} {failure} {failure.__cause__!r}"
    assert hub.repos == {}


@pytest.mark.parametrize(
    ("step", "status", "kind"),
    [("create", 403, "hub_refused"), ("commit", 409, "hub_refused"), ("create", 500, "hub_failed")],
)
def test_a_server_that_refuses_or_fails_is_told(
    hub: Hub, shipped: Path, step: str, status: int, kind: str
) -> None:
    hub.faults[step] = [status]

    failure = refused(hub, shipped)

    assert failure.kind == kind
    assert f"answered {status}" in failure.message
    assert failure.hint
    assert TOKEN not in str(failure)
    assert all(not repo.files for repo in hub.repos.values())


def test_an_upload_that_is_refused_leaves_no_half_model(hub: Hub, shipped: Path) -> None:
    hub.faults["put"] = [413]

    failure = refused(hub, shipped)

    assert (failure.kind, "413" in failure.message) == ("hub_refused", True)
    assert hub.repos["me/bgp"].files == {}


def test_a_failure_of_a_moment_is_tried_again(hub: Hub, shipped: Path) -> None:
    hub.faults["preupload"] = [500]

    upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)

    assert hub.steps.count("preupload") == 2
    assert hub.repos["me/bgp"].commits == 1


def test_a_server_that_is_not_there_is_told(shipped: Path) -> None:
    with Hub() as gone:
        address = gone.address

    with pytest.raises(FinetuneError) as failure:
        upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=address)

    assert failure.value.kind == "hub_failed"
    assert address in failure.value.message


def test_the_token_is_in_no_log(hub: Hub, shipped: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        upload(prepare(shipped, "me/bgp"), token=TOKEN, endpoint=hub.address)

    assert caplog.records
    assert TOKEN not in caplog.text


def publish(
    hub: Hub, *words: str | Path, token: str = TOKEN, **more: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, where the server is known from the environment only."""
    environment = os.environ | {"HF_ENDPOINT": hub.address, "HF_TOKEN": token} | more
    command = [sys.executable, "-m", "herdwick.agents.cli", "finetune", "publish", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)


def test_the_command_takes_token_and_server_from_the_environment(hub: Hub, shipped: Path) -> None:
    done = publish(hub, shipped, "me/bgp", "--private", "--json", HF_DEBUG="1")

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["url"] == f"{hub.address}/me/bgp/commit/{COMMIT}"
    assert hub.repos["me/bgp"].private
    assert "POST" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_a_refused_command_ends_with_one_and_no_traceback(hub: Hub, shipped: Path) -> None:
    done = publish(hub, shipped, "me/bgp", token="hf_wrongTokenOfSomebody")

    assert done.returncode == 1
    assert "answered 401" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hf_wrongTokenOfSomebody" not in done.stdout + done.stderr


def test_a_dry_run_prints_card_and_files_and_sends_nothing(hub: Hub, shipped: Path) -> None:
    done = publish(hub, shipped, "me/bgp", "--dry-run", token="")

    assert done.returncode == 0, done.stderr
    assert "license: apache-2.0" in done.stdout
    assert "adapter.gguf" in done.stdout
    assert done.stdout.endswith("me/bgp, apache-2.0: nothing was sent\n")
    assert hub.steps == []


def test_without_the_variable_the_login_counts_and_its_token_is_not_shown(
    hub: Hub, shipped: Path, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")

    done = publish(hub, shipped, "me/bgp", token="", HF_TOKEN_PATH=str(tmp_path / "token"))

    assert done.returncode == 0, done.stderr
    assert hub.repos["me/bgp"].commits == 1
    assert TOKEN not in done.stdout + done.stderr


def test_the_variable_comes_before_the_login(hub: Hub, shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hf_ofAnotherAccount")

    done = publish(hub, shipped, "me/bgp", HF_TOKEN_PATH=str(tmp_path / "token"))

    assert done.returncode == 0, done.stderr
