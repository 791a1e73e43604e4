"""llama.cpp and transformers must be the same model, tokenizer included."""

import json
import shutil
from pathlib import Path

import httpx
import pytest

from herdwick.finetune.gguf_model import read_model, write_model
from herdwick.finetune.parity import LlamaEngine
from herdwick.finetune.recipe import FinetuneError

from .tiny_llama import save_llama

torch = pytest.importorskip("torch", reason="needs herdwick[finetune]")

TEXT = (
    "Which prefixes does AS 64500 announce?\nfinal_result = [row['prefix'] for row in origins(asn=64500)]\n"
)
LLAMA_3_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
LINEAR_ROPE = {"rope_type": "linear", "rope_theta": 10_000.0, "factor": 2.0}


def make_model(folder: Path, *, rope: dict[str, object] | None = None, tied: bool = False) -> Path:
    """An untrained llama whose small byte-pair vocabulary cuts numbers into digits, as SmolLM2 does."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    pairs = Tokenizer(models.BPE())
    steps = [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    pairs.pre_tokenizer = pre_tokenizers.Sequence(steps)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<end>", "<pad>"]
    pairs.train_from_iterator(
        [TEXT], trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=alphabet)
    )
    scaled = {"rope_parameters": rope} if rope else {}
    return save_llama(folder, pairs, seed=4, spare_rows=6, tie_word_embeddings=tied, **scaled)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "plain")


def weights(folder: Path) -> dict:
    from safetensors.numpy import load_file

    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("tied", [False, True])
def test_float32_comes_back_bit_by_bit(tmp_path: Path, tied: bool) -> None:
    before = make_model(tmp_path / "before", tied=tied)

    write_model(before, tmp_path / "model.gguf", "f32")
    read_model(tmp_path / "model.gguf", tmp_path / "after")

    first, second = weights(before), weights(tmp_path / "after")
    assert first.keys() == second.keys()
    assert [key for key in first if (first[key] != second[key]).any()] == []


@pytest.mark.parametrize(("quantization", "nearness"), [("f16", 2**-11), ("q8_0", 2**-7)])
def test_quantized_weights_come_back_as_near_as_they_can_be(
    model: Path, tmp_path: Path, quantization, nearness: float
) -> None:
    write_model(model, tmp_path / "model.gguf", quantization)
    read_model(tmp_path / "model.gguf", tmp_path / "after")

    first, second = weights(model), weights(tmp_path / "after")
    worst = max(abs(first[key] - second[key]).max() / abs(first[key]).max() for key in first)
    assert 0 < worst < nearness


def test_what_comes_back_has_the_same_shape_and_tokens(model: Path, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoTokenizer

    write_model(model, tmp_path / "model.gguf", "f16")
    read_model(tmp_path / "model.gguf", tmp_path / "after")

    names = ("hidden_size", "num_key_value_heads", "head_dim", "rms_norm_eps", "vocab_size", "eos_token_id")
    shapes = [AutoConfig.from_pretrained(folder) for folder in (model, tmp_path / "after")]
    assert [getattr(shapes[0], name) for name in names[:-1]] == pytest.approx(
        [getattr(shapes[1], name) for name in names[:-1]]
    )
    tokens = [AutoTokenizer.from_pretrained(folder).get_vocab() for folder in (model, tmp_path / "after")]
    assert tokens[0].items() <= tokens[1].items()


class Server(LlamaEngine):
    """llama.cpp, asked for tokens too."""

    def tokens(self, text: str) -> list[int]:
        address = f"{self._server.listening_address}/tokenize"
        body = {"content": text, "add_special": True}
        return httpx.post(address, json=body, trust_env=False).json()["tokens"]


@pytest.mark.parametrize("rope", [None, LLAMA_3_ROPE], ids=["plain rope", "llama 3 rope"])
def test_llama_cpp_writes_what_transformers_would(tmp_path: Path, rope: dict[str, object] | None) -> None:
    pytest.importorskip("xllamacpp", reason="needs herdwick[local]")
    from herdwick.finetune.base_model import load_base

    folder = make_model(tmp_path / "model", rope=rope)
    write_model(folder, tmp_path / "model.gguf", "f32")
    model, tokenizer = load_base(str(folder))
    head = tokenizer(TEXT).input_ids

    written = Server(tmp_path / "model.gguf").answer(TEXT, prompt_tokens=len(head), max_tokens=64)

    with torch.inference_mode():
        logits = model(torch.tensor([[*head, *written.ids]])).logits[0, len(head) - 1 : -1]
    chosen = torch.log_softmax(logits, -1).max(-1)
    behind = chosen.values - torch.log_softmax(logits, -1)[range(len(written.ids)), written.ids]
    # A tie may be decided otherwise; llama.cpp keeps keys and values in float16.
    assert behind.max() < 0.02
    assert len(written.ids) == 64


def test_llama_cpp_cuts_text_into_the_same_tokens(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="needs herdwick[local]")
    from transformers import AutoTokenizer

    write_model(model, tmp_path / "model.gguf", "q8_0")
    server, tokenizer = Server(tmp_path / "model.gguf"), AutoTokenizer.from_pretrained(model)

    for text in (TEXT, "AS64500 and 2001:db8::/32", "naïve 北京 \t x  y\n\n", "it's 12345"):
        assert server.tokens(text) == tokenizer(text).input_ids, text


def changed(model: Path, folder: Path, file: str, **changes: object) -> Path:
    copy = shutil.copytree(model, folder / "changed")
    content = json.loads((copy / file).read_text())
    (copy / file).write_text(json.dumps(content | changes))
    return copy


@pytest.mark.parametrize(
    ("file", "changes", "kind"),
    [
        ("config.json", {"model_type": "mistral"}, "not_llama"),
        ("config.json", {"attention_bias": True}, "not_llama"),
        ("config.json", {"rope_parameters": LINEAR_ROPE}, "unsupported_rope"),
        ("tokenizer.json", {"pre_tokenizer": {"type": "Whitespace"}}, "unknown_tokenizer"),
    ],
)
def test_what_llama_cpp_would_run_otherwise_is_refused(
    model: Path, tmp_path: Path, file: str, changes: dict[str, object], kind: str
) -> None:
    source = changed(model, tmp_path, file, **changes)

    with pytest.raises(FinetuneError) as failure:
        write_model(source, tmp_path / "model.gguf", "f16")

    assert failure.value.kind == kind
    assert not list(tmp_path.glob("model.gguf*"))


def test_rotary_factors_that_transformers_would_lose_are_refused(tmp_path: Path) -> None:
    write_model(make_model(tmp_path / "model", rope=LLAMA_3_ROPE), tmp_path / "model.gguf", "f16")

    with pytest.raises(FinetuneError) as failure:
        read_model(tmp_path / "model.gguf", tmp_path / "after")

    assert failure.value.kind == "scaled_rope"


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.gguf").write_bytes(b"noise" * 100)

    for file in (tmp_path / "none.gguf", tmp_path / "noise.gguf"):
        with pytest.raises(FinetuneError) as failure:
            read_model(file, tmp_path / "after")
        assert failure.value.kind == "no_model"


@pytest.fixture(scope="module")
def parts(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model with its weights in several files."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("models") / "parts"
    AutoModelForCausalLM.from_pretrained(model).save_pretrained(folder, max_shard_size="50KB")
    AutoTokenizer.from_pretrained(model).save_pretrained(folder)
    return folder


def test_weights_in_several_files_are_one_model(model: Path, parts: Path, tmp_path: Path) -> None:
    assert len(list(parts.glob("*.safetensors"))) > 2

    for source in (model, parts):
        write_model(source, tmp_path / f"{source.name}.gguf", "f16")
        read_model(tmp_path / f"{source.name}.gguf", tmp_path / f"{source.name}-after")

    first, second = weights(tmp_path / "plain-after"), weights(tmp_path / "parts-after")
    assert [key for key in first if (first[key] != second[key]).any()] == []


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda part: part.write_bytes(b"half")], ids=["missing", "cut"]
)
def test_a_model_without_one_of_its_parts_is_refused(parts: Path, tmp_path: Path, harm) -> None:
    copy = shutil.copytree(parts, tmp_path / "copy")
    harm(min(copy.glob("*.safetensors")))

    with pytest.raises(FinetuneError) as failure:
        write_model(copy, tmp_path / "model.gguf", "f16")

    assert failure.value.kind == "no_model"
    assert not list(tmp_path.glob("model.gguf*"))
