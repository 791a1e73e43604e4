"""How vLLM's arguments are read, with a stand-in for its parser; `tests/integration` has the real one."""

import argparse
import sys
from types import ModuleType, SimpleNamespace

import pytest

from herdwick.agents.serving.batch_worker import read_arguments


def add_cli_args(parser):
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--tensor-parallel-size", type=int, default=1)
    parser.add_argument("--gpu-memory-utilization", type=float, default=0.9)
    parser.add_argument("--enforce-eager", action="store_true")
    return parser


@pytest.fixture(autouse=True)
def vllm(monkeypatch):
    modules = {
        "vllm.engine.arg_utils": {"EngineArgs": SimpleNamespace(add_cli_args=add_cli_args)},
        "vllm.utils.argparse_utils": {"FlexibleArgumentParser": argparse.ArgumentParser},
    }
    for name in ("vllm", "vllm.engine", "vllm.utils", *modules):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(modules.get(name, {}))


def test_arguments_of_the_engine_are_settings_by_vllms_names():
    arguments = [
        "--dtype=auto",
        "--tensor-parallel-size=2",
        "--gpu-memory-utilization=0.5",
        "--enforce-eager",
    ]
    assert read_arguments(arguments) == {
        "tensor_parallel_size": 2,
        "gpu_memory_utilization": 0.5,
        "enforce_eager": True,
    }


def test_an_argument_of_the_server_only_ends_the_worker(capsys):
    with pytest.raises(SystemExit):
        read_arguments(["--api-key=x"])
    told = capsys.readouterr().err
    assert told == "vLLM without a server: error: unrecognized arguments: --api-key=x\n"
