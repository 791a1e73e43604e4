import json
import os

import pytest

QUESTION = "How many citations does Ada Quill have?"


def test_json_is_one_valid_object_and_nothing_else(
    invoke, scripted, model, graph, valid_answer, ada_citations
):
    scripted.says(ada_citations)
    result = invoke("ask", "aminer", QUESTION, "--graph", graph, "--model", model, "--json")
    answer = valid_answer(result.stdout)
    assert (answer["answer"], answer["plan"], answer["status"]) == (340, ["searchPerson"], "ok")
    assert (result.exit_code, result.stderr) == (0, "")


def test_without_json_the_first_line_is_the_answer_and_the_evidence_follows(
    invoke, scripted, model, graph, ada_citations
):
    scripted.says(ada_citations)
    result = invoke("ask", "aminer", QUESTION, "--graph", graph, "--model", model)
    lines = result.stdout.splitlines()
    assert lines[0] == "The answer is 340."
    assert "Plan     searchPerson" in lines
    assert 'Program  final_result = searchPerson(name="Ada Quill")[0]["num_citation"]' in lines
    assert any(line.startswith("Calls    searchPerson(name='Ada Quill')") for line in lines)
    assert any(line.startswith("Data     backend local, graph small.sqlite") for line in lines)
    assert result.exit_code == 0


def test_records_are_shown_as_a_table_whose_text_cannot_recolour_the_terminal(
    invoke, scripted, model, graph, ada_coauthors
):
    scripted.says(ada_coauthors)
    result = invoke("ask", "aminer", "Who works with Ada Quill?", "--graph", graph, "--model", model)
    rows = [line.split() for line in result.stdout.splitlines()[1:4]]
    assert rows[0] == ["person_id", "name", "relation"]
    assert rows[1] == ["1", "p2", "Bo", "Lindqvist", "coauthor"]
    assert "\x1b" not in result.stdout
    assert result.exit_code == 0


def test_a_question_can_come_from_standard_input(invoke, scripted, model, graph, ada_citations):
    scripted.says(ada_citations)
    result = invoke("ask", "aminer", "-", "--graph", graph, "--model", model, "--json", stdin=f"{QUESTION}\n")
    assert json.loads(result.stdout)["question"] == QUESTION


def test_options_may_stand_before_the_domain(invoke, scripted, model, graph, ada_citations):
    scripted.says(ada_citations)
    result = invoke("ask", "--json", "--model", model, "aminer", QUESTION, "--graph", graph)
    assert json.loads(result.stdout)["answer"] == 340


def test_an_answer_that_could_not_be_had_ends_with_1_and_says_why_on_stderr(
    invoke, model, graph, valid_answer
):
    result = invoke("ask", "aminer", "  ", "--graph", graph, "--model", model, "--json")
    assert valid_answer(result.stdout)["error"]["kind"] == "question_empty"
    assert "The question has no words." in result.stderr
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (None, "missing_graph"),
        (b"", "not_a_graph"),
        (b"SQLite format 3\0" + bytes(40), "damaged_graph"),
        (b"hello", "not_a_graph"),
    ],
)
def test_a_graph_that_cannot_be_read_is_an_answer_with_the_reason(
    invoke, model, tmp_path, content, kind, valid_answer
):
    path = tmp_path / "g.sqlite"
    if content is not None:
        path.write_bytes(content)
    result = invoke("ask", "aminer", QUESTION, "--graph", path, "--model", model, "--json")
    answer = valid_answer(result.stdout)
    assert (answer["question"], answer["error"]["kind"], result.exit_code) == (QUESTION, kind, 1)


def test_a_truncated_graph_says_so(invoke, model, graph, tmp_path, valid_answer):
    cut = tmp_path / "cut.sqlite"
    cut.write_bytes(graph.read_bytes()[:5000])
    result = invoke("ask", "aminer", QUESTION, "--graph", cut, "--model", model, "--json")
    assert valid_answer(result.stdout)["error"]["message"] == "cut.sqlite is cut short."


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "nosuch", "Q"],
        ["ask", "aminer"],
        ["ask", "aminer", "Q", "--strategy", "guess"],
        ["ask", "aminer", "Q", "--backend", "guess"],
        ["ask", "aminer", "Q", "--budget", "-1"],
        ["ask", "aminer", "Q", "--max-repairs", "-1"],
        ["ask", "aminer", "Q", "--timeout", "0"],
        ["ask", "aminer", "Q", "--nosuch"],
    ],
)
def test_wrong_usage_ends_with_2_and_prints_nothing_on_stdout_but_help(invoke, arguments):
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("Usage: ")


