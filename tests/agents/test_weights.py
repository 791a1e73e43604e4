import hashlib

from herdwick.agents.embedded import EmbeddedConfig
from herdwick.agents.models import EmbeddedModel, load_model
from herdwick.agents.weights import Weights


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_embedded_weights_are_the_contents_of_base_and_the_domains_adapter(tmp_path):
    for name in ("base", "aminer", "bgp"):
        (tmp_path / name).write_bytes(name.encode())
    adapters = tuple((domain, tmp_path / domain) for domain in ("aminer", "bgp"))
    model = EmbeddedModel(EmbeddedConfig(tmp_path / "base", adapters))
    assert model.weights("bgp") == Weights(base=sha256(b"base"), adapter=sha256(b"bgp"))
    assert model.weights("other") == Weights(base=sha256(b"base"))


def test_an_endpoint_is_told_by_url_and_name_without_secrets(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "s3cr3t")
    monkeypatch.setenv("HERDWICK_OPENAI_MODEL", "gpt-9")
    names = ("vllm", "openai", "mine@http://gpu:8000/v1?key=s3cr3t")
    assert [load_model(name).weights("aminer").endpoint for name in names] == [
        "http://127.0.0.1:8000/v1",
        "gpt-9@https://api.openai.com/v1",
        "mine@http://gpu:8000/v1",
    ]
