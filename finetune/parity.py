"""Whether llama.cpp, with the GGUF adapter, chooses the tokens that PEFT chooses.

    engine = LlamaEngine(base_gguf, adapter_gguf)
    report = compare(model, tokenizer, engine, prompts)
    report.same, report.questions          # 50, 50
    report.differing[0].peft_gap           # how near a tie the first difference was, in nats

llama.cpp writes greedily; PEFT then reads each answer in one pass and is asked, at every token, which it
would have chosen. The two greedy answers are equal exactly when PEFT agrees at every token, since up to the
first disagreement both have read the same text.
"""

import itertools
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from herdwick.finetune.base_model import base_folder, load_base
from herdwick.finetune.data import read_texts
from herdwick.finetune.gguf_adapter import read_adapter
from herdwick.finetune.gguf_base import write_float32
from herdwick.finetune.lora import load_adapter
from herdwick.finetune.recipe import FinetuneError
from herdwick.tools.base_gguf import WHEEL, find_base_gguf

if TYPE_CHECKING:
    import torch

MAX_TOKENS = 192
"""Longest answer compared; gold completions of the AMiner domain have up to about 150 tokens."""

TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Difference:
    """The first token of an answer at which the engines part.

    Attributes:
        prompt: The prompt.
        position: Number of tokens they agreed on.
        peft: PEFT's choice.
        llama: llama.cpp's choice.
        peft_gap: Log-probability of PEFT's choice minus that of llama.cpp's choice, under PEFT, in nats.
        llama_gap: Log-probability of llama.cpp's choice minus its runner-up's, under llama.cpp, in nats.
    """

    prompt: str
    position: int
    peft: str
    llama: str
    peft_gap: float
    llama_gap: float


@dataclass(frozen=True)
class ParityReport:
    """How far two engines agree.

    Attributes:
        questions: Prompts compared.
        tokens: Tokens that llama.cpp wrote for them.
        agreed_tokens: Tokens before the first difference, over all prompts.
        differing: The first difference of each prompt that has one.
        changed_by_adapter: Prompts that llama.cpp answers otherwise without the adapter.
        smallest_gap: Smallest gap between PEFT's first and second choice at a token both chose, in nats.
    """

    questions: int
    tokens: int
    agreed_tokens: int
    differing: tuple[Difference, ...]
    changed_by_adapter: int
    smallest_gap: float

    @property
    def same(self) -> int:
        """Prompts with the same answer, token by token."""
        return self.questions - len(self.differing)


@dataclass(frozen=True)
class LlamaAnswer:
    """What llama.cpp wrote.

    Attributes:
        ids: Tokens, with the end-of-sequence token if the answer is complete.
        gaps: Log-probability of each written token minus its runner-up's, in nats; NaN where llama.cpp does
            not say.
    """

    ids: tuple[int, ...]
    gaps: tuple[float, ...]


class LlamaEngine:
    """llama.cpp in this process, with at most one adapter, which can be left out of an answer.

    Args:
        base: GGUF file of the base model.
        adapter: GGUF file of the adapter, None for the base alone.
        threads: CPU threads.

    Raises:
        FinetuneError: llama.cpp is not installed, or cannot load the files.
    """

    def __init__(self, base: Path, adapter: Path | None = None, *, threads: int = 2) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise FinetuneError(
                "no_engine", "llama.cpp is not installed.", "In the checkout, run: pip install -e '.[local]'"
            ) from error
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(base)
        if adapter:
            lora = xllamacpp.CommonAdapterLoraInfo()
            lora.path, lora.scale = str(adapter), 0.0
            parameters.lora_adapters = [lora]
        parameters.n_ctx = 1024
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        parameters.port = 0
        parameters.ui = False
        parameters.warmup = False
        parameters.verbosity = 0
        try:
            self._server = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise FinetuneError(
                "bad_model",
                f"llama.cpp cannot load {base.name} with {adapter.name if adapter else 'no adapter'}.",
                "A file is damaged, or the adapter was made for another base.",
            ) from error

    def answer(
        self, prompt: str, *, prompt_tokens: int, scale: float = 1.0, max_tokens: int = MAX_TOKENS
    ) -> LlamaAnswer:
        """The greedy answer to `prompt`.

        Args:
            prompt: The prompt.
            prompt_tokens: Tokens it must have; the comparison is void if llama.cpp cuts it otherwise.
            scale: Of the adapter; 0 leaves it out.
            max_tokens: Longest answer.

        Raises:
            FinetuneError: The prompt has another number of tokens here, or the request failed.
        """
        request = {
            "prompt": prompt,
            "temperature": 0,
            "n_predict": max_tokens,
            "n_probs": 2,
            "return_tokens": True,
            "cache_prompt": False,
            "lora": [{"id": 0, "scale": scale}],
        }
        # A proxy from the environment would be asked for a server on this machine.
        response = httpx.post(
            f"{self._server.listening_address}/completion", json=request, timeout=TIMEOUT_S, trust_env=False
        )
        if response.is_error:
            raise FinetuneError("engine_failed", f"llama.cpp answered {response.text}.")
        body = response.json()
        if body["tokens_evaluated"] != prompt_tokens:
            read = body["tokens_evaluated"]
            raise FinetuneError(
                "other_tokens", f"llama.cpp reads {read} tokens, transformers {prompt_tokens}: {prompt!r}"
            )
        ids = tuple(body["tokens"])
        return LlamaAnswer(ids, tuple(_gaps(ids, body["completion_probabilities"])))


