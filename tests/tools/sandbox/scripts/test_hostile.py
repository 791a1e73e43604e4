"""Hostile scripts, each against the real sandbox.

Every attempt names how it is contained, so that none is contained by luck; what it would print on success is
`reached`. All run beside a data file that must be the same afterwards.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import pytest

from herdwick.tools.sandbox.scripts import Mount, ScriptFailure, ScriptLimits, Supplies, run_isolated

DATA = "/data/file"
LIMITS = ScriptLimits(
    wall_s=20.0,
    cpu_s=10,
    memory_bytes=256 * 2**20,
    output_bytes=4 * 2**20,
    disk_bytes=4 * 2**20,
    files=1_000,
    open_files=64,
)
SHORT = ScriptLimits(wall_s=1.0, memory_bytes=256 * 2**20)
LITTLE_CPU = ScriptLimits(wall_s=20.0, cpu_s=1, memory_bytes=256 * 2**20)
SYSCALL = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"


@dataclass(frozen=True)
class Attempt:
    """A hostile script.

    Attributes:
        script: Its source.
        kind: Of the failure that contains it; '' where it ends by itself, having got nowhere as `said` shows.
        said: Part of the failure's message, or of what it prints.
        limits: What it may use.
    """

    script: str
    kind: str
    said: str = ""
    limits: ScriptLimits = LIMITS


def by_number(number, *arguments):
    """A system call made past Python, by its number on x86_64."""
    call = f"libc.syscall({', '.join(map(str, (number, *arguments)))})"
    return f"{SYSCALL}print('result', {call}, ctypes.get_errno())"


ATTEMPTS = {
    # The network
    "tcp to the host": Attempt(
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)\nprint('reached')", "network", "97"
    ),
    "udp": Attempt(
        "import socket\nsocket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\nprint('reached')", "network"
    ),
    "raw socket": Attempt(
        "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)\nprint('reached')", "network"
    ),
    "netlink": Attempt(
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\nprint('reached')", "network"
    ),
    "names": Attempt(
        "import socket\nprint('reached', socket.gethostbyname('example.org'))", "network", "gaierror"
    ),
    "the web": Attempt(
        "import urllib.request\nprint('reached', urllib.request.urlopen('http://127.0.0.1:{port}/').read())",
        "network",
    ),
    "a socket of the host by path": Attempt(
        "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('{unix}')\nprint('reached')",
        "runtime",
        "PermissionError",
    ),
    # Files of the host
    "password file": Attempt("print('reached', open('/etc/passwd').read())", "runtime", "FileNotFoundError"),
    "file of the user": Attempt("print('reached', open('{secret}').read())", "runtime", "FileNotFoundError"),
    "environment of process 1": Attempt(
        "print('reached', open('/proc/1/environ').read())", "runtime", "FileNotFoundError"
    ),
    "own environment": Attempt(
        "import os\nprint(sorted(os.environ), 'reached' if 'HERDWICK_TEST_KEY' in os.environ else 'nothing')",
        "",
        "nothing",
    ),
    "what can be seen": Attempt(
        "import os\nprint(sorted(os.listdir('/')), sorted(os.listdir('/dev')), os.listdir('/tmp'))",
        "",
        "'libraries', 'modules', 'python', 'run', 'tmp'] ['null', 'random', 'urandom', 'zero'] []",
    ),
    "installed packages": Attempt(
        "import langchain_core\nprint('reached')", "runtime", "ModuleNotFoundError"
    ),
    "the real package": Attempt(
        "import herdwick.tools.keys\nprint('reached')", "runtime", "ModuleNotFoundError"
    ),
    "symbolic link out": Attempt(
        "import os\nos.symlink('/etc/passwd', '/tmp/x')\nprint('reached')", "runtime", "PermissionError"
    ),
    "hard link to data": Attempt(
        f"import os\nos.link('{DATA}', '/tmp/x')\nprint('reached')", "runtime", "PermissionError"
    ),
    "climb out of the root": Attempt(
        "print('reached', open('/tmp/../../../../../etc/passwd').read())", "runtime", "FileNotFoundError"
    ),
    # Writing
    "write to data": Attempt(f"open('{DATA}', 'wb').write(b'x')\nprint('reached')", "runtime", "Read-only"),
    "remove data": Attempt(f"import os\nos.remove('{DATA}')\nprint('reached')", "runtime", "Read-only"),
    "write outside of scratch": Attempt(
        "open('/x', 'w').write('x')\nprint('reached')", "runtime", "Read-only"
    ),
    "change a module for the next script": Attempt(
        "open('/run/sandbox/launch.py', 'a').write('x')\nprint('reached')", "runtime", "launch.py'"
    ),
    "write among the devices": Attempt(
        "open('/dev/x', 'w').write('x')\nprint('reached')", "runtime", "Read-only"
    ),
    "fill the disk": Attempt(
        "for n in range(100):\n    open(f'/tmp/{n}', 'wb').write(b'x' * 2**20)\nprint('reached')",
        "disk_limit",
    ),
    "huge sparse file": Attempt(
        "f = open('/tmp/x', 'wb')\nf.seek(2**40)\nf.write(b'x')\nf.flush()\nprint('reached')", "disk_limit"
    ),
    "file in memory": Attempt(
        "import os\nos.memfd_create('x')\nprint('reached')", "runtime", "PermissionError"
    ),
    "thousands of open files": Attempt(
        "files = [open('/dev/null') for _ in range(10_000)]\nprint('reached')", "file_limit"
    ),
    "floods of empty files": Attempt(
        "for n in range(10**7):\n    open(f'/tmp/{n}', 'w').close()\nprint('reached')",
        "disk_limit",
        "more than 1,000 files",
    ),
    "floods of empty folders behind closed pipes": Attempt(
        "import os\nos.closerange(0, 64)\nfor n in range(10**7):\n    os.mkdir(f'/tmp/{n}')",
        "disk_limit",
        "more than 1,000 files",
    ),
    # Processes and threads
    "fork bomb": Attempt("import os\nwhile True:\n    os.fork()", "process_limit"),
    "fork bomb that goes on": Attempt(
        "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass",
        "time_limit",
        limits=SHORT,
    ),
    "threads": Attempt(
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=(9,)).start()",
        "process_limit",
    ),
    "a shell": Attempt("import os\nprint(os.system('id'))", "", "32512"),
    "subprocess": Attempt(
        "import subprocess\nprint('reached', subprocess.run(['/bin/sh']))", "process_limit"
    ),
    "multiprocessing": Attempt(
        "import concurrent.futures as f\nprint('reached', list(f.ProcessPoolExecutor().map(abs, [1])))",
        "runtime",
    ),
    "become another program": Attempt(
        "import os\nos.execv('/bin/sh', ['sh', '-c', 'echo reached'])", "runtime", "FileNotFoundError"
    ),
    "become Python anew, without limits": Attempt(
        "import os, sys\nos.execv(sys.executable, ['python', '-S', '-c', "
        "'import resource as r; print(r.getrlimit(r.RLIMIT_AS)); r.setrlimit(r.RLIMIT_AS, (-1, -1))'])",
        "no_report",
    ),
    # Time, memory, output
    "endless loop": Attempt("while True:\n    pass", "time_limit", limits=SHORT),
    "endless loop, by CPU": Attempt("while True:\n    pass", "time_limit", "computed", LITTLE_CPU),
    "endless sleep": Attempt("import time\ntime.sleep(10**6)", "time_limit", limits=SHORT),
    "endless loop without an ear for signals": Attempt(
        "import signal\nfor n in range(1, 65):\n    try:\n        signal.signal(n, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\nwhile True:\n    pass",
        "time_limit",
        limits=SHORT,
    ),
    "catastrophic expression": Attempt(
        "import re\nre.match('(a+)+$', 'a' * 50 + 'b')", "time_limit", limits=SHORT
    ),
    "closed pipes and an endless sleep": Attempt(
        "import os, time\nos.closerange(0, 64)\ntime.sleep(10**6)",
        "time_limit",
        limits=SHORT,
    ),
    "memory at once": Attempt("x = bytearray(2**33)\nprint('reached')", "memory_limit"),
    "memory in small pieces": Attempt("x = []\nwhile True:\n    x.append(bytearray(10**6))", "memory_limit"),
    "endless output": Attempt("while True:\n    print('x' * 1000)", "output_limit"),
    "endless errors": Attempt("import os\nwhile True:\n    os.write(2, b'x' * 10**5)", "output_limit"),
    "endless report": Attempt(
        "import os\nfor n in range(3, 4096):\n    try:\n        while True:\n"
        "            os.write(n, b'x' * 10**5)\n    except OSError:\n        pass",
        "output_limit",
    ),
    "forged report": Attempt(
        "import os\nfor n in range(3, 4096):\n    try:\n"
        '        os.write(n, b\'{"exit_code": 0, "evidence": {}}\\n\')\n'
        "    except OSError:\n        pass\nos._exit(7)",
        "no_report",
    ),
    "leaving by the back door": Attempt("import os\nos._exit(0)", "no_report"),
    "crash": Attempt("import ctypes\nctypes.string_at(0)", "crashed", "SIGSEGV"),
    # The kernel
    "ptrace": Attempt(by_number(101, 0, 1, 0, 0), "forbidden_call"),
    "mount": Attempt(f"{SYSCALL}libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)", "forbidden_call"),
    "unshare": Attempt(f"{SYSCALL}libc.unshare(0x10000000)", "forbidden_call"),
    "clone with a new user namespace": Attempt(by_number(56, 0x10000000 | 17, 0), "forbidden_call"),
    "clone3": Attempt(by_number(435, 0, 0), "", "result -1 38"),
    "io_uring": Attempt(by_number(425, 8, 0), "forbidden_call"),
    "keyring": Attempt(by_number(250, 0, -3, 0), "forbidden_call"),
    "bpf": Attempt(by_number(321, 0, 0, 0), "forbidden_call"),
    "userfaultfd": Attempt(by_number(323, 0), "forbidden_call"),
    "perf events": Attempt(by_number(298, 0, 0, -1, -1, 0), "forbidden_call"),
    "kexec": Attempt(by_number(246, 0, 0, 0, 0), "forbidden_call"),
    "second ABI": Attempt(by_number(0x40000000 + 39), "forbidden_call"),
    "unknown system call": Attempt(by_number(9999), "", "result -1 38"),
    "setuid": Attempt("import os\nos.setuid(0)\nprint('reached')", "runtime", "PermissionError"),
    "shared memory": Attempt(by_number(29, 0, 4096, 0o1600), "", "result -1 1"),
    "make a device": Attempt(
        "import os\nos.mknod('/tmp/x', 0o060600, os.makedev(8, 0))\nprint('reached')",
        "runtime",
        "PermissionError",
    ),
    "open the disk": Attempt("open('/dev/sda', 'rb')\nprint('reached')", "runtime", "FileNotFoundError"),
    "the terminal": Attempt("open('/dev/tty')\nprint('reached')", "runtime", "FileNotFoundError"),
    "type into the terminal": Attempt(
        "import fcntl\nfcntl.ioctl(0, 0x5412, b'x')\nprint('reached')", "runtime", "PermissionError"
    ),
    # Others
    "signal to the parent": Attempt(
        "import os\nos.kill(os.getppid(), 9)\nprint('reached')", "runtime", "PermissionError"
    ),
    "signal to everybody": Attempt(
        "import os\nos.kill(-1, 9)\nprint('reached')", "runtime", "PermissionError"
    ),
    "priority": Attempt("import os\nos.nice(-10)\nprint('reached')", "runtime", "PermissionError"),
    "raise a limit": Attempt(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nprint('reached')",
        "runtime",
        "ValueError",
    ),
    "read what somebody types": Attempt("import sys\nprint(repr(sys.stdin.read()))", "", "''"),
    "wait for input": Attempt("input('Password: ')\nprint('reached')", "runtime", "EOFError"),
}


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    """What a script could reach, if it could: a file, two listening sockets, a key in the environment."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "data").write_bytes(b"herd")
    (folder / "secret").write_text("sheep")
    os.environ["HERDWICK_TEST_KEY"] = "sheep"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(folder / "socket"))
        unix.listen()
        yield {
            "folder": folder,
            "port": tcp.getsockname()[1],
            "unix": folder / "socket",
            "secret": folder / "secret",
        }
    del os.environ["HERDWICK_TEST_KEY"]


