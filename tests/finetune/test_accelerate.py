from pathlib import Path

import pytest

pytest.importorskip("accelerate", reason="needs herdwick[finetune]")

CONFIGS = Path(__file__).parents[2] / "finetune" / "accelerate"


def parsed(name: str):
    from accelerate.commands.config.config_args import load_config_from_file

    return load_config_from_file(str(CONFIGS / f"{name}.yaml"))


@pytest.mark.parametrize(("name", "stage", "offload"), [("zero2", 2, "none"), ("zero3", 3, "cpu")])
def test_accelerate_reads_the_deepspeed_configs(name: str, stage: int, offload: str) -> None:
    config = parsed(name)

    assert (str(config.distributed_type.value), config.num_processes) == ("DEEPSPEED", 4)
    assert config.deepspeed_config["zero_stage"] == stage
    assert config.deepspeed_config["offload_optimizer_device"] == offload


def test_accelerate_reads_the_fsdp_config() -> None:
    config = parsed("fsdp")

    assert str(config.distributed_type.value) == "FSDP"
    assert config.fsdp_config["fsdp_auto_wrap_policy"] == "TRANSFORMER_BASED_WRAP"
