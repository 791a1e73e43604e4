"""The teacher loop: a large model continues hand-written tasks, and what it writes is judged.

from herdwick.selfinstruct.teacher.config import load_config
from herdwick.selfinstruct.teacher.generate import generate

report = generate(load_config("bgp_knowledge"), Path("runs/knowledge.jsonl"))

The modules in the order in which data flows: `config`, `seeds`, `prompts`, `client`, `reply`, `gate` (with
`lint` and `execution`), `journal`, `records`; `generate` is the loop, `inspection` and `page` show what came
of it.
"""
