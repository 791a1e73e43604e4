from herdwick.tools.bgp.live.speed import bench_decoding, measure_decoding


def test_all_invented_messages_are_decoded_by_all() -> None:
    speed = measure_decoding(100)
    assert speed.messages == 100
    assert speed.elems_per_s > speed.messages_per_s > 0


def test_medians_are_of_as_many_messages() -> None:
    speed = bench_decoding(100, runs=2)
    assert speed.messages == 100
    assert min(speed.ratio_to_json, speed.ratio_to_pydantic) > 0
