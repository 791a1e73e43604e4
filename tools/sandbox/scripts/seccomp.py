"""The filter of system calls, as the kernel's BPF program.

    program = seccomp_program("x86_64")      # bytes for `bwrap --seccomp FD`

One pass over what is allowed, in a fixed order; whatever falls through is refused. The kernel's interface:
https://docs.kernel.org/userspace-api/seccomp_filter.html; opcodes: `linux/bpf_common.h`.
"""

import errno
from collections.abc import Iterable
from struct import pack

from herdwick.tools.sandbox.scripts.contract import ScriptFailure
from herdwick.tools.sandbox.scripts.syscalls import (
    ALLOWED,
    CLONE3,
    DEADLY,
    FORK,
    IOCTL,
    MACHINES,
    NEWEST,
    SOCKETS,
    Numbers,
)

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _SECOND_ARGUMENT = 0, 4, 16, 24
"""Offsets in `struct seccomp_data`; of an argument, the lower half on a little-endian machine."""

_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_AUDIT_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
"""Set in the numbers of x86_64's second ABI, which would pass by the tables."""

_NAMESPACES = 0x7E020080
"""All CLONE_NEW… flags (`linux/sched.h`)."""

_AF_UNIX = 1
_HARMLESS_REQUESTS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX (`asm-generic/ioctls.h`); never TIOCSTI."""

NO_PROCESS = errno.EAGAIN
NO_NETWORK = errno.EAFNOSUPPORT

_Block = list[bytes]


def seccomp_program(machine: str) -> bytes:
    """The filter for a machine, as an array of `struct sock_filter`.

    Args:
        machine: As `platform.machine()` names it.

    Raises:
        ScriptFailure: Of kind `sandbox_unavailable`: the tables do not cover this machine.
    """
    if machine not in MACHINES:
        raise ScriptFailure(
            "sandbox_unavailable",
            f"Scripts cannot be contained on {machine}: the filter of system calls does not cover it.",
            f"Run scripts on {' or '.join(MACHINES)}.",
        )
    at = MACHINES.index(machine)
    blocks: list[_Block] = [
        [_load(_ARCHITECTURE), _jump(_EQUAL, _AUDIT_ARCHITECTURES[machine], 1, 0), _return(_KILL)],
        [_load(_NUMBER), _jump(_AT_LEAST, _X32_BIT, 0, 1), _return(_KILL)],
        [_jump(_AT_LEAST, NEWEST + 1, 0, 1), _return(_REFUSE | errno.ENOSYS)],
        *(_verdict(number, _ALLOW) for number in _numbers(ALLOWED.values(), at)),
        *(_verdict(number, _KILL) for number in _numbers(DEADLY.values(), at)),
        *(_about(number, _forking()) for number in _numbers([FORK["clone"]], at)),
        *(_verdict(number, _REFUSE | NO_PROCESS) for number in _numbers([FORK["fork"], FORK["vfork"]], at)),
        *(_verdict(number, _REFUSE | errno.ENOSYS) for number in _numbers([CLONE3], at)),
        *(
            _about(number, _one_of(_FIRST_ARGUMENT, (_AF_UNIX,), NO_NETWORK))
            for number in _numbers(SOCKETS.values(), at)
        ),
        *(
            _about(number, _one_of(_SECOND_ARGUMENT, _HARMLESS_REQUESTS, errno.EPERM))
            for number in _numbers([IOCTL], at)
        ),
        [_return(_REFUSE | errno.EPERM)],
    ]
    return b"".join(instruction for block in blocks for instruction in block)


def _numbers(calls: Iterable[Numbers], at: int) -> Iterable[int]:
    return (number for call in calls if (number := call[at]) is not None)


def _verdict(number: int, action: int) -> _Block:
    return [_jump(_EQUAL, number, 0, 1), _return(action)]


def _about(number: int, rest: _Block) -> _Block:
    """`rest` for one call; it must return, as the number is no longer loaded after it."""
    return [_jump(_EQUAL, number, 0, len(rest)), *rest]


def _forking() -> _Block:
    return [
        _load(_FIRST_ARGUMENT),
        _jump(_ANY_BIT, _NAMESPACES, 0, 1),
        _return(_KILL),
        _return(_REFUSE | NO_PROCESS),
    ]


def _one_of(argument: int, values: tuple[int, ...], refusal: int) -> _Block:
    tests = [[_jump(_EQUAL, value, 0, 1), _return(_ALLOW)] for value in values]
    return [_load(argument), *(part for test in tests for part in test), _return(_REFUSE | refusal)]


def _load(offset: int) -> bytes:
    return pack("=HBBI", _LOAD, 0, 0, offset)


def _jump(opcode: int, value: int, if_so: int, if_not: int) -> bytes:
    return pack("=HBBI", opcode, if_so, if_not, value)


def _return(action: int) -> bytes:
    return pack("=HBBI", _RETURN, 0, 0, action)
