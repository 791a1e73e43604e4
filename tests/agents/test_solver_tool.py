from langchain.agents import create_agent
from langchain_core.tools import BaseTool

from herdwick.agents.answer import Answer
from herdwick.tools.aminer import AMinerToolkit

QUESTION = "How many papers has Ada Quill?"
REPLY = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["num_pubs"]\n'
CALL = {"type": "tool_call", "id": "1", "name": "ask_aminer", "args": {"question": QUESTION}}


def test_tool_says_what_it_knows(make_solver):
    tool = make_solver().as_agent_tool()
    assert isinstance(tool, BaseTool)
    assert tool.name == "ask_aminer"
    assert "Academic people and papers." in tool.description
    assert list(tool.args) == ["question"]


def test_agent_may_know_it_by_another_name(make_solver):
    tool = make_solver().as_agent_tool("librarian", "Knows people.")
    assert (tool.name, tool.description) == ("librarian", "Knows people.")


def test_tool_answers_in_words_with_the_answer_as_artifact(scripted, make_solver):
    scripted.says(REPLY)
    message = make_solver().as_agent_tool().invoke(CALL)
    assert (message.content, message.status) == ("The answer is 12.", "success")
    assert isinstance(message.artifact, Answer)
    assert message.artifact.plan == ["searchPerson"]


async def test_tool_answers_asynchronously(scripted, make_solver):
    scripted.says(REPLY)
    assert (await make_solver().as_agent_tool().ainvoke(CALL)).content == "The answer is 12."


def test_failure_is_told_to_the_agent_with_what_to_do(scripted, make_solver):
    scripted.says("unanswerable: unclear\n")
    message = make_solver().as_agent_tool().invoke(CALL)
    assert message.status == "error"
    assert "does not say whom" in message.content
    assert "Name the person" in message.content


def test_another_agent_uses_it(scripted, make_solver, replies):
    scripted.says(replies.ToolCalls((("ask_aminer", {"question": QUESTION}),)), REPLY, "She has 12 papers.")
    solver = make_solver()
    agent = create_agent(solver.model.endpoint("aminer").chat, tools=[solver.as_agent_tool()])
    messages = agent.invoke({"messages": [("user", "Tell me about Ada Quill's papers.")]})["messages"]
    assert messages[-1].text == "She has 12 papers."
    assert messages[-2].artifact.answer == 12


def test_another_agent_uses_the_toolkit_directly(scripted, make_solver, replies, graph):
    scripted.says(
        replies.ToolCalls((("searchPerson", {"name": "Ada Quill"}),)),
        replies.ToolCalls((("getPersonPubs", {"person_id": "nobody"}),)),
        replies.ToolCalls((("getPersonPubs", {"person_id": "ada"}),)),
        "Ferns in Winter.",
    )
    with AMinerToolkit(graph=graph) as toolkit:
        agent = create_agent(make_solver().model.endpoint("aminer").chat, tools=toolkit.get_tools())
        messages = agent.invoke({"messages": [("user", "What did Ada Quill write?")]})["messages"]
    results = [message for message in messages if message.type == "tool"]
    assert [message.status for message in results] == ["success", "error", "success"]
    assert "there is no person 'nobody'" in results[1].content
    assert results[2].artifact[0].title == "Ferns in Winter"
    assert messages[-1].text == "Ferns in Winter."
