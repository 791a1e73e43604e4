"""The filter, run by a small interpreter of classic BPF, and its numbers against the kernel's headers."""

import errno
import re
from pathlib import Path
from struct import iter_unpack, pack, unpack_from

import pytest

from herdwick.tools.sandbox.scripts.contract import ScriptFailure
from herdwick.tools.sandbox.scripts.seccomp import seccomp_program
from herdwick.tools.sandbox.scripts.syscalls import ALLOWED, CLONE3, DEADLY, FORK, IOCTL, MACHINES, SOCKETS

X86, ARM = 0xC000003E, 0xC00000B7
ALLOW, KILL = 0x7FFF0000, 0x80000000
EVERY = {**ALLOWED, **DEADLY, **FORK, **SOCKETS, "clone3": CLONE3, "ioctl": IOCTL}
HEADER = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


def verdict(machine, architecture, number, *arguments):
    """What the kernel would do (linux/filter.h: only the opcodes the program uses)."""
    data = pack("<IIQ6Q", number, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    program = [*iter_unpack("=HBBI", seccomp_program(machine))]
    at, value = 0, 0
    while True:
        opcode, if_so, if_not, operand = program[at]
        at += 1
        if opcode == 0x20:
            (value,) = unpack_from("<I", data, operand)
        elif opcode == 0x06:
            return operand
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}[opcode]
            at += if_so if holds else if_not


def refused(number):
    return 0x50000 | number


@pytest.mark.parametrize(("machine", "architecture"), [("x86_64", X86), ("aarch64", ARM)])
def test_each_call_gets_the_verdict_of_its_table(machine, architecture):
    at = MACHINES.index(machine)
    for name, numbers in EVERY.items():
        if numbers[at] is None:
            continue
        expected = (
            ALLOW if name in ALLOWED
            else KILL if name in DEADLY
            else refused(errno.EAGAIN) if name in FORK
            else refused(errno.ENOSYS) if name == "clone3"
            else refused(errno.EAFNOSUPPORT) if name in SOCKETS
            else refused(errno.EPERM)
        )  # fmt: skip
        assert verdict(machine, architecture, numbers[at]) == expected, name


def test_what_no_table_names_is_refused():
    named = {numbers[0] for numbers in EVERY.values()}
    for number in set(range(452)) - named:
        assert verdict("x86_64", X86, number) == refused(errno.EPERM), number
    assert verdict("x86_64", X86, 452) == refused(errno.ENOSYS)


def test_other_architectures_are_killed():
    assert verdict("x86_64", 0x40000003, 1) == KILL
    assert verdict("x86_64", X86, 0x40000000) == KILL
    assert verdict("aarch64", X86, 63) == KILL


@pytest.mark.parametrize(
    "flag", [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
)
def test_clone_with_a_new_namespace_is_killed(flag):
    assert verdict("x86_64", X86, 56, flag | 17) == KILL


def test_only_sockets_within_the_machine_are_let_through():
    assert verdict("x86_64", X86, 41, 1, 1) == ALLOW
    assert verdict("x86_64", X86, 53, 1, 1) == ALLOW
    for family in (0, 2, 10, 16, 17, 38, 40):
        assert verdict("x86_64", X86, 41, family, 1) == refused(errno.EAFNOSUPPORT)


def test_only_harmless_requests_to_devices_are_let_through():
    assert verdict("x86_64", X86, 16, 0, 0x5401) == ALLOW
    assert verdict("x86_64", X86, 16, 0, 0x5412) == refused(errno.EPERM)


def test_no_call_is_in_two_tables():
    for at in range(len(MACHINES)):
        numbers = [numbers[at] for numbers in EVERY.values() if numbers[at] is not None]
        assert len(numbers) == len(set(numbers))
    assert len(EVERY) == len(ALLOWED) + len(DEADLY) + len(FORK) + len(SOCKETS) + 2


@pytest.mark.skipif(not HEADER.exists(), reason="the kernel's headers are not installed")
def test_numbers_are_the_kernels():
    kernel = dict(re.findall(r"#define __NR_(\w+) (\d+)", HEADER.read_text()))
    assert {name: str(numbers[0]) for name, numbers in EVERY.items() if numbers[0] is not None} == {
        name: kernel[name] for name, numbers in EVERY.items() if numbers[0] is not None
    }


def test_unknown_machines_have_no_filter():
    with pytest.raises(ScriptFailure, match="does not cover"):
        seccomp_program("sparc64")
