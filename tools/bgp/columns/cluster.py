"""A Ray cluster that converts files, as `workers` does on one machine.

    convert_on_cluster(paths, home, "auto", watcher)      # all are in the cache when it returns

One task converts one file. A node that sees the file and the cache, because their file system is shared,
writes the columns where they belong; to any other the file is sent, and its columns come back. Herdwick must
be installed on every node, in the same version. Ray itself is the extra `herdwick[ray]`.
"""

import logging
import os
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from herdwick.tools.bgp.columns.making import making, publish
from herdwick.tools.bgp.columns.schema import VERSION
from herdwick.tools.bgp.columns.workers import Watcher
from herdwick.tools.bgp.engine.sources import MRTFile, source_of
from herdwick.tools.errors import DataError

LOCAL = "local"
"""The address of a cluster that is started on this machine and ended afterwards."""


@dataclass(frozen=True)
class Outcome:
    """What a task says of its file.

    Attributes:
        is_done: Whether the columns are in the cache, or in `columns`; if not, the node lacks the file.
        folder: Name of the columns' folder, where they come in `columns`.
        columns: File names and contents.
        error: Kind, message and hint of what went wrong; empty if nothing did.
    """

    is_done: bool = False
    folder: str = ""
    columns: dict[str, bytes] = field(default_factory=dict)
    error: tuple[str, ...] = ()


def convert_on_cluster(paths: Sequence[Path], home: Path, address: str, watcher: Watcher) -> None:
    """Convert `paths` into the cache `home`, in no particular order.

    Args:
        paths: Files.
        home: The cache.
        address: Of the cluster: `host:port`, `auto` for the one that this machine belongs to, or `local`.
        watcher: Is told which files are complete.

    Raises:
        DataError: Ray is missing, the cluster cannot be reached, or a file cannot be converted.
    """
    home.mkdir(parents=True, exist_ok=True)
    with _connected(address) as ray, _mark(home) as mark:
        see = ray.remote(_convert_here)
        send = ray.remote(_convert_sent)
        width = max(1, int(ray.cluster_resources().get("CPU", 1)))
        todo = list(reversed(paths))
        running: dict[Any, Path] = {}
        try:
            while todo or running:
                while todo and len(running) < width:
                    path = todo.pop().absolute()
                    running[see.remote(path, home.absolute(), mark, VERSION)] = path
                (ended,), _ = ray.wait([*running], num_returns=1)
                path = running.pop(ended)
                outcome: Outcome = ray.get(ended)
                if outcome.error:
                    kind, message, hint = outcome.error
                    raise DataError(kind, message, hint)
                if not outcome.is_done:
                    running[send.remote(path, path.read_bytes(), VERSION)] = path
                    continue
                if outcome.columns:
                    _keep(outcome, home)
                watcher.finish(next(given for given in paths if given.absolute() == path))
        except ray.exceptions.RayError as error:
            raise DataError(
                "conversion_ended",
                f"The cluster did not convert {path}: {str(error).splitlines()[0]}",
                "Look at its nodes: each needs Herdwick, and memory for the columns of a file.",
            ) from error
        finally:
            for task in running:
                ray.cancel(task, force=True)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Ray, connected; a connection that the caller's program has made already is used and kept."""
    # Ray reports its use to its makers unless told not to.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise DataError("no_ray", "Ray is not installed.", "pip install 'herdwick[ray]'") from error
    if ray.is_initialized():
        yield ray
        return
    local: dict[str, Any] = {}
    if address == LOCAL:
        # Somebody waits for the answer: as they come, Ray's workers yield to every other process.
        os.environ.setdefault("RAY_worker_niceness", "0")
        local = {"include_dashboard": False}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **local)
    except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
        raise DataError(
            "no_cluster",
            f"No Ray cluster answers at {address}: {str(error).splitlines()[0]}",
            "Start one with `ray start --head`, or give `local`.",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def _mark(home: Path) -> Iterator[Path]:
    """A file in the cache by which a node knows that it is this one."""
    mark = home.absolute() / f".shared-{uuid.uuid4().hex}"
    mark.touch()
    try:
        yield mark
    finally:
        mark.unlink(missing_ok=True)


def _keep(outcome: Outcome, home: Path) -> None:
    """Put columns that were sent into the cache."""
    with making(home) as folder:
        for name, content in outcome.columns.items():
            (folder / Path(name).name).write_bytes(content)
        publish(folder, home / Path(outcome.folder).name)


def _convert_here(path: Path, home: Path, mark: Path, version: str) -> Outcome:
    """On a node: convert `path` into `home`, if both are there."""
    from herdwick.tools.bgp.columns.convert import convert

    if version != VERSION:
        return _other_version()
    if not (mark.exists() and path.exists()):
        return Outcome()
    try:
        convert(MRTFile(path, source_of(path)), home)
    except DataError as error:
        return Outcome(error=(error.kind, error.message, error.hint))
    return Outcome(is_done=True)


def _convert_sent(path: Path, content: bytes, version: str) -> Outcome:
    """On a node: convert the `content` that `path` has elsewhere."""
    from herdwick.tools.bgp.columns.convert import convert

    if version != VERSION:
        return _other_version()
    with tempfile.TemporaryDirectory(prefix="herdwick-") as folder:
        copy = Path(folder) / path.name
        copy.write_bytes(content)
        cache = Path(folder) / "columns"
        try:
            convert(MRTFile(copy, source_of(path)), cache)
        except DataError as error:
            return Outcome(error=(error.kind, error.message.replace(str(copy), str(path)), error.hint))
        (made,) = (entry for entry in cache.iterdir() if entry.is_dir())
        return Outcome(True, made.name, {file.name: file.read_bytes() for file in made.iterdir()})


def _other_version() -> Outcome:
    message = "A node of the cluster has another version of Herdwick, with other columns."
    return Outcome(error=("other_version", message, "Install the same version everywhere."))
