from herdwick.tools.bgp.engine.report import MAX_PROBLEMS, MAX_REASONS, OTHER_REASONS, ReadReport


def test_reasons_are_counted_and_the_first_problems_kept() -> None:
    report = ReadReport("a")
    for offset in range(30):
        report.skip("malformed AS_PATH", offset)

    assert report.skipped == {"malformed AS_PATH": 30}
    assert (report.skipped_records, len(report.problems)) == (30, MAX_PROBLEMS)


def test_reasons_that_a_file_makes_up_are_counted_together() -> None:
    report = ReadReport("a")
    for safi in range(MAX_REASONS + 50):
        report.skip(f"routes of AFI 1, SAFI {safi}", safi)
    report.skip("routes of AFI 1, SAFI 0", 0)

    assert len(report.skipped) == MAX_REASONS + 1
    assert (report.skipped[OTHER_REASONS], report.skipped["routes of AFI 1, SAFI 0"]) == (50, 2)
