"""A server on loopback that speaks the part of the Hub's HTTP API that an upload uses.

    with Hub() as hub:
        upload(publication, token=TOKEN, endpoint=hub.address)
        hub.repos["me/bgp"].files["README.md"]

Paths and bodies are those of `huggingface_hub`: create, info, validate, preupload, LFS batch, LFS put and
verify, commit. Large files must have arrived whole, by their SHA-256, before a commit may name them.
"""

import base64
import hashlib
import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN = "hf_testOnlyToken0123456789"
LARGE = 10_000
"""Bytes from which on a file goes by LFS; on the Hub it depends on the kind of file, too."""
COMMIT = "c" * 40


@dataclass
class Repo:
    """What a repository holds."""

    private: bool
    files: dict[str, bytes] = field(default_factory=dict)
    commits: int = 0


class Hub:
    """The server; `faults` answers the next requests for a step with these statuses instead."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.faults: dict[str, list[int]] = defaultdict(list)
        self.steps: list[str] = []

    def __enter__(self) -> "Hub":
        hub = self

        class Handler(_Handler):
            owner = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.removeprefix("/api/models/")
        self._step("info", self._info, name)

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if path == "/api/repos/create":
            self._step("create", self._create, json.loads(body))
        elif path == "/api/validate-yaml":
            self._step("validate", self._validate, json.loads(body))
        elif path.endswith("/preupload/main"):
            self._step("preupload", self._preupload, json.loads(body))
        elif path.endswith(".git/info/lfs/objects/batch"):
            self._step("batch", self._batch, json.loads(body))
        elif path == "/verify":
            self._step("verify", self._verify, json.loads(body))
        elif path.endswith("/commit/main"):
            lines = [json.loads(line) for line in body.splitlines() if line]
            self._step("commit", lambda entries: self._commit(path.split("/", 3)[3], entries), lines)
        else:
            self._answer(404, {"error": f"No such path {path}"})

    def do_PUT(self) -> None:
        # Storage: its addresses are signed, and the token must not come here.
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if "Authorization" in self.headers:
            self._answer(400, {"error": "The token was sent to the storage."})
            return
        self.owner.steps.append("put")
        if faults := self.owner.faults["put"]:
            self._answer(faults.pop(0), {"error": "The storage failed."})
            return
        self.owner.objects[self.path.rpartition("/")[2]] = body
        self._answer(200, {})

    def _step(self, name: str, run: Any, body: Any) -> None:
        self.owner.steps.append(name)
        sent = self.headers.get("Authorization", "")
        if sent != f"Bearer {TOKEN}":
            # A careless server, which repeats what it was sent.
            self._answer(401, {"error": f"Invalid credentials: {sent}"})
        elif faults := self.owner.faults[name]:
            self._answer(faults.pop(0), {"error": f"The step {name} failed for {sent}."})
        else:
            self._answer(*run(body))

    def _create(self, body: Any) -> tuple[int, Any]:
        name = f"{body['organization']}/{body['name']}"
        if name in self.owner.repos:
            return 409, {
                "error": "You already created this model repo",
                "url": f"{self.owner.address}/{name}",
            }
        self.owner.repos[name] = Repo(
            private=body.get("visibility") == "private" or body.get("private") is True
        )
        return 200, {"url": f"{self.owner.address}/{name}", "name": name}

    def _info(self, name: str) -> tuple[int, Any]:
        if name not in self.owner.repos:
            return 404, {"error": "Repository not found"}
        return 200, {"id": name, "private": self.owner.repos[name].private}

    def _validate(self, body: Any) -> tuple[int, Any]:
        told = "license:" in body["content"]
        return 200 if told else 400, {"errors": [] if told else [{"message": "no license"}], "warnings": []}

    def _preupload(self, body: Any) -> tuple[int, Any]:
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["size"] >= LARGE else "regular",
                "shouldIgnore": False,
            }
            for file in body["files"]
        ]
        return 200, {"files": files}

    def _batch(self, body: Any) -> tuple[int, Any]:
        return 200, {"objects": [self._place(entry) for entry in body["objects"]], "transfer": "basic"}

    def _place(self, entry: Any) -> Any:
        if entry["oid"] in self.owner.objects:
            return entry
        address = self.owner.address
        upload, verify = {"href": f"{address}/lfs/{entry['oid']}"}, {"href": f"{address}/verify"}
        return {**entry, "actions": {"upload": upload, "verify": verify}}

    def _verify(self, body: Any) -> tuple[int, Any]:
        content = self.owner.objects.get(body["oid"], b"")
        whole = len(content) == body["size"] and hashlib.sha256(content).hexdigest() == body["oid"]
        return (200, {}) if whole else (422, {"error": "The object is not whole."})

    def _commit(self, rest: str, entries: Any) -> tuple[int, Any]:
        repo = self.owner.repos[rest.removesuffix("/commit/main")]
        for entry in entries[1:]:
            value = entry["value"]
            if entry["key"] == "file":
                repo.files[value["path"]] = base64.b64decode(value["content"])
            else:
                repo.files[value["path"]] = self.owner.objects[value["oid"]]
        repo.commits += 1
        url = f"{self.owner.address}/{rest.removesuffix('/commit/main')}/commit/{COMMIT}"
        return 200, {"commitUrl": url, "commitOid": COMMIT, "success": True}

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
