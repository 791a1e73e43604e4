"""Upload to the Hugging Face Hub, or to any server that speaks its HTTP API.

    url = upload(publication, token=find_token())

All files go up in one commit, so nobody sees half a model. The token is sent in headers only, and is taken
out of whatever a server answers before that is shown.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from herdwick.finetune.card import CARD_FILE
from herdwick.finetune.publishing import Publication
from herdwick.finetune.recipe import FinetuneError

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

DEFAULT_ENDPOINT = "https://huggingface.co"

_HINTS = {
    401: "Set HF_TOKEN to a token of yours that may write, or log in with `hf auth login`.",
    403: "The token may not write there: check its rights and the repository's owner.",
    404: "Check the repository's name and owner, and HF_ENDPOINT.",
    409: "Somebody else wrote there at the same time, or the repository exists: try again with --update.",
    413: "The Hub takes no files of that size.",
    429: "Too many requests: wait some minutes.",
}


def find_token() -> str:
    """`HF_TOKEN`, else what `hf auth login` left; '' if there is neither."""
    from huggingface_hub import get_token

    return os.environ.get("HF_TOKEN") or get_token() or ""


def upload(publication: Publication, *, token: str, endpoint: str = "", update: bool = False) -> str:
    """Make the repository and commit the files and the card to it.

    Requests that a server or network fails for a moment are tried again by `huggingface_hub`.

    Args:
        publication: What `prepare` made.
        token: Of the account, with or without white space around it; '' is refused.
        endpoint: Server; default: the Hub.
        update: Whether the repository may exist already.

    Returns:
        Address of the commit.

    Raises:
        FinetuneError: There is no token or it is none, the repository exists, or is public and should be
            private, or the server refused, failed or was not reached.
    """
    token = token.strip()
    if not token:
        raise FinetuneError("no_token", "There is no token to publish with.", _HINTS[401])
    # The HTTP library's error about such a header would quote it, escaped: it could not be taken out.
    if not (token.isascii() and token.isprintable()):
        raise FinetuneError("bad_token", "The token has letters that no token has.", _HINTS[401])
    from httpx2 import HTTPError
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError

    server = endpoint.rstrip("/") or DEFAULT_ENDPOINT
    hub = HfApi(endpoint=server, token=token, library_name="herdwick")
    operations = [
        CommitOperationAdd(CARD_FILE, publication.card.encode()),
        *(CommitOperationAdd(file.name, publication.folder / file.name) for file in publication.files),
    ]
    try:
        with _plain_uploads(plain=server != DEFAULT_ENDPOINT):
            _make_repository(hub, publication, update=update)
            commit = hub.create_commit(
                publication.repo, operations, commit_message="Publish with herdwick", num_threads=2
            )
    # Raised without their causes, which hold the request and so the token.
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        # An upload's failure comes wrapped in a RuntimeError.
        cause = error.__cause__ if isinstance(error, RuntimeError) and error.__cause__ else error
        if isinstance(cause, HfHubHTTPError):
            raise _refusal(cause, server, token) from None
        message = str(cause).replace(token, "…")
        raise FinetuneError(
            "hub_failed", f"{server}: {message}", "Check the network and HF_ENDPOINT, and publish again."
        ) from None
    return str(commit.commit_url)


def _make_repository(hub: "HfApi", publication: Publication, *, update: bool) -> None:
    from huggingface_hub.errors import HfHubHTTPError

    try:
        hub.create_repo(publication.repo, private=publication.private, exist_ok=update)
    except HfHubHTTPError as error:
        if error.response.status_code == 409 and not update:
            raise FinetuneError(
                "repo_exists",
                f"{publication.repo} exists.",
                "Choose another name, or add a commit to it with --update.",
            ) from None
        raise
    # A repository that was there keeps its visibility, whatever was asked for.
    if update and publication.private and not hub.repo_info(publication.repo).private:
        raise FinetuneError(
            "public_repo",
            f"{publication.repo} exists and is public; nothing was sent.",
            "Make it private in its settings, choose another name, or leave --private out.",
        )


def _refusal(error: "HfHubHTTPError", server: str, token: str) -> FinetuneError:
    status = error.response.status_code
    said = (error.server_message or error.response.reason_phrase).replace(token, "…")
    hint = _HINTS.get(status, "Publish again later; with --update if the repository was made.")
    kind = "hub_failed" if status >= 500 else "hub_refused"
    return FinetuneError(kind, f"{server} answered {status}: {said}", hint)


@contextmanager
def _plain_uploads(*, plain: bool) -> Iterator[None]:
    """Large files as Git LFS, which every server speaks that speaks the Hub's API; Xet is the Hub's own."""
    from huggingface_hub import constants

    before = constants.HF_HUB_DISABLE_XET
    constants.HF_HUB_DISABLE_XET = before or plain
    try:
        yield
    finally:
        constants.HF_HUB_DISABLE_XET = before