def _gaps(ids: Sequence[int], reported: Sequence[dict[str, Any]]) -> Iterator[float]:
    """The gap of each token; a token that ends in the middle of a character is not reported, and has none."""
    rest = iter(reported)
    entry = next(rest, None)
    for token in ids:
        if entry is None or entry["id"] != token:
            yield math.nan
            continue
        first, second = (top["logprob"] for top in entry["top_logprobs"])
        yield first - second
        entry = next(rest, None)


def check_file(file: Path, prompts: Sequence[str], *, base: str = WHEEL, exact: bool = False) -> ParityReport:
    """Compare both engines with the GGUF adapter `file`: llama.cpp loads it, PEFT what it unpacks to.

    Args:
        file: GGUF adapter.
        prompts: Texts to be continued.
        base: As in a recipe; llama.cpp runs the installed GGUF.
        exact: Give llama.cpp the base in float32, so that only the adapter's conversion is judged.

    Raises:
        FinetuneError: A file cannot be loaded, or llama.cpp is not installed.
    """
    folder = base_folder(base)
    with tempfile.TemporaryDirectory() as unpacked:
        read_adapter(file, Path(unpacked), base=folder)
        model, tokenizer = load_base(folder)
        model = load_adapter(model, unpacked)
    if not exact:
        return compare(model, tokenizer, LlamaEngine(find_base_gguf(), file), prompts)
    with tempfile.TemporaryDirectory() as rewritten:
        whole = Path(rewritten) / "base.gguf"
        write_float32(find_base_gguf(), whole)
        return compare(model, tokenizer, LlamaEngine(whole, file), prompts)


def read_prompts(file: Path, count: int) -> list[str]:
    """The first `count` prompts of a training or evaluation file.

    Raises:
        FinetuneError: The file cannot be read or has fewer.
    """
    prompts = [prompt for prompt, _ in itertools.islice(read_texts(file), count)]
    if len(prompts) < count:
        raise FinetuneError("no_data", f"{file} has {len(prompts)} prompts, {count} are asked for.")
    return prompts


def compare(model: Any, tokenizer: Any, engine: LlamaEngine, prompts: Sequence[str]) -> ParityReport:
    """Compare the greedy answers of PEFT and llama.cpp to every prompt.

    Args:
        model: The PEFT model in float32, in evaluation mode.
        tokenizer: Its tokenizer.
        engine: llama.cpp with the same base and adapter.
        prompts: Texts to be continued.
    """
    readings, changed = [], 0
    for prompt in prompts:
        head = tokenizer(prompt, add_special_tokens=False).input_ids
        written = engine.answer(prompt, prompt_tokens=len(head))
        bare = engine.answer(prompt, prompt_tokens=len(head), scale=0.0, max_tokens=len(written.ids))
        changed += written.ids != bare.ids
        readings.append(_read_along(model, tokenizer, prompt, head, written))
    return ParityReport(
        questions=len(readings),
        tokens=sum(reading.tokens for reading in readings),
        agreed_tokens=sum(reading.agreed for reading in readings),
        differing=tuple(reading.difference for reading in readings if reading.difference),
        changed_by_adapter=changed,
        smallest_gap=min(reading.smallest_gap for reading in readings),
    )


@dataclass(frozen=True)
class _Reading:
    """One answer of llama.cpp, read along by PEFT."""

    tokens: int
    agreed: int
    smallest_gap: float
    difference: Difference | None


def _read_along(
    model: Any, tokenizer: Any, prompt: str, head: Sequence[int], written: LlamaAnswer
) -> _Reading:
    scores = _log_probabilities(model, head, written.ids)
    choices = scores.argmax(-1).tolist()
    pairs = enumerate(zip(choices, written.ids, strict=True))
    agreed = next((at for at, (peft, llama) in pairs if peft != llama), len(choices))
    best = scores[:agreed].topk(2).values
    smallest_gap = float((best[:, 0] - best[:, 1]).min()) if agreed else math.inf
    if agreed == len(choices):
        return _Reading(len(choices), agreed, smallest_gap, None)
    peft, llama = choices[agreed], written.ids[agreed]
    difference = Difference(
        prompt=prompt,
        position=agreed,
        peft=tokenizer.decode([peft]),
        llama=tokenizer.decode([llama]),
        peft_gap=float(scores[agreed, peft] - scores[agreed, llama]),
        llama_gap=written.gaps[agreed],
    )
    return _Reading(len(choices), agreed, smallest_gap, difference)


def _log_probabilities(model: Any, head: Sequence[int], tail: Sequence[int]) -> "torch.Tensor":
    """What PEFT thinks of every token at each place of `tail`, given all before it."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([[*head, *tail]])).logits[0, len(head) - 1 : -1]
    return torch.log_softmax(logits.float(), dim=-1)
