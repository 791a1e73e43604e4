"""How alike instructions and programs are, for a pool that is to stay varied.

    from herdwick.selfinstruct.similarity.rouge import RougeGate
    from herdwick.selfinstruct.similarity.near_duplicates import NearDuplicates
    from herdwick.selfinstruct.similarity.features import instruction_features, program_features
    from herdwick.selfinstruct.similarity.language import is_written_in
    from herdwick.selfinstruct.similarity.contamination import EvaluationQuestions

Importing this package raises a `DataError` where the extra `selfinstruct` is not installed.
"""

from importlib.util import find_spec

from herdwick.tools.errors import DataError

_NEEDED = ("datasketch", "numpy", "py3langid", "rapidfuzz")

if _missing := [name for name in _NEEDED if find_spec(name) is None]:
    raise DataError(
        "not_installed",
        f"Comparing instructions needs {', '.join(_missing)}, not installed here.",
        "In the checkout, run: pip install -e '.[selfinstruct]'",
    )
