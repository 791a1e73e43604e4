from pathlib import Path

import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.serving.config import EngineConfig, LlamacppConfig, load_config
from herdwick.agents.serving.llamacpp_engine import engine_command


def test_the_engine_is_given_base_adapters_and_context(tmp_path):
    config = load_config().model_copy(update={"llamacpp": LlamacppConfig(context=8192, attention="exact")})
    variables = dict(word.split("=", 1) for word in engine_command(config, tmp_path)[1:5])
    assert Path(variables["HERDWICK_BASE_GGUF"]).name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert variables["HERDWICK_ADAPTERS"] == str(tmp_path)
    assert (variables["HERDWICK_CONTEXT"], variables["HERDWICK_ATTENTION"]) == ("8192", "exact")
    linked = {path.parent.name: path.resolve() for path in tmp_path.glob("*/adapter.gguf")}
    assert linked == {name: (folder / "adapter.gguf") for name, folder in config.adapters.items()}


def test_a_base_that_is_no_gguf_file_is_refused(tmp_path):
    with pytest.raises(UsageError) as failure:
        engine_command(EngineConfig(base="hub/model"), tmp_path)
    assert failure.value.kind == "no_base"
