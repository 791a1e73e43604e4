"""What a merge says of itself, beside the merged weights.

report = MergeReport.read(Path("merged"))
report.adapter_fingerprint, report.largest_difference
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from herdwick.finetune.recipe import FinetuneError

MERGE_FILE = "merge_report.json"
"""Stands beside the merged weights."""

Precision = Literal["float32", "float16", "bfloat16"]


class MergeReport(BaseModel):
    """What a merge did, and how well.

    Attributes:
        adapter_fingerprint: SHA-256 of the adapter's weights file.
        base: The base model; see `base_identity`.
        precision: Of the merged weights.
        largest_difference: Between a logit of the merged model and of base with adapter, as a share of the
            largest logit.
        adapter_effect: The same between base with and without the adapter.
        tolerance: What `largest_difference` may be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    adapter_fingerprint: str
    base: str
    precision: Precision
    largest_difference: float
    adapter_effect: float
    tolerance: float

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The report beside the merged model in `folder`.

        Raises:
            FinetuneError: There is none, or it is damaged.
        """
        try:
            return cls.model_validate_json((folder / MERGE_FILE).read_bytes())
        except (OSError, ValidationError) as error:
            raise FinetuneError(
                "no_merge_report",
                f"{folder} has no usable {MERGE_FILE}.",
                "Name a folder that `herdwick finetune merge` wrote.",
            ) from error
