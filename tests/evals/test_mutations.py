"""Judges that are wrong by one sign or one slice: the tests must tell."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

PROGRAM = """
import importlib.abc, importlib.metadata, importlib.util, json, os, pathlib, sys
# What takes long to import and is not mutated: forked processes have it already.
import langchain_openai, pytest, scipy.stats, statsmodels.stats.contingency_tables
import herdwick.agents.asking, herdwick.agents.models, herdwick.agents.cli.run, langsmith.evaluation, polars
for plugin in importlib.metadata.entry_points(group="pytest11"):
    plugin.load()

class Mutant(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    def __init__(self, name, old, new):
        self.name, self.old, self.new = name, old, new
    def find_spec(self, wanted, path=None, target=None):
        if wanted == self.name:
            sys.meta_path.remove(self)
            self.origin = importlib.util.find_spec(wanted).origin
            return importlib.util.spec_from_loader(wanted, self, origin=self.origin)
    def get_filename(self, _): return self.origin
    def get_data(self, path):
        text = pathlib.Path(self.origin).read_text("utf-8")
        assert text.count(self.old) == 1, f"{self.old!r} occurs {text.count(self.old)} times"
        return text.replace(self.old, self.new).encode()
    def path_stats(self, path): raise OSError

codes, running = {}, {}
def reap():
    child, status = os.wait()
    codes[running.pop(child)] = os.waitstatus_to_exitcode(status)

for at, (name, old, new, tests) in enumerate(json.load(sys.stdin)):
    if len(running) == os.cpu_count():
        reap()
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.meta_path.insert(0, Mutant(name, old, new))
        os._exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests]))
    running[child] = at
while running:
    reap()
