"""Zstandard files, whole and cut short."""

import io
import time

import pytest
import zstandard

from herdwick.tools.aminer.local.zstd import ZstdFile

TEXT = b"one line\n" * 20_000


def decompress(data: bytes) -> bytes:
    return io.BufferedReader(ZstdFile(io.BytesIO(data))).read()


def test_a_frame_is_read():
    assert decompress(zstandard.compress(TEXT)) == TEXT


def test_frames_behind_one_another_are_one_stream():
    assert decompress(zstandard.compress(TEXT) + zstandard.compress(b"end")) == TEXT + b"end"


def test_an_empty_file_is_empty():
    assert decompress(b"") == b""


def test_an_empty_frame_is_empty():
    assert decompress(zstandard.compress(b"")) == b""


@pytest.mark.parametrize("kept", [5, 12, -1])
def test_a_frame_that_is_cut_short_is_an_error(kept):
    with pytest.raises(EOFError):
        decompress(zstandard.compress(TEXT)[:kept])


def test_other_data_is_an_error():
    with pytest.raises(zstandard.ZstdError):
        decompress(b"no frame at all")


def test_what_expands_thousandfold_is_read_in_small_pieces_without_copying_the_rest():
    size = 32 * 2**20
    file = io.BufferedReader(ZstdFile(io.BytesIO(zstandard.compress(bytes(size)))), buffer_size=512)
    started = time.process_time()
    assert sum(len(file.read(512)) for _ in range(size // 512)) == size
    # Copying what is left 65,536 times would move a terabyte.
    assert time.process_time() - started < 20
