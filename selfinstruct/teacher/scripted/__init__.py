"""A teacher that needs no model: it writes tasks from hand-written phrasings, and plants known faults.

    herdwick selfinstruct teach --port 8077 --faults 0.2 --ledger planted.jsonl
    herdwick selfinstruct generate aminer --model scripted@http://127.0.0.1:8077/v1 --out items.jsonl
    herdwick selfinstruct faults planted.jsonl items.jsonl

It is asked over HTTP as any other teacher is, so that the whole loop can be run where there is none, and the
filter can be held against what it should have found. `writer` turns a prompt into a reply, `faults` spoils
tasks, `app` is the endpoint, `ledger` remembers what was planted and finds out what became of it.
"""
