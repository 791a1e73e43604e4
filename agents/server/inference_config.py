"""SoAyLLaMA's inference configuration, as its authors published it.

    config = read_inference_config(Path("config.json"))
    config.model_at("http://127.0.0.1:8000/v1")      # "soayllama_v2_7b@http://127.0.0.1:8000/v1"

The published example is JSON with comments; both are read. It names a checkpoint on disk, which an engine
such as vLLM serves under the name `llm_name`:

    vllm serve SAVE_PATH/LLM_NAME/checkpoint-N --served-model-name LLM_NAME
"""

from pathlib import Path, PurePath

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herdwick.agents.errors import UsageError
from herdwick.tools.tool import explain


class InferenceConfig(BaseModel):
    """The configuration.

    Attributes:
        save_path: Folder of the models.
        llm_name: Name of the model.
        checkpoint_iteration: Which of its checkpoints.
        test_dataset_path: Folder of the benchmark; not used by a server.
        inference_mode: `interaction` or anything else for the benchmark; a server serves either way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    save_path: str = Field(min_length=1)
    llm_name: str = Field(min_length=1)
    checkpoint_iteration: str = ""
    test_dataset_path: str = ""
    inference_mode: str = "interaction"

    @property
    def checkpoint(self) -> PurePath:
        """The folder of the checkpoint, named as the HF Trainer does."""
        folder = PurePath(self.save_path) / self.llm_name
        return folder / f"checkpoint-{self.checkpoint_iteration}" if self.checkpoint_iteration else folder

    def model_at(self, url: str) -> str:
        """The model as `load_model` takes it, served at `url`."""
        return f"{self.llm_name}@{url}"


def read_inference_config(path: Path) -> InferenceConfig:
    """The configuration in a file.

    Raises:
        UsageError: It cannot be read or is none.
    """
    try:
        # YAML reads JSON, and the comments that the published example has in it.
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        return InferenceConfig.model_validate(found)
    except ValidationError as error:
        raise _no_config(path, explain(error)) from error
    except yaml.YAMLError as error:
        raise _no_config(path, "it is no JSON object") from error
    except (OSError, UnicodeDecodeError) as error:
        raise _no_config(path, "it cannot be read") from error


def _no_config(path: Path, reason: str) -> UsageError:
    return UsageError(
        "bad_config",
        f"{path.name} is no inference configuration: {reason}.",
        "It needs save_path and llm_name, and may have checkpoint_iteration, test_dataset_path and "
        "inference_mode.",
    )
