QUESTION = "How many papers has Ada Quill?"
REPLY = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["num_pubs"]\n'
WRONG = 'searchPerson\nfinal_result = searchPerson(name="Ada Quill")[0]["papers"]\n'
FENCED = 'Plan: searchPerson\n```python\nfinal_result = searchPerson(name="Ada Quill")[0]["{field}"]\n```'


def test_one_reply_is_enough(scripted, make_solver):
    scripted.says(REPLY)
    answer = make_solver().invoke(QUESTION)
    assert (answer.answer, answer.attempts, len(scripted.requests)) == (12, 1, 1)


def test_tuned_model_is_sampled_again(scripted, make_solver):
    scripted.says(WRONG, REPLY)
    answer = make_solver().invoke(QUESTION)
    assert (answer.answer, answer.attempts) == (12, 2)
    assert [request["temperature"] for request in scripted.requests] == [0, 0.6]


def test_chat_model_is_told_the_error(scripted, make_solver):
    scripted.says(FENCED.format(field="papers"), FENCED.format(field="num_pubs"))
    answer = make_solver(style="chat").invoke(QUESTION)
    assert (answer.answer, answer.attempts) == (12, 2)
    assert "papers" in scripted.requests[1]["messages"][-1]["content"]


def test_chat_model_may_mend_a_person_not_found(scripted, make_solver):
    first = FENCED.format(field="num_pubs").replace("Quill", "Quil1")
    scripted.says(first, FENCED.format(field="num_pubs"))
    answer = make_solver(style="chat").invoke(QUESTION)
    assert (answer.answer, answer.attempts) == (12, 2)
    assert "Ada Quil1" in scripted.requests[1]["messages"][-1]["content"]


def test_unreadable_reply_is_asked_for_again(scripted, make_solver):
    scripted.says("Let me think about that.", FENCED.format(field="num_pubs"))
    assert make_solver(style="chat").invoke(QUESTION).answer == 12


def test_repairs_are_bounded(scripted, make_solver):
    scripted.says(*[WRONG] * 5)
    answer = make_solver(max_repairs=2).invoke(QUESTION)
    assert (answer.status, answer.error.kind, answer.attempts) == ("error", "type", 3)
    assert len(scripted.requests) == 3


def test_no_repair_when_none_is_allowed(scripted, make_solver):
    scripted.says(WRONG, REPLY)
    assert make_solver(max_repairs=0).invoke(QUESTION).attempts == 1


def test_program_that_leaves_its_plan_is_not_run(scripted, make_solver):
    scripted.says('searchPerson -> getPersonPubs\nfinal_result = searchPerson(name="Ada Quill")\n')
    answer = make_solver(max_repairs=0).invoke(QUESTION)
    assert (answer.error.kind, answer.calls) == ("plan", [])


def test_soay_checkpoint_answers_in_its_own_format(scripted, make_solver):
    scripted.says(
        "Route: searhPerson -> getCoauthors\nCode:\n"
        'person_list = searchPerson(name = "Ada Quill")\n'
        'coauthors_list = getCoauthors(person_list[0]["person_id"])\n'
        'final_result = [c["name"] for c in coauthors_list]\n'
    )
    answer = make_solver(style="soay").invoke("Who works with Ada Quill?")
    assert (answer.answer, answer.plan) == (["Bo Lindqvist"], ["searchPerson", "getCoauthors"])


def test_soay_checkpoint_meaning_papers_is_understood(scripted, make_solver):
    scripted.says(
        'Route: searchPerson -> getPublication\nCode:\nperson = searchPerson(name = "Ada Quill")[0]\n'
        'final_result = getPersonPubs(person["person_id"])[0]["year"]\n'
    )
    answer = make_solver(style="soay").invoke("When was the representative work of Ada Quill published?")
    assert (answer.answer, answer.plan) == (2019, ["searchPerson", "getPersonPubs"])
