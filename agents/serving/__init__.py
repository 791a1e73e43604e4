"""Models behind an OpenAI-compatible endpoint: vLLM on a GPU host, or llama.cpp anywhere.

    herdwick serve --engine vllm --vllm /opt/vllm/bin/vllm
    herdwick serve --engine llamacpp --port 8000
    herdwick ask aminer "…" --model http://127.0.0.1:8000/v1

Both serve one base under the name `base` and each adapter under the name of its domain, so a question gets
its domain's adapter without being told which there are.
"""
