import itertools

import pytest

from herdwick.finetune import precision
from herdwick.finetune.precision import choose_precision

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")


def measured(monkeypatch: pytest.MonkeyPatch, *, float32: list[float], bfloat16: list[float]) -> None:
    times = {torch.float32: itertools.cycle(float32), torch.bfloat16: itertools.cycle(bfloat16)}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(precision, "_matmul_s", lambda dtype: next(times[dtype]))


@pytest.mark.parametrize(
    ("float32", "bfloat16", "chosen"),
    [
        ([1.0], [500.0], "float32"),
        ([9.0, 1.0, 9.0, 9.0, 9.0], [3.0], "float32"),
        ([1.0], [0.9], "float32"),
        ([1.0], [0.5], "bfloat16"),
        ([1.0], [9.0, 9.0, 9.0, 9.0, 0.5], "bfloat16"),
    ],
    ids=["emulated", "a busy machine", "little to gain", "with units", "busy, with units"],
)
def test_auto_is_bfloat16_only_where_its_best_time_is_clearly_better(
    monkeypatch: pytest.MonkeyPatch, float32: list[float], bfloat16: list[float], chosen: str
) -> None:
    measured(monkeypatch, float32=float32, bfloat16=bfloat16)

    assert choose_precision("auto") == chosen


@pytest.mark.parametrize("wanted", ["float32", "bfloat16"])
def test_what_the_recipe_names_is_not_measured(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    measured(monkeypatch, float32=[], bfloat16=[])

    assert choose_precision(wanted) == wanted


def test_a_product_takes_time_in_either_format() -> None:
    assert precision._matmul_s(torch.float32) > 0
    assert precision._matmul_s(torch.bfloat16) > 0
