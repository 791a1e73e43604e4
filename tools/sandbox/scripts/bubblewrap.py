"""The command line of bubblewrap: an empty machine with Python and the script's data in it.

    with open_sandbox(runtime, mounts, files, limits) as sandbox:
        subprocess.Popen(sandbox.command, pass_fds=sandbox.descriptors)

Everything is read-only but `/tmp`, which is small. There is no `/proc`, no network, no other process, and of
`/dev` only null, zero and the sources of randomness. Options: bwrap(1).
"""

import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile

from herdwick.tools.sandbox.scripts.contract import ScriptFailure, ScriptLimits
from herdwick.tools.sandbox.scripts.runtime import LIBRARIES, Mount, Runtime
from herdwick.tools.sandbox.scripts.seccomp import seccomp_program

INSTALL_HINT = "Install it with: apt-get install bubblewrap"
SCRATCH = "/tmp"  # noqa: S108 - inside the sandbox
NOBODY = 65534
_DEVICES = ("null", "zero", "random", "urandom")
_WALLS = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--new-session", "--die-with-parent"),
    *("--cap-drop", "ALL", "--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox"),
)
_ENVIRONMENT = {
    "HOME": SCRATCH,
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": LIBRARIES,
    "MALLOC_ARENA_MAX": "1",
    "PATH": "",
    # Sets come out in the same order every time, so that a script prints the same twice.
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "TMPDIR": SCRATCH,
    "TZ": "UTC",
}


@dataclass(frozen=True)
class SandboxCommand:
    """What starts bubblewrap, up to and including the interpreter and its options.

    Attributes:
        command: To be followed by the program's own arguments.
        descriptors: Files that it inherits.
    """

    command: tuple[str, ...]
    descriptors: tuple[int, ...]


def find_bubblewrap() -> str:
    """The program.

    Raises:
        ScriptFailure: Of kind `sandbox_unavailable`: it is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise ScriptFailure("sandbox_unavailable", "Scripts need bubblewrap, which is missing.", INSTALL_HINT)
    return program


@contextmanager
def open_sandbox(
    runtime: Runtime,
    mounts: Sequence[Mount],
    files: Mapping[str, bytes],
    environment: Mapping[str, str],
    limits: ScriptLimits,
) -> Iterator[SandboxCommand]:
    """A command whose files stay open as long as the context.

    Args:
        runtime: Python.
        mounts: What else can be read.
        files: Small files that exist in the sandbox alone: path and content.
        environment: Variables besides the fixed ones.
        limits: For the size of the scratch space.

    Raises:
        ScriptFailure: Of kind `sandbox_unavailable`: there is no bubblewrap, or no filter for this machine.
    """
    program = find_bubblewrap()
    with ExitStack() as stack:

        def opened(content: bytes) -> int:
            file = stack.enter_context(TemporaryFile())
            file.write(content)
            file.flush()
            file.seek(0)
            return file.fileno()

        descriptors = {path: opened(content) for path, content in files.items()}
        filter_descriptor = opened(seccomp_program(platform.machine()))
        options = [
            *_WALLS,
            *_variables({**_ENVIRONMENT, **environment}),
            *_tree(runtime, mounts, descriptors, limits),
            *("--seccomp", str(filter_descriptor), "--chdir", SCRATCH),
        ]
        # By file, because a thousand data files are more than a command line holds.
        arguments = opened(b"".join(os.fsencode(option) + b"\0" for option in options))
        yield SandboxCommand(
            (program, "--args", str(arguments), "--", runtime.python, "-P", "-s", "-S", "-B"),
            (*descriptors.values(), filter_descriptor, arguments),
        )


def _variables(environment: Mapping[str, str]) -> Iterator[str]:
    yield "--clearenv"
    for name, value in environment.items():
        yield from ("--setenv", name, value)


def _tree(
    runtime: Runtime, mounts: Sequence[Mount], files: Mapping[str, int], limits: ScriptLimits
) -> Iterator[str]:
    for mount in (*runtime.mounts, *mounts):
        yield from ("--ro-bind", os.fspath(mount.source), mount.target)
    for folder in runtime.hidden:
        yield from ("--size", "4096", "--tmpfs", folder, "--remount-ro", folder)
    for path, descriptor in files.items():
        yield from ("--ro-bind-data", str(descriptor), path)
    for device in _DEVICES:
        yield from ("--dev-bind", f"/dev/{device}", f"/dev/{device}")
    yield from ("--size", str(limits.disk_bytes), "--tmpfs", SCRATCH)
    # The root is a file system in memory without bounds: it must not stay writable.
    yield from ("--remount-ro", "/")
