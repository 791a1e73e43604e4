import pytest

from herdwick.agents.endpoint import Endpoint
from herdwick.agents.errors import ModelError, UsageError
from herdwick.agents.styles import STYLES, default_style, get_style


@pytest.mark.parametrize("name", STYLES)
def test_style_is_found_by_its_name(name):
    assert get_style(name).name == name


def test_unknown_style_is_wrong_usage():
    with pytest.raises(UsageError) as failure:
        get_style("long")
    assert (failure.value.kind, failure.value.hint) == ("unknown_style", "Use one of: short, chat, soay")


@pytest.mark.parametrize(
    ("endpoint", "style"),
    [
        (Endpoint("http://h/v1", "aminer", "vllm", adapted=True), "short"),
        (Endpoint("http://h/v1", "smollm2", "llamacpp", embedded=True, adapted=True), "short"),
        (Endpoint("http://h/v1", "frederickwang99/SoAyLLaMA_v2_7b"), "soay"),
        (Endpoint("http://h/v1", "gpt-4.1-mini", "openai"), "chat"),
        (Endpoint("http://h/v1", "anything"), "chat"),
    ],
)
def test_model_decides_the_style(endpoint, style):
    assert default_style(endpoint) == style


def test_embedded_base_without_adapter_is_not_asked():
    with pytest.raises(ModelError) as failure:
        default_style(Endpoint("http://h/v1", "smollm2", "llamacpp", embedded=True))
    assert failure.value.kind == "adapter_missing"
    assert "herdwick finetune train" in failure.value.hint