print(*(codes[at] for at in sorted(codes)))
"""
PASSED, FAILED = 0, 1
"""Exit codes of pytest; an import that fails has another."""

MUTANTS = [
    ("matching", "# Python takes True for 1; a count is no yes.\n        case (bool()", "case (str()"),
    ("matching", "len(expected) == len(answer) and all", "all"),
    ("matching", "return paired(expected, answer, match, folded)", "return match(expected, answer)"),
    ("matching", "return paired(expected, answer, same, folded)", "return all(map(same, expected, answer))"),
    ("matching", "return not whole and abs", "return abs"),
    ("matching", "form = _WHOLE if", "form = _NUMBER if"),
    ("matching", ".scaleb(-self.decimals - 1)", ".scaleb(-self.decimals)"),
    ("pairing", "queue.append(holders[at])", "pass"),
    ("pairing", "if len(expected) != len(answer):", "if False:"),
    ("phrases", "(denies or not _denied(said, start))", "True"),
    ("phrases", "one.text.startswith(word.text) if word.more else", ""),
    ("phrases", "word.denies and word.clause == said[at].clause", "word.denies"),
    ("phrases", "if kept !=", "if False and kept !="),
    ("values", "and not is_right_without_data(row, answer, loose=loose)", ""),
    ("values", "return chosen is not None and chosen == row", "return chosen != row"),
    ("values", "tuple(short and any(", "tuple(any("),
    ("values", "tolerance=row.tolerance", "tolerance=None"),
    ("values", "else all(made)", "else any(made)"),
    ("values", "2 * sum(made) >= len(made)", "sum(made) >= len(made)"),
    ("values", "loose and short and any", "loose and any"),
    ("values", "for one in (row.answer, *row.also)]", "for one in (row.answer,)]"),
    ("evaluators", "list(expected) == list(plan)", "set(expected) == set(plan)"),
    ("evaluators", "if right and _is_legal(answer.plan, library):", "if right:"),
    ("evaluators", 'if answer.status == "error" and not right:', 'if answer.status == "error":'),
    ("evaluators", "sum(hop * accuracy_by_hop[hop] for hop in", "sum(accuracy_by_hop[hop] for hop in"),
    ("intervals", "self.share * (1 - self.share) *", "self.share *"),
    ("metrics", "for verdict in verdicts if not verdict.answerable)", "for verdict in verdicts)"),
    ("metrics", "_known(rows[name].hop)", "(1,)"),
    ("metrics", "all=_slice(answerable, clusters)", "all=_slice(verdicts, clusters)"),
    ("intervals", "max(0.0, self._center() - self", "max(0.0, self._center() + self"),
    ("comparison", "if after and not before", "if after"),
    ("comparison", "scale * len(gained), scale * len(lost)", "scale * len(lost), scale * len(gained)"),
    ("paired", "len(changed), 0.5).pvalue", "len(changed) + 1, 0.5).pvalue"),
    ("comparison", '"better" if self.second > self.first', '"better" if self.second < self.first'),
    ("knowledge", "Random(f\"{seed}:{row.id}\").shuffle(own)", "len(own)"),
    ("evaluators", "for before, after in itertools.pairwise(plan)", "for before, after in ()"),
    ("trajectory", "one.tool == other.tool and", ""),
    ("trajectory", "if mode == \"strict\":", "if False:"),
    ("trajectory", "return mode == \"superset\" or not left", "return True"),
    ("trajectory", "del left[found]", "pass"),
    ("equivalence", "return self.telling and", "return"),
    ("equivalence", "one.keys() == other.keys() and match(", "match("),
    ("equivalence", "if \"value\" in one]", "if one]"),
    ("judging", "if answer.status == \"ok\" else None", ""),
    ("judging", "right = made == whole", "right = 2 * made >= whole"),
    ("prose_judge", "if (one.judge, one.prompt) != (model.name, judge_prompt()):", "if False:"),
    ("prose_judge", "len(judgement.points) != lengths.get(judgement.id)", "judgement.id not in lengths"),
    ("prose_judge", "found if all(row.id in found", "found if any(row.id in found"),
    ("prose_judge", "if word.startswith(\"no\")", "if word"),
    ("reply_reading", "shown.casefold(): choices[of]", "shown.casefold(): choices[shown]"),
    ("reply_reading", "if len(found) == 1:", "if found:"),
    ("reply_reading", "for at, name in longest if", "for at, name in places if"),
    ("reply_reading", "if len(plain) == 1 and denied <= plain:", "if len(plain) == 1:"),
]  # fmt: skip
TESTS = {
    "matching": ["test_matching.py"],
    "pairing": ["test_pairing.py"],
    "phrases": ["test_phrases.py"],
    "values": ["test_values.py"],
    "evaluators": ["test_evaluators.py"],
    "metrics": ["test_metrics.py"],
    "intervals": ["test_intervals.py"],
    "comparison": ["test_comparison.py"],
    "paired": ["test_paired.py"],
    "knowledge": ["test_knowledge.py"],
    "trajectory": ["test_trajectory.py"],
    "equivalence": ["test_equivalence.py"],
    "judging": ["test_prose_judge.py"],
    "prose_judge": ["test_prose_judge.py"],
    "reply_reading": ["test_reply_reading.py"],
}


@pytest.fixture(scope="module")
def codes():
    """Exit code of a module's tests after each mutation, and after none."""
    changes = [*((name, first, first) for name, first in map(first_line, TESTS)), *MUTANTS]
    asked = [
        [f"herdwick.evals.{module}", old, new, [str(HERE / name) for name in TESTS[module]]]
        for module, old, new in changes
    ]
    command = [sys.executable, "-c", PROGRAM]
    printed = subprocess.run(
        command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, timeout=280, check=True
    ).stdout
    return dict(zip(changes, map(int, printed.split()), strict=True))


def first_line(module):
    source = Path(importlib.util.find_spec(f"herdwick.evals.{module}").origin)
    return module, source.read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("module", TESTS)
def test_the_tests_pass_without_a_mutation(codes, module):
    name, first = first_line(module)
    assert codes[name, first, first] == PASSED


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant[0]}: {mutant[1]}")
def test_a_wrong_judge_fails_a_test(codes, mutant):
    assert codes[mutant] == FAILED
