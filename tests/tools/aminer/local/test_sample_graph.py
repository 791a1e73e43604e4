"""The shipped synthetic sample."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from shutil import copytree

import pytest

from herdwick.tools.aminer.local.sample_graph import sample_graph
from herdwick.tools.aminer.local.store import LocalBackend
from herdwick.tools.errors import DataError


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "herdwick"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A cache folder with the sample in it, to be copied."""
    cache = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("platformdirs.user_cache_path", lambda name: cache / name)
        sample_graph()
    return cache / "herdwick"


@pytest.fixture
def graph(own_cache, built):
    """A copy that an earlier call has left."""
    copytree(built, own_cache)
    return sample_graph()


def test_it_is_large_enough_and_labelled_synthetic(graph):
    with closing(LocalBackend(None)) as backend:
        data = backend.data()
    assert data["synthetic"] is True
    assert data["graph"] == "synthetic sample"
    assert data["records"]["people"] >= 2_000
    assert data["records"]["papers"] >= 6_000


def test_it_is_built_once_without_rejects_or_leftovers(own_cache):
    graph = sample_graph()
    built = graph.stat().st_mtime_ns
    assert sample_graph().stat().st_mtime_ns == built
    assert {path.name for path in own_cache.iterdir()} == {graph.name, f"{graph.name}.sha256"}


@pytest.mark.parametrize("damage", [b"", b"not a graph"])
def test_a_damaged_copy_is_built_again(graph, damage):
    graph.write_bytes(damage)
    with closing(LocalBackend(None)) as backend:
        assert backend.data()["records"]["people"] >= 2_000


def test_a_copy_with_damage_somewhere_is_built_again(graph):
    content = bytearray(graph.read_bytes())
    content[len(content) // 2] ^= 1
    graph.write_bytes(content)
    assert sample_graph() == graph
    assert graph.read_bytes() != content
    with closing(LocalBackend(None)) as backend:
        assert backend.searchPerson(interest="Machine Learning")


@pytest.mark.parametrize("damage", [b"", b"\xff", None])
def test_a_copy_whose_checksum_is_lost_is_built_again(graph, damage):
    checksum = graph.with_name(f"{graph.name}.sha256")
    before, built = checksum.read_bytes(), graph.stat().st_mtime_ns
    if damage is None:
        checksum.unlink()
    else:
        checksum.write_bytes(damage)
    assert sample_graph().stat().st_mtime_ns > built
    assert len(checksum.read_bytes()) == len(before)


def test_a_checksum_that_cannot_be_written_is_an_error(graph):
    checksum = graph.with_name(f"{graph.name}.sha256")
    checksum.unlink()
    checksum.mkdir()
    with pytest.raises(DataError) as caught:
        sample_graph()
    assert caught.value.kind == "no_cache_folder"


def test_a_cache_folder_that_cannot_be_made_is_an_error(own_cache):
    own_cache.parent.parent.mkdir(exist_ok=True)
    own_cache.parent.write_text("a file where the folder should be")
    with pytest.raises(DataError) as caught:
        sample_graph()
    assert caught.value.kind == "no_cache_folder"
    assert "XDG_CACHE_HOME" in caught.value.hint


def test_processes_that_ask_at_the_same_time_all_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        graphs = {future.result() for future in [pool.submit(sample_graph) for _ in range(3)]}
    assert len(graphs) == 1
    LocalBackend(graphs.pop()).close()


def test_every_function_answers_from_it(graph):
    with closing(LocalBackend(None)) as backend:
        person = backend.searchPerson(interest="Machine Learning")[0]
        assert backend.getPersonInterest(person.person_id)[: len(person.interests)] == person.interests
        assert backend.getPersonBasicInfo(person.person_id).name == person.name
        assert backend.getCoauthors(person.person_id)
        representative = backend.getPersonPubs(person.person_id)[0]
        assert backend.searchPublication(representative.title)[0].pub_id == representative.pub_id
        authors = backend.getPublication(representative.pub_id).author_list
        assert person.person_id in {author.person_id for author in authors}
