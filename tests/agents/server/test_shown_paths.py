from pathlib import Path

import pytest

from herdwick.agents.server.shown_paths import ShownPaths
from herdwick.tools.bgp.options import BGPOptions

QUESTION = "Which prefixes have several origins at the same time?"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("/srv/my data/rrc00/rib.gz is empty.", "rrc00/rib.gz is empty."),
        ("Is a directory: '/srv/my data/sub'", "Is a directory: 'sub'"),
        ("/var/cache/herdwick/rib.gz cannot be written.", "rib.gz cannot be written."),
        ("GET /openapi.json at http://127.0.0.1:8000/v1/models", None),
        ("10.0.0.0/8 and 2001:db8::/32 of rrc00/rib.gz", None),
    ],
)
def test_files_are_told_without_where_they_lie(written, told):
    assert ShownPaths(Path("/srv/my data")).text(written) == (told or written)


@pytest.mark.parametrize(
    ("field", "name", "told"),
    [
        ("files", ["sub/notes.txt"], "sub/notes.txt is not an MRT file."),
        ("files", ["sub/empty"], "The folder sub/empty holds no MRT file."),
        ("relationships", "sub", "sub is no regular file."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_the_name_in_the_request(
    serve, scripted, data_folder, field, name, told
):
    (data_folder / "sub" / "empty").mkdir(parents=True)
    (data_folder / "sub" / "notes.txt").write_text("hello")
    scripted.models = {"bgp": "vllm"}
    scripted.answer_with = lambda _: "moas\nfinal_result = moas()"
    running = serve(domains={"bgp": BGPOptions()}, data_folder=data_folder, max_repairs=0)
    response = running.ask(QUESTION, domain="bgp", **{field: name})
    assert (response.status_code, response.json()["error"]["message"]) == (503, told)
    assert str(data_folder.parent) not in response.text
