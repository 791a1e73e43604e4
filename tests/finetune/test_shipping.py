import hashlib
import json
from pathlib import Path

import pytest

from herdwick.finetune import base_model, shipping
from herdwick.finetune.recipe import FinetuneError
from herdwick.finetune.shipping import export, ship, write_card
from herdwick.finetune.train import train
from herdwick.finetune.train_report import TrainReport

pytest.importorskip("torch", reason="needs herdwick[finetune]")


@pytest.fixture(scope="module")
def trained(make_recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained")
    train(make_recipe(epochs=1), out)
    return out / "adapter"


@pytest.fixture
def data(trained: Path, tmp_path: Path) -> Path:
    """The report beside the training file."""
    file = tmp_path / "train.report.json"
    fingerprint = TrainReport.read(trained).data_fingerprint
    record = {"fingerprint": fingerprint, "seeds_fingerprint": "s", "commit": "c", "command": "make it"}
    file.write_text(json.dumps(record))
    return file


def test_a_shipped_folder_has_adapter_card_and_reports(trained: Path, data: Path, tmp_path: Path) -> None:
    card = ship(trained, tmp_path / "adapters" / "aminer", data=[data])

    assert card.read_text().splitlines()[8] == "# tiny"
    assert sorted(path.name for path in card.parent.iterdir()) == [
        "README.md",
        "adapter.gguf",
        "data_report.json",
        "train_report.json",
    ]
    assert [path.name for path in (tmp_path / "adapters").iterdir()] == ["aminer"]


def test_shipping_again_replaces_the_whole_folder(trained: Path, data: Path, tmp_path: Path) -> None:
    target = tmp_path / "adapters" / "aminer"
    target.mkdir(parents=True)
    (target / "old.gguf").touch()

    ship(trained, target, data=[data])

    assert not (target / "old.gguf").exists()


@pytest.mark.parametrize("problem", ["data", "size", "base"])
def test_what_was_shipped_stays_when_shipping_fails(
    trained: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    target = tmp_path / "adapters" / "aminer"
    target.mkdir(parents=True)
    (target / "adapter.gguf").write_bytes(b"earlier")
    if problem == "data":
        data.write_text(data.read_text().replace('"fingerprint": "', '"fingerprint": "0', 1))
    if problem == "size":
        monkeypatch.setattr(shipping, "MAX_BYTES", 1000)
        monkeypatch.setattr(shipping, "ADAPTERS", target.parent)
    if problem == "base":
        monkeypatch.setattr(base_model, "base_identity", lambda base: "another")

    with pytest.raises(FinetuneError) as failure:
        ship(trained, target, data=[data])

    assert failure.value.kind == {"data": "other_data", "size": "too_large", "base": "other_base"}[problem]
    assert (target / "adapter.gguf").read_bytes() == b"earlier"
    assert [path.name for path in target.parent.iterdir()] == ["aminer"]


def test_only_what_the_repo_ships_has_to_be_small(
    trained: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "MAX_BYTES", 1000)

    card = ship(trained, tmp_path / "elsewhere" / "aminer", data=[data])

    assert (card.parent / "adapter.gguf").stat().st_size > 1000


def test_new_figures_come_into_the_card(trained: Path, data: Path, tmp_path: Path) -> None:
    folder = ship(trained, tmp_path / "aminer", data=[data]).parent
    metrics = tmp_path / "metrics.json"
    adapter = hashlib.sha256((folder / "adapter.gguf").read_bytes()).hexdigest()
    metrics.write_text(json.dumps({"run": {"adapter": adapter}, "plans right": 0.99}))

    assert "| plans right | 0.99 |" in write_card(folder, metrics).read_text()
    assert (folder / "metrics.json").exists()


def test_missing_figures_are_refused(trained: Path, data: Path, tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        ship(trained, tmp_path / "aminer", data=[data], metrics=tmp_path / "none.json")

    assert failure.value.kind == "no_metrics"
    assert not (tmp_path / "aminer").exists()


def test_an_adapter_without_a_report_is_not_exported(random_adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(FinetuneError) as failure:
        export(random_adapter, tmp_path / "a.gguf")

    assert failure.value.kind == "no_report"