def run(script, surroundings, limits=LIMITS):
    for name in ("port", "unix", "secret"):
        script = script.replace("{" + name + "}", str(surroundings[name]))
    data = surroundings["folder"] / "data"
    return run_isolated(script, Supplies(mounts=(Mount(data, DATA),)), limits)


def outcome(attempt, surroundings):
    """Kind of failure, what was said, what was printed."""
    try:
        result = run(attempt.script, surroundings, attempt.limits)
    except ScriptFailure as failure:
        return failure.kind, failure.message, failure.run.stdout
    return "", result.stdout, result.stdout


@pytest.mark.parametrize("name", ATTEMPTS)
def test_is_contained(name, surroundings):
    attempt = ATTEMPTS[name]
    started = time.perf_counter()
    kind, said, printed = outcome(attempt, surroundings)
    assert (kind, attempt.said in said) == (attempt.kind, True), said
    assert "reached" not in printed
    assert "sheep" not in printed + said
    assert (surroundings["folder"] / "data").read_bytes() == b"herd"
    assert time.perf_counter() - started < attempt.limits.wall_s + 5


def test_there_are_enough_of_them():
    assert len(ATTEMPTS) >= 30


def test_output_is_kept_up_to_the_limit_and_the_rest_is_told(surroundings):
    limits = ScriptLimits(stdout_bytes=1000, stderr_bytes=10)
    result = run("import sys\nprint('x' * 5000)\nprint('y' * 50, file=sys.stderr)", surroundings, limits)
    assert (len(result.stdout), result.stdout_truncated) == (1000, True)
    assert (result.stderr, result.stderr_truncated) == ("y" * 10, True)


