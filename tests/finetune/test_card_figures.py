from herdwick.finetune.card_figures import figures_table

SHARE = {"right": 594, "n": 605, "share": 0.9818, "low": 0.9677, "high": 0.9898}
NONE = {"right": 0, "n": 0, "share": None, "low": 0.0, "high": 1.0}


def test_nothing_measured_is_said() -> None:
    assert figures_table({}) == "Not measured yet."


def test_shares_groups_numbers_and_texts_have_a_row_each() -> None:
    group = {"n": 605, "plan": SHARE, "strict": SHARE | {"right": 582}, "outcomes": {"EM": 582}}
    metrics = {
        "suite": "s",
        "endpoint": "",
        "asked": 682,
        "all": group,
        "refusals": SHARE,
        "seconds": {"p95": 1.0},
    }

    assert figures_table(metrics).splitlines() == [
        "| figure | value |",
        "|---|---|",
        "| suite | s |",
        "| asked | 682 |",
        "| all | plan 594 of 605: 98.2% (96.8% to 99.0%); answer 582 of 605: 96.2% (96.8% to 99.0%) |",
        "| refusals | 594 of 605: 98.2% (96.8% to 99.0%) |",
        "| seconds / p95 | 1 |",
    ]


def test_a_group_in_which_no_plan_was_asked_for() -> None:
    row = figures_table({"tags": {"refusal": {"plan": NONE, "strict": SHARE}}}).splitlines()[-1]

    assert row.startswith("| tags / refusal | plan none asked; answer 594 of 605")


def test_single_intents_stay_in_the_file() -> None:
    tags = {"intent:pubs.list": {"plan": SHARE, "strict": SHARE}, "own": SHARE}

    assert "intent:" not in figures_table({"tags": tags})
    assert "| tags / own |" in figures_table({"tags": tags})
    assert figures_table({"templates": {"t": {"plan": SHARE, "strict": SHARE}}}) == "Not measured yet."
