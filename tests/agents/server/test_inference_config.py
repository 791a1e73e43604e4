from pathlib import PurePath

import pytest

from herdwick.agents.errors import UsageError
from herdwick.agents.server.inference_config import read_inference_config

PUBLISHED = """{
    "save_path" : "path-to-model", # without / at tail
    "llm_name" : "soayllama_v2_7b",
    "checkpoint_iteration" : "1500",
    "test_dataset_path" : "path-to-dataset", # without / at tail
    "inference_mode" : "interaction"
}
"""


def test_the_published_example_is_read_with_its_comments(tmp_path):
    file = tmp_path / "config.json"
    file.write_text(PUBLISHED)
    config = read_inference_config(file)
    assert config.model_at("http://127.0.0.1:8000/v1") == "soayllama_v2_7b@http://127.0.0.1:8000/v1"
    assert config.checkpoint == PurePath("path-to-model/soayllama_v2_7b/checkpoint-1500")
    assert config.inference_mode == "interaction"


def test_a_number_does_as_checkpoint(tmp_path):
    file = tmp_path / "config.json"
    file.write_text('{"save_path": "models", "llm_name": "m", "checkpoint_iteration": 500}')
    assert read_inference_config(file).checkpoint == PurePath("models/m/checkpoint-500")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "no JSON object"),
        ("[]", "Input should be a valid dictionary"),
        ('{"save_path": "models"}', "llm_name: Field required"),
        ('{"save_path": "m", "llm_name": "m", "colour": 1}', "colour: Extra inputs"),
        ("\0", "no JSON object"),
    ],
)
def test_what_is_none_is_told(tmp_path, text, reason):
    file = tmp_path / "config.json"
    file.write_text(text)
    with pytest.raises(UsageError) as failure:
        read_inference_config(file)
    assert failure.value.kind == "bad_config"
    assert reason in failure.value.message