def test_nothing_is_left_of_a_stopped_script(surroundings):
    with pytest.raises(ScriptFailure) as stopped:
        run("print('begun')\nimport time\ntime.sleep(987654)", surroundings, SHORT)
    assert (stopped.value.kind, stopped.value.run.stdout) == ("time_limit", "begun\n")
    time.sleep(0.2)
    ours = [pid for pid in os.listdir("/proc") if pid.isdigit() and parent_of(pid) == os.getpid()]
    assert not [pid for pid in ours if name_of(pid) in ("bwrap", "python3.11")]


def test_a_script_dies_with_the_host_process():
    host = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from herdwick.tools.sandbox.scripts import *\nrun_isolated('while True: pass')",
        ]
    )
    deadline = time.perf_counter() + 20
    while len(family := descendants(host.pid)) < 3 and time.perf_counter() < deadline:
        time.sleep(0.05)
    host.kill()
    host.wait()
    while any(os.path.exists(f"/proc/{pid}") for pid in family) and time.perf_counter() < deadline:
        time.sleep(0.05)
    assert len(family) == 3
    assert not [pid for pid in family if os.path.exists(f"/proc/{pid}")]


def descendants(pid):
    """Of a process: bubblewrap outside, bubblewrap inside, the script."""
    children = [other for other in os.listdir("/proc") if other.isdigit() and parent_of(other) == int(pid)]
    return children + [pid for child in children for pid in descendants(child)]


def test_memory_of_the_host_is_bounded_while_a_script_prints(surroundings):
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(ScriptFailure, match="printed more than 64 MiB"):
        run("import os\nwhile True:\n    os.write(1, b'x' * 10**6)", surroundings, ScriptLimits(wall_s=20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_many_scripts_at_a_time_do_not_mix(surroundings):
    seen = {}

    def one(number):
        seen[number] = run(f"print({number})", surroundings).stdout

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {number: f"{number}\n" for number in range(6)}


def parent_of(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return int(file.read().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""