def test_an_unknown_domain_is_told_which_there_are(invoke):
    assert "There is no domain 'nosuch'. Use one of: aminer" in invoke("ask", "nosuch", "Q").stderr


def test_an_unknown_model_is_wrong_usage_with_an_answer_for_programs(invoke, graph, valid_answer):
    result = invoke("ask", "aminer", QUESTION, "--graph", graph, "--model", "gpt99", "--json")
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == ("unknown_model", 2)


def test_an_endpoint_that_is_down_is_an_answer_with_what_to_do(invoke, graph, valid_answer):
    result = invoke(
        "ask", "aminer", QUESTION, "--graph", graph, "--model", "x@http://127.0.0.1:9/v1", "--json"
    )
    error = valid_answer(result.stdout)["error"]
    assert (error["kind"], result.exit_code) == ("endpoint_down", 1)
    assert "--model embedded" in error["hint"]


def test_no_key_is_ever_printed(herdwick, scripted, graph, ada_citations):
    scripted.models = {"aminer": "vllm"}
    scripted.says(ada_citations)
    result = herdwick(
        "ask",
        "aminer",
        QUESTION,
        "-v",
        "--graph",
        graph,
        "--model",
        scripted.url,
        HERDWICK_API_KEY="s3cr3t-key",
    )
    assert result.returncode == 0
    assert scripted.keys[-1] == "Bearer s3cr3t-key"
    assert "s3cr3t-key" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    "options", [("--cache", "rec", "--replay"), ("--backend", "openalex", "--graph", "g")]
)
def test_options_that_contradict_each_other_are_wrong_usage(invoke, options):
    result = invoke("ask", "aminer", QUESTION, *options)
    assert result.exit_code == 2
    assert "the backend" in result.stderr


def test_of_an_endless_question_only_as_much_is_read_as_shows_it_is_too_long(invoke, graph, valid_answer):
    endless = "who " * 100_000
    result = invoke("ask", "aminer", "-", "--graph", graph, "--model", "vllm", "--json", stdin=endless)
    answer = valid_answer(result.stdout)
    assert answer["error"]["kind"] == "question_too_long"
    assert len(answer["question"]) <= 4_001


SECRET = "SECRETPW"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"http://user:{SECRET}@127.0.0.1:1/v1", "http://…"),
        (f"http://127.0.0.1:1/v1?api_key={SECRET}", "http://127.0.0.1:1/v1"),
        (f"http://user:{SECRET}@127.0.0.1:notaport/v1", "http://…"),
        (f"htp://user:{SECRET}@127.0.0.1/v1", "htp://…"),
    ],
)
def test_a_secret_in_the_url_of_the_model_is_printed_nowhere(invoke, valid_answer, tmp_path, url, shown):
    result = invoke("ask", "aminer", "Q?", "--graph", tmp_path / "no", "--model", url, "--json")
    assert valid_answer(result.stdout)["model"] == shown
    assert SECRET not in result.output


@pytest.mark.parametrize("url", ["http://127.0.0.1:notaport/v1", "http://[::1"])
def test_a_url_that_cannot_be_read_is_wrong_usage(invoke, graph, valid_answer, url):
    result = invoke("ask", "aminer", QUESTION, "--graph", graph, "--model", url, "--json")
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == ("bad_url", 2)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--graph", b"\xff.sqlite"], "missing_graph"),
        (["--model", b"\xff"], "unknown_model"),
        (["--backend", "openalex", "--cache", b"hcx\xff", "--replay"], "cache_unusable"),
    ],
)
def test_bytes_that_are_no_text_come_back_as_valid_json(invoke, valid_answer, options, kind):
    typed = [os.fsdecode(option) for option in options]
    result = invoke("ask", "aminer", QUESTION, "--json", *typed)
    assert valid_answer(result.stdout)["error"]["kind"] == kind


def test_half_a_character_in_the_reply_comes_back_as_valid_json(invoke, scripted, model, graph, valid_answer):
    scripted.says('searchPerson\nfinal_result = searchPerson(name="\ud800")')
    result = invoke("ask", "aminer", QUESTION, "--graph", graph, "--model", model, "--json")
    assert valid_answer(result.stdout)["program"] == 'final_result = searchPerson(name="\ufffd")'


