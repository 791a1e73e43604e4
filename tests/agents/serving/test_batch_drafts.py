from herdwick.agents.grammar import solution_grammar
from herdwick.agents.serving.batch_drafts import BatchRequest, request_for
from herdwick.agents.serving.batch_questions import BatchQuestion
from herdwick.tools.domain import get_domain

QUESTION = "How many citations does Ada Quill have?"


def test_a_request_is_what_the_adapter_was_trained_on():
    assert request_for(BatchQuestion(question=QUESTION, domain="aminer")) == BatchRequest(
        adapter="aminer",
        prompt=f"Query: {QUESTION}\nSolution:\n",
        grammar=solution_grammar(QUESTION, get_domain("aminer")),
        max_tokens=256,
    )