def served(scripted, *domains: str) -> str:
    scripted.models = dict.fromkeys(domains, "vllm")
    return scripted.url


def test_without_a_domain_the_words_of_the_question_choose_it(invoke, scripted, valid_answer):
    scripted.says("count_updates\nfinal_result = count_updates()[0]['withdrawals']")
    url = served(scripted, "aminer", "bgp")
    result = invoke("ask", "How many prefixes were withdrawn?", "--model", url, "--json")
    answer = valid_answer(result.stdout)
    assert (answer["domain"], answer["answer"], result.exit_code) == ("bgp", 137, 0)
    assert (scripted.requests[-1]["model"], result.stderr) == ("bgp", "")


def test_people_are_told_which_domain_was_chosen_and_why(invoke, scripted, graph, ada_citations):
    scripted.says(ada_citations, ada_citations)
    url = served(scripted, "aminer", "bgp")
    result = invoke("ask", QUESTION, "--graph", graph, "--model", url)
    assert result.stdout.startswith("The answer is 340.\n")
    assert result.stderr == "Domain aminer: for --graph.\n"
    chosen, *warnings = invoke("ask", QUESTION, "--model", url).stderr.splitlines()
    assert chosen == "Domain aminer: for citations."
    assert warnings == [
        "Warning: In synthetic sample nobody is called 'Ada Quill', so that nothing was found by it."
    ]


def test_an_option_of_one_domain_decides_against_the_words(
    invoke, scripted, graph, ada_citations, valid_answer
):
    scripted.says(ada_citations)
    question = "Which updates did the peers announce?"
    url = served(scripted, "aminer", "bgp")
    result = invoke("ask", question, "--graph", graph, "--model", url, "--json")
    assert valid_answer(result.stdout)["domain"] == "aminer"


def test_a_question_without_a_domain_may_come_from_standard_input(invoke, scripted, valid_answer):
    scripted.says("count_updates\nfinal_result = count_updates()[0]['withdrawals']")
    url = served(scripted, "aminer", "bgp")
    result = invoke("ask", "-", "--model", url, "--json", stdin="How many withdrawals by AS64496?\n")
    answer = valid_answer(result.stdout)
    assert (answer["question"], answer["domain"]) == ("How many withdrawals by AS64496?", "bgp")


def test_where_words_decide_nothing_the_first_model_that_does_not_refuse_answers(
    invoke, scripted, valid_answer
):
    url = served(scripted, "aminer", "bgp")
    told = "count_updates\nfinal_result = count_updates()[0]['withdrawals']"
    scripted.says("unanswerable: off_topic", told, "unanswerable: off_topic", told)
    answer = valid_answer(invoke("ask", "How many?", "--model", url, "--json").stdout)
    assert (answer["domain"], answer["answer"]) == ("bgp", 137)
    assert [request["model"] for request in scripted.requests] == ["aminer", "bgp"]
    assert invoke("ask", "How many?", "--model", url).stderr == "Domain bgp: aminer refused.\n"


def test_where_every_model_refuses_the_question_is_refused(invoke, scripted, valid_answer):
    url = served(scripted, "aminer", "bgp")
    scripted.says(*["unanswerable: off_topic"] * 2)
    result = invoke("ask", "How high is the moon?", "--model", url, "--json")
    answer = valid_answer(result.stdout)
    assert (answer["error"]["kind"], answer["domain"], result.exit_code) == ("refused", "aminer", 1)


def test_a_bad_option_without_a_domain_is_wrong_usage(invoke, valid_answer):
    result = invoke("ask", QUESTION, "--graph", "g", "--backend", "openalex", "--json")
    assert (valid_answer(result.stdout)["error"]["kind"], result.exit_code) == ("bad_usage", 2)
    unknown = invoke("ask", QUESTION, "--model", "gpt99", "--json")
    assert (valid_answer(unknown.stdout)["error"]["kind"], unknown.exit_code) == ("unknown_model", 2)


def test_help_says_that_the_domain_may_be_left_out(invoke):
    shown = " ".join(invoke("ask", "--help").stdout.split())
    assert "Where no domain is named, the words of the question choose it" in shown
    assert 'herdwick ask "How many citations does Olga Zhuravlev have?"' in shown
